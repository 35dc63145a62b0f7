"""The set-up token and the creation of the owner."""

import stat

import pytest

from accounts.models import SetUp, User
from accounts.setup import SetUpClosed, check_setup_token, create_owner, ensure_setup_token


def save_olga():
    return User.objects.create_user("olga", password="a long enough phrase")


def test_the_token_is_kept_where_only_its_owner_reads(db, data_dir):
    token = ensure_setup_token()
    file = data_dir / "setup_token"
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (token, 0o600)


def test_the_token_stays_the_same_until_it_is_used(db):
    assert ensure_setup_token() == ensure_setup_token()


def test_there_is_no_token_once_someone_has_an_account(db, data_dir):
    ensure_setup_token()
    save_olga()
    assert (ensure_setup_token(), (data_dir / "setup_token").exists()) == (None, False)


@pytest.mark.parametrize("guess", ["", "wrong", "ü"])
def test_another_text_is_not_the_token(db, guess):
    ensure_setup_token()
    assert check_setup_token(guess) is False


def test_the_token_may_be_pasted_with_spaces_around(db):
    assert check_setup_token(f" {ensure_setup_token()}\n") is True


@pytest.mark.parametrize("guess", ["", "anything"])
def test_nothing_is_the_token_when_none_was_made(guess):
    assert check_setup_token(guess) is False


def test_an_empty_file_is_no_token(data_dir):
    (data_dir / "setup_token").write_text("")
    assert check_setup_token("") is False


def test_the_owner_may_do_everything(db):
    owner = create_owner(save_olga)
    assert (owner.is_superuser, owner.is_staff, SetUp.objects.get().owner) == (True, True, owner)


def test_the_file_goes_when_the_owner_is_there_for_good(db, data_dir, django_capture_on_commit_callbacks):
    ensure_setup_token()
    with django_capture_on_commit_callbacks(execute=True):
        create_owner(save_olga)
        assert (data_dir / "setup_token").exists()
    assert not (data_dir / "setup_token").exists()


def test_a_second_set_up_is_refused(db):
    create_owner(save_olga)
    with pytest.raises(SetUpClosed):
        create_owner(lambda: User.objects.create_user("eve"))
    assert [user.username for user in User.objects.all()] == ["olga"]


def test_a_set_up_that_did_not_see_the_first_is_refused_by_the_key(db, monkeypatch):
    create_owner(save_olga)
    monkeypatch.setattr("accounts.setup.is_set_up", lambda: False)
    with pytest.raises(SetUpClosed):
        create_owner(lambda: User.objects.create_user("eve"))
    assert [user.username for user in User.objects.all()] == ["olga"]
