import stat

from accounts.secret_files import write_secret_file


def test_a_secret_that_is_there_is_left_alone(tmp_path):
    write_secret_file(tmp_path / "key", "first")
    write_secret_file(tmp_path / "key", "second")
    assert (tmp_path / "key").read_text() == "first"


def test_only_its_owner_can_read_a_secret(tmp_path):
    write_secret_file(tmp_path / "new" / "key", "first")
    assert stat.S_IMODE((tmp_path / "new" / "key").stat().st_mode) == 0o600
