"""The checks that name the setting which locks people out (pains O3)."""

import pytest

from accounts.checks import check_addresses, check_rates

PROXIED = {
    "ALLOWED_HOSTS": ["transcribe.example.com"],
    "CSRF_TRUSTED_ORIGINS": ["https://transcribe.example.com"],
    "HTTPS": True,
    "FORWARDED_HEADERS": True,
}


@pytest.fixture
def check(settings):
    def check(**changes):
        for name, value in {**PROXIED, **changes}.items():
            setattr(settings, name, value)
        return check_addresses(None)

    return check


def list_ids(messages):
    return [message.id.removeprefix("accounts.") for message in messages]


def test_the_defaults_are_right(settings):
    assert check_addresses(None) == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"CSRF_TRUSTED_ORIGINS": []},
        {"ALLOWED_HOSTS": [".example.com"], "CSRF_TRUSTED_ORIGINS": ["https://*.example.com"]},
        {"CSRF_TRUSTED_ORIGINS": ["https://transcribe.example.com:8443"]},
        {"ALLOWED_HOSTS": ["[::1]", "10.0.0.5"], "CSRF_TRUSTED_ORIGINS": ["https://[::1]:8443"]},
    ],
)
def test_settings_that_work_are_left_alone(check, changes):
    assert check(**changes) == []


@pytest.mark.parametrize(
    ("host", "right"),
    [
        ("https://a.example", "a.example"),
        ("a.example:8000", "a.example"),
        ("a.example/", "a.example"),
        ("a.example.", "a.example"),
        ("*.a.example", ".a.example"),
        ("[::1]:8000", "[::1]"),
        ("::1", "[::1]"),
    ],
)
def test_a_host_that_never_matches_is_an_error_that_gives_the_right_one(check, host, right):
    (message,) = check(ALLOWED_HOSTS=["transcribe.example.com", host])
    assert (message.id, repr(host) in message.msg) == ("accounts.E001", True)
    assert message.hint.endswith(f" TRANSCRIBE_ALLOWED_HOSTS={right}")


def test_allowing_every_host_is_warned_of(check):
    assert list_ids(check(ALLOWED_HOSTS=["*"])) == ["W001"]


@pytest.mark.parametrize("origin", ["transcribe.example.com", "ftp://transcribe.example.com", "https://"])
def test_an_origin_without_its_scheme_or_host_is_an_error(check, origin):
    assert list_ids(check(CSRF_TRUSTED_ORIGINS=[origin])) == ["E002"]


def test_the_error_about_a_scheme_gives_the_whole_origin(check):
    (message,) = check(CSRF_TRUSTED_ORIGINS=["transcribe.example.com:443"])
    assert message.hint.endswith(" TRANSCRIBE_TRUSTED_ORIGINS=https://transcribe.example.com")


@pytest.mark.parametrize("extra", ["/", "/app", ":443"])
def test_an_origin_that_no_browser_sends_is_an_error_that_gives_the_right_one(check, extra):
    (message,) = check(CSRF_TRUSTED_ORIGINS=[f"https://transcribe.example.com{extra}"])
    assert message.id == "accounts.E003"
    assert message.hint.endswith(" TRANSCRIBE_TRUSTED_ORIGINS=https://transcribe.example.com")


def test_an_origin_whose_host_is_not_allowed_is_warned_of(check):
    (message,) = check(CSRF_TRUSTED_ORIGINS=["https://other.example.com"])
    assert (message.id, message.hint) == ("accounts.W002", "Add other.example.com to TRANSCRIBE_ALLOWED_HOSTS.")


def test_https_without_secure_cookies_is_warned_of(check):
    (message,) = check(HTTPS=False)
    assert (message.id, message.hint) == ("accounts.W003", "Set TRANSCRIBE_HTTPS=1")


def test_an_insecure_origin_with_secure_cookies_is_warned_of(check):
    assert list_ids(check(CSRF_TRUSTED_ORIGINS=["http://transcribe.example.com"])) == ["W004"]


def test_https_without_forwarded_headers_is_warned_of(check):
    (message,) = check(FORWARDED_HEADERS=False)
    assert (message.id, message.hint.startswith("Set TRANSCRIBE_FORWARDED_HEADERS=1")) == ("accounts.W005", True)


def test_a_proxy_before_a_service_that_only_knows_its_local_name_is_warned_of(check):
    assert list_ids(check(ALLOWED_HOSTS=["localhost"], CSRF_TRUSTED_ORIGINS=[])) == ["W006"]


@pytest.mark.parametrize("rate", ["1/second", "10/minute", "120/h"])
def test_a_rate_that_can_be_read_is_left_alone(set_rates, rate):
    set_rates(sign_in=rate)
    assert check_rates(None) == []


@pytest.mark.parametrize("rate", ["10", "0/minute", "ten/minute", "10/fortnight", "-1/minute"])
def test_a_rate_that_cannot_be_read_is_an_error_that_names_it(set_rates, rate):
    set_rates(bearer=rate)
    (message,) = check_rates(None)
    assert (message.id, message.hint) == ("accounts.E004", "Write it like TRANSCRIBE_TOKEN_RATE=10/minute")
