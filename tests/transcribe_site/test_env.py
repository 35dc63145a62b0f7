import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from transcribe_site import env

NAME = "TRANSCRIBE_FOR_A_TEST"


@pytest.fixture
def set_variable(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    return lambda value: monkeypatch.setenv(NAME, value)


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_variable_means_the_default(set_variable, value):
    set_variable(value)
    assert (env.read_str(NAME, "a"), env.read_bool(NAME, True), env.read_int(NAME, 3)) == ("a", True, 3)
    assert (env.read_list(NAME, ["b"]), env.read_choice(NAME, "c", ("c",))) == (["b"], "c")


def test_an_unset_variable_means_the_default(set_variable):
    assert (env.read_str(NAME, "a"), env.read_bool(NAME, True), env.read_float(NAME, 0.5)) == ("a", True, 0.5)


def test_text_is_trimmed(set_variable):
    set_variable(" a b ")
    assert env.read_str(NAME, "") == "a b"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("on", True),
        ("0", False),
        ("False", False),
        ("no", False),
        ("off", False),
    ],
)
def test_yes_and_no_have_several_words(set_variable, value, expected):
    set_variable(value)
    assert env.read_bool(NAME, not expected) is expected


def test_numbers_are_read(set_variable):
    set_variable(" 2.5 ")
    assert env.read_float(NAME, 0) == 2.5


def test_whole_numbers_are_read(set_variable):
    set_variable("42")
    assert env.read_int(NAME, 0) == 42


def test_a_time_zone_is_read(set_variable):
    set_variable("Europe/Berlin")
    assert env.read_time_zone(NAME, "UTC") == "Europe/Berlin"


def test_lists_are_split_at_commas(set_variable):
    set_variable("a.example, b.example,,")
    assert env.read_list(NAME, []) == ["a.example", "b.example"]


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        (lambda: env.read_choice(NAME, "a", ("a", "b")), "c", "'c' is not one of a, b."),
        (
            lambda: env.read_time_zone(NAME, "UTC"),
            "Mars/Olympus",
            "'Mars/Olympus' is not a time zone such as Europe/Berlin.",
        ),
        (lambda: env.read_time_zone(NAME, "UTC"), "../UTC", "'../UTC' is not a time zone such as Europe/Berlin."),
        (lambda: env.read_time_zone(NAME, "UTC"), "Europe", "'Europe' is not a time zone such as Europe/Berlin."),
        (lambda: env.read_bool(NAME, False), "maybe", "'maybe' is neither 1 nor 0."),
        (lambda: env.read_float(NAME, 1), "much", "'much' is not a number."),
        (lambda: env.read_float(NAME, 1, minimum=0.5), "0.4", "0.4 must be a number of at least 0.5."),
        (lambda: env.read_float(NAME, 1), "nan", "nan must be a number of at least 0."),
        (lambda: env.read_float(NAME, 1), "inf", "inf must be a number of at least 0."),
        (lambda: env.read_int(NAME, 1), "1.5", "1.5 is not a whole number."),
    ],
)
def test_what_makes_no_sense_stops_the_start_and_is_named(set_variable, read, value, message):
    set_variable(value)
    with pytest.raises(ImproperlyConfigured) as raised:
        read()
    assert str(raised.value) == f"{NAME}={message}"


def test_a_given_key_is_taken(set_variable, tmp_path):
    set_variable("a key")
    assert env.read_secret_key(NAME, tmp_path / "key") == "a key"
    assert list(tmp_path.iterdir()) == []


def test_a_key_is_made_once_for_its_owner_alone(set_variable, tmp_path):
    file = tmp_path / "data" / "key"
    key = env.read_secret_key(NAME, file)
    assert len(key) >= 64
    assert (env.read_secret_key(NAME, file), stat.S_IMODE(file.stat().st_mode)) == (key, 0o600)


def test_processes_that_start_at_once_agree_on_a_key(set_variable, tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: env.read_secret_key(NAME, tmp_path / "key"), range(8)))
    assert len(set(keys)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_folder_is_made_for_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.setenv(NAME, str(tmp_path / "new" / "data"))
    folder = env.read_folder(NAME, tmp_path, subfolders=("inside",))
    assert (folder, (folder / "inside").is_dir()) == (tmp_path / "new" / "data", True)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_that_is_a_file_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv(NAME, str(tmp_path / "file"))
    with pytest.raises(ImproperlyConfigured, match=f"{NAME}=.*is not a folder to write to"):
        env.read_folder(NAME, tmp_path)


def test_a_wrong_setting_ends_the_command_with_one_line(tmp_path):
    environment = {**os.environ, "TRANSCRIBE_DATA_DIR": str(tmp_path), "TRANSCRIBE_WORKERS": "many"}
    command = [sys.executable, "manage.py", "check"]
    ended = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (
        1,
        "Transcribe can't start: TRANSCRIBE_WORKERS='many' is not a number.\n",
    )


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            env.ADDRESS,
            ["https://a.example", "http://localhost:8000/sub"],
            ["foo", "ftp://a.example", "https://*.example", "https://u:p@a.example", "https://a.example/?a=b"],
        ),
        (env.CONTACT, ["mailto:you@example.org", "https://example.org"], ["foo", "mailto:you", "http://example.org"]),
        (
            env.HOST,
            ["mail.example.org", "localhost", "10.0.0.7", "n8n"],
            ["http://x", "a b", "*.lan", "x:25", "hooks..lan", "-a"],
        ),
        (
            env.SENDER,
            ["a@b.example", "Transcribe <a@b.example>"],
            ["not an address", "<a>", "Transcribe a@b c", "Ä <ä@x.example>"],
        ),
    ],
)
def test_a_text_of_some_kind_is_taken_or_named(monkeypatch, kind, good, bad):
    for text in good:
        monkeypatch.setenv(NAME, text)
        assert env.read_matching(NAME, "", kind) == text
    for text in bad:
        monkeypatch.setenv(NAME, text)
        with pytest.raises(ImproperlyConfigured, match=NAME):
            env.read_matching(NAME, "", kind)
    monkeypatch.delenv(NAME)
    assert env.read_matching(NAME, "none", kind) == "none"


def test_targets_are_hosts_and_networks(monkeypatch):
    monkeypatch.setenv(NAME, "hooks.lan, n8n,10.0.0.0/8,fd00::/8,::1")
    assert env.read_targets(NAME) == ["hooks.lan", "n8n", "10.0.0.0/8", "fd00::/8", "::1"]


@pytest.mark.parametrize(
    "target",
    ["10.0.0.0/33", "10.0.0", "10.0.0.0-10.0.0.9", "hooks..lan", "http://hooks.lan", "hooks.lan:8080", "*.lan"],
)
def test_a_target_that_would_never_match_is_named(monkeypatch, target):
    monkeypatch.setenv(NAME, f"hooks.lan,{target}")
    with pytest.raises(ImproperlyConfigured, match="neither a host"):
        env.read_targets(NAME)


def test_a_number_may_be_too_large(monkeypatch):
    monkeypatch.setenv(NAME, "99999")
    with pytest.raises(ImproperlyConfigured, match="at most 65535"):
        env.read_int(NAME, 25, minimum=1, maximum=65_535)


def test_of_several_origins_the_first_that_is_one_address_is_what_people_open():
    assert env.find_address(["https://*.example.org", "https://a.example", "https://b.example"]) == "https://a.example"
    assert env.find_address(["https://*.example.org"]) == ""
