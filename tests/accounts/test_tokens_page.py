"""The page with one's API tokens."""

import re

import pytest

from accounts.api_tokens import issue_token
from accounts.models import ApiToken

TOKEN = re.compile(r'value="(tr_[0-9a-f]{64})"')


def test_a_new_token_is_shown_once(person_client):
    first = person_client.post("/settings/tokens/", {"name": "Laptop"}, follow=True).content.decode()
    again = person_client.get("/settings/tokens/").content.decode()
    assert (len(TOKEN.findall(first)), TOKEN.findall(again)) == (1, [])


def test_the_token_shown_is_one_that_works(client, person_client):
    text = TOKEN.search(person_client.post("/settings/tokens/", {"name": "Laptop"}, follow=True).content.decode())[1]
    assert client.get("/api/jobs/", HTTP_AUTHORIZATION=f"Bearer {text}").status_code == 200


def test_the_page_with_the_token_is_kept_by_no_cache(person_client):
    assert "no-store" in person_client.post("/settings/tokens/", {"name": "Laptop"}, follow=True)["Cache-Control"]


def test_a_token_expires_only_when_asked(person_client):
    person_client.post("/settings/tokens/", {"name": "for ever"})
    person_client.post("/settings/tokens/", {"name": "for a day", "expires_days": "1"})
    expiring = ApiToken.objects.filter(expiry__isnull=False)
    assert [token.name for token in expiring] == ["for a day"]


@pytest.mark.parametrize(("data", "field"), [({}, "name"), ({"name": "x", "expires_days": "0"}, "expires_days")])
def test_what_is_wrong_is_said_at_its_field(person_client, data, field):
    response = person_client.post("/settings/tokens/", data)
    assert (list(response.context["form"].errors), ApiToken.objects.count()) == ([field], 0)


def test_one_sees_only_one_s_own_tokens(person, owner, person_client):
    issue_token(person, "mine")
    issue_token(owner, "hers")
    assert [token.name for token in person_client.get("/settings/tokens/").context["tokens"]] == ["mine"]


def test_no_digest_is_shown(person, person_client):
    token, _ = issue_token(person, "Laptop")
    assert token.digest not in person_client.get("/settings/tokens/").content.decode()


def test_the_list_takes_as_many_queries_for_three_tokens_as_for_one(person, person_client, count_queries):
    issue_token(person, "Laptop")
    first = count_queries(person_client, "/settings/tokens/")
    for name in ("Phone", "Script"):
        issue_token(person, name)
    assert count_queries(person_client, "/settings/tokens/") == first


def test_deleting_asks_first(person, person_client):
    token, _ = issue_token(person, "Laptop")
    page = person_client.get(f"/settings/tokens/{token.pk}/delete/").content.decode()
    assert ("Delete “Laptop”?" in page, ApiToken.objects.count()) == (True, 1)


def test_a_deleted_token_is_gone_and_the_page_says_so(person, person_client):
    token, _ = issue_token(person, "Laptop")
    response = person_client.post(f"/settings/tokens/{token.pk}/delete/", follow=True)
    assert [str(message) for message in response.context["messages"]] == ["The token “Laptop” was deleted."]
    assert ApiToken.objects.count() == 0


def test_another_s_token_is_not_found(owner, person_client):
    token, _ = issue_token(owner, "hers")
    status = person_client.post(f"/settings/tokens/{token.pk}/delete/").status_code
    assert (status, ApiToken.objects.count()) == (404, 1)
