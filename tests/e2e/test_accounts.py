"""The scripts on the pages of accounts.

They take the set-up token from the address, and copy one-time secrets.
"""

from pathlib import Path

import pytest

from accounts.setup import ensure_setup_token

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse 9"


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture
def token() -> str:
    return ensure_setup_token() or ""


def set_up(page, live_server, token):
    page.goto(f"{live_server.url}/set-up/#{token}")
    page.wait_for_function("document.querySelector('[name=token]').value")
    page.fill("[name=username]", "olga")
    page.fill("[name=password1]", PASSWORD)
    page.fill("[name=password2]", PASSWORD)
    page.click("text=Create the account")


def test_the_set_up_token_moves_from_the_address_into_its_field(token, live_server, page):
    page.goto(f"{live_server.url}/set-up/#{token}")
    page.wait_for_function("document.querySelector('[name=token]').value")
    assert (page.input_value("[name=token]"), page.url) == (token, f"{live_server.url}/set-up/")


def test_the_address_that_was_printed_leads_to_an_account(token, live_server, page):
    set_up(page, live_server, token)
    page.wait_for_url(f"{live_server.url}/")
    assert page.inner_text(".user-name") == "olga"


def test_a_token_shown_once_can_be_copied(token, live_server, page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    set_up(page, live_server, token)
    page.goto(f"{live_server.url}/settings/tokens/")
    page.fill("[name=name]", "Laptop")
    page.click("text=Create token")
    page.wait_for_load_state("load")
    page.click("[data-copy-from]")
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#one-time-secret")
    # A reload sends nothing again, and the secret was shown once.
    page.reload()
    assert (page.locator("#one-time-secret").count(), page.locator("main .list-group-item").count()) == (0, 1)
