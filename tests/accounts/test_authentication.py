"""How programs sign in by token."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from accounts.api_tokens import issue_token
from accounts.authentication import BearerAuthentication
from accounts.models import ApiToken, User


class WhoView(APIView):
    def get(self, request):
        return Response(request.user.username)


class NextAuthentication(BaseAuthentication):
    def authenticate(self, request):
        return User(username="next"), None


class FallbackView(WhoView):
    authentication_classes = [BearerAuthentication, NextAuthentication]


def ask(header, view=WhoView, address="10.0.0.1"):
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=header, REMOTE_ADDR=address)
    return view.as_view()(request)


def test_a_token_signs_its_person_in(person):
    _, text = issue_token(person, "Laptop")
    assert ask(f"Bearer {text}").data == "anna"


def test_the_word_bearer_may_be_written_in_lower_case(person):
    _, text = issue_token(person, "Laptop")
    assert ask(f"bearer {text}").data == "anna"


@pytest.mark.parametrize(
    "header",
    ["Bearer eyJhbGciOi.foreign.token", b"Bearer tr_\xff\xfe", "Bearer", "Bearer ", "Basic dHJfOng=", "Token tr_x", ""],
)
def test_what_is_not_our_token_is_left_to_the_next_authenticator(db, header):
    assert ask(header, FallbackView).data == "next"


@pytest.mark.parametrize("header", ["Bearer tr_wrong", "Bearer tr_two words", "Bearer tr_"])
def test_a_wrong_token_with_our_prefix_is_401(db, header):
    response = ask(header, FallbackView)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_that_begins_like_a_right_one_is_refused(person):
    _, text = issue_token(person, "Laptop")
    assert ask(f"Bearer {text[:-1]}").status_code == 401


def test_an_expired_token_is_refused(person):
    _, text = issue_token(person, "Laptop", expires_days=1)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        assert ask(f"Bearer {text}").status_code == 401


def test_the_token_of_a_deactivated_person_is_refused(person):
    _, text = issue_token(person, "Laptop")
    User.objects.update(is_active=False)
    assert ask(f"Bearer {text}").status_code == 401


def test_too_many_wrong_tokens_are_429_with_the_seconds_to_wait(db, set_rates):
    set_rates(bearer="2/minute")
    answers = [ask("Bearer tr_wrong") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert json.loads(answers[2].content)["code"] == "throttled"


def test_wrong_tokens_from_one_address_do_not_shut_out_another(db, set_rates):
    set_rates(bearer="1/minute")
    ask("Bearer tr_wrong")
    assert ask("Bearer tr_wrong", address="10.0.0.2").status_code == 401


def test_a_right_token_works_beside_wrong_ones_from_the_same_address(person, set_rates):
    set_rates(bearer="1/minute")
    _, text = issue_token(person, "Laptop")
    wrong = [ask("Bearer tr_wrong").status_code for _ in range(2)]
    assert (wrong, ask(f"Bearer {text}").status_code) == ([401, 429], 200)


def test_the_first_use_is_remembered(person):
    token, text = issue_token(person, "Laptop")
    with time_machine.travel("2030-01-01T12:00:00Z", tick=False):
        ask(f"Bearer {text}")
        token.refresh_from_db()
        assert token.last_used == timezone.now()


@pytest.mark.parametrize(("minutes", "writes"), [(59, False), (60, True)])
def test_later_uses_are_written_once_an_hour(person, minutes, writes):
    _, text = issue_token(person, "Laptop")
    first = timezone.now()
    ApiToken.objects.update(last_used=first)
    with time_machine.travel(first + timedelta(minutes=minutes), tick=False):
        ask(f"Bearer {text}")
    assert (ApiToken.objects.get().last_used != first) is writes
