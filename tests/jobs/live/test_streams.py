"""The content of streams, by both transports on both databases."""

import asyncio
import time
import uuid
from datetime import timedelta

import aiohttp
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import ApiToken
from accounts.sign_ins import SignIn, select_valid
from jobs.domain.feed import job_feed
from jobs.live import hub as hubs
from jobs.live import sse, stream
from jobs.live.websocket import EventsConsumer, build_request
from jobs.models import FeedEvent, Job
from tests.jobs.live.conftest import Client


@pytest.fixture(autouse=True)
def close_connection():
    yield
    connection.close()


def publish(person, number=1, job=None):
    """Write events of one job; return its id."""
    job = Job(id=job or uuid.uuid4(), owner_id=person.pk, state="processing", stage="transcribing")
    for count in range(1, number + 1):
        job.progress = count
        job_feed.publish([job], job_feed.PROGRESS)
    return str(job.pk)


def in_thread(function, *arguments):
    """Do what needs the database outside of the loop."""

    def do():
        try:
            return function(*arguments)
        finally:
            connection.close()

    return asyncio.to_thread(do)


def find_types(messages):
    return [message["type"] for message in messages]


def is_hello(message):
    return message["type"] == "hello"


def is_event(message):
    return message["type"] == "job"


def never(_message):
    return False


async def hear(client, happen, until=is_event, seconds=10):
    """Return a client's messages after `happen` was called."""
    found = []
    async with asyncio.timeout(seconds), client.connect() as messages:
        async for message in messages:
            if is_hello(message):
                await in_thread(happen)
            if message["type"] != "heartbeat":
                found.append(message)
            if until(message):
                break
    return found


def test_an_event_tells_all_that_a_card_shows(client_of, anna):
    job = uuid.uuid4()
    hello, event = asyncio.run(hear(client_of(anna), lambda: publish(anna, job=job)))
    assert (hello["version"], hello["heartbeat_seconds"]) == ("0.1.0", 5.0)
    told = {name: event[name] for name in ("type", "job", "kind", "state", "stage", "progress", "title")}
    assert told == {
        "type": "job",
        "job": str(job),
        "kind": "progress",
        "state": "processing",
        "stage": "transcribing",
        "progress": 1,
        "title": "",
    }


def test_what_was_missed_comes_first(client_of, anna):
    client = client_of(anna)
    asyncio.run(client.listen(is_hello))
    job = publish(anna, 3)
    heard = asyncio.run(client.listen(lambda message: message.get("progress") == 3))
    assert [(message.get("job"), message.get("progress")) for message in heard[1:]] == [(job, 1), (job, 2), (job, 3)]
    assert "id" not in heard[0]
    assert find_types(asyncio.run(client.listen(never, 1))) == ["hello"]


@pytest.mark.parametrize("last_id", ["nonsense", "1.2", "9.9.9.9", "0.1.12", "999999999999.5.99999999999", "-1.2.3"])
def test_who_was_away_too_long_looks_at_everything(client_of, anna, last_id):
    client = client_of(anna)
    client.last_id = last_id
    heard = asyncio.run(client.listen(lambda message: message["type"] == "reset"))
    assert find_types(heard) == ["hello", "reset"]
    assert job_feed.Position.parse(heard[1]["id"])
    publish(anna)
    assert find_types(asyncio.run(client.listen(is_event))) == ["hello", "job"]


def test_too_much_to_be_told_is_looked_at(client_of, anna):
    client = client_of(anna)
    asyncio.run(client.listen(is_hello))
    FeedEvent.objects.bulk_create(
        FeedEvent(owner=anna, job_id=uuid.uuid4(), kind="changed", state="pending") for _ in range(1001)
    )
    assert find_types(asyncio.run(client.listen(lambda message: not is_hello(message)))) == ["hello", "reset"]


def test_two_people_never_hear_of_each_other(client_of, anna, boris):
    def happen():
        publish(boris, 2)
        publish(anna)

    own, foreign = client_of(anna), client_of(boris)

    async def hear_both():
        heard = asyncio.create_task(foreign.listen(is_event))
        await foreign.is_greeted.wait()
        return await hear(own, happen), await heard

    mine, theirs = asyncio.run(hear_both())
    assert find_types(mine) == ["hello", "job"]
    assert theirs[1]["job"] != mine[1]["job"]
    # Nor when they ask for what was missed.
    stranger = client_of(boris)
    stranger.last_id = mine[0]["id"]
    missed = asyncio.run(stranger.listen(never, 1))
    assert {message.get("job") for message in missed} == {None, theirs[1]["job"]}


def sign_in(person):
    browser = Browser()
    browser.force_login(person)
    return browser, {"Cookie": f"{settings.SESSION_COOKIE_NAME}={browser.session.session_key}"}


def with_origin(headers, port):
    return {**headers, "Origin": f"http://127.0.0.1:{port}"}


def forget_token(person):
    ApiToken.objects.filter(user=person).delete()


def deactivate(person):
    type(person).objects.filter(pk=person.pk).update(is_active=False)


@pytest.mark.parametrize("lose", [forget_token, deactivate])
def test_who_has_lost_their_right_hears_nothing_more(client_of, anna, transport, lose):
    client = client_of(anna)

    def happen():
        lose(anna)
        publish(anna)

    assert find_types(asyncio.run(hear(client, happen, never))) == ["hello", "signed_out"]
    assert client.code == (4401 if transport == "websocket" else 200)


def test_signing_out_ends_the_stream(client_of, anna, live_web, transport):
    browser, headers = sign_in(anna)
    client = client_of(anna, with_origin(headers, live_web.port))

    def happen():
        browser.logout()
        publish(anna)

    assert find_types(asyncio.run(hear(client, happen, never))) == ["hello", "signed_out"]


def test_a_new_password_ends_the_streams_of_other_browsers(client_of, anna, live_web):
    _, headers = sign_in(anna)
    client = client_of(anna, with_origin(headers, live_web.port))

    def happen():
        anna.set_password("another horse battery")
        anna.save()
        publish(anna)

    assert find_types(asyncio.run(hear(client, happen, never))) == ["hello", "signed_out"]


@pytest.mark.parametrize("version", ["9.0.0", "0.0.1", "words"])
def test_a_page_of_another_version_is_told_so(client_of, anna, transport, version):
    client = client_of(anna)
    (message,) = asyncio.run(client.listen(never, version=version))
    assert (message["type"], message["problem"]["code"]) == ("version_mismatch", "version_mismatch")
    assert message["problem"]["frontend"] == version
    assert client.code == (4409 if transport == "websocket" else 200)


def test_a_page_of_this_version_is_served(client_of, anna):
    assert find_types(asyncio.run(client_of(anna).listen(is_hello, version="0.1.0"))) == ["hello"]


async def fetch(port, method="GET", headers=None, query=""):
    async with aiohttp.ClientSession(headers=headers) as session:
        address = f"http://127.0.0.1:{port}/api/events/{query}"
        async with session.request(method, address) as response:
            return response.status, (await response.json(content_type=None))["code"], response.headers


def test_a_visitor_gets_no_stream(live_web):
    status, code, headers = asyncio.run(fetch(live_web.port))
    assert (status, code, headers["WWW-Authenticate"]) == (401, "not_authenticated", "Bearer")


def test_nothing_but_reading_is_offered(live_web, anna):
    assert asyncio.run(fetch(live_web.port, "POST"))[:2] == (405, "method_not_allowed")


def test_a_visitor_is_told_so_by_websocket(live_web):
    client = Client(live_web.port, "websocket", with_origin({}, live_web.port))
    (message,) = asyncio.run(client.listen(never))
    assert (message["problem"]["code"], client.code) == ("not_authenticated", 4401)


@pytest.mark.parametrize("origin", ["http://evil.example.org", "https://127.0.0.1", "null", None])
def test_a_foreign_page_gets_no_websocket(live_web, anna, origin):
    _, headers = sign_in(anna)
    client = Client(live_web.port, "websocket", {**headers, **({"Origin": origin} if origin else {})})
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        asyncio.run(client.listen(never))


@pytest.mark.parametrize("origin", ["http://[::1", "http://127.0.0.1:99999"])
def test_an_origin_that_is_none_is_foreign(live_web, anna, settings, origin):
    settings.CSRF_TRUSTED_ORIGINS = ["https://transcribe.example.org"]
    _, headers = sign_in(anna)
    client = Client(live_web.port, "websocket", {**headers, "Origin": origin})
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        asyncio.run(client.listen(never))


@pytest.mark.parametrize(
    ("origin", "is_trusted"),
    [
        ("https://a.example.org", True),
        ("https://a.example.org:8443", False),
        ("http://a.example.org", False),
        ("https://a.example.com", False),
    ],
)
def test_pages_of_trusted_origins_may_connect(live_web, anna, settings, origin, is_trusted):
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.example.org"]
    _, headers = sign_in(anna)
    client = Client(live_web.port, "websocket", {**headers, "Origin": origin})
    if is_trusted:
        assert find_types(asyncio.run(client.listen(is_hello))) == ["hello"]
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            asyncio.run(client.listen(never))


@pytest.mark.parametrize(("host", "is_ours"), [("transcribe.example.org", True), ("evil.example.org", False)])
def test_behind_a_proxy_the_page_is_known_by_the_address_that_people_open(live_web, anna, settings, host, is_ours):
    settings.USE_X_FORWARDED_HOST, settings.ALLOWED_HOSTS = True, ["transcribe.example.org"]
    _, headers = sign_in(anna)
    known = {**headers, "X-Forwarded-Host": host, "Origin": f"http://{host}"}
    client = Client(live_web.port, "websocket", known)
    if is_ours:
        assert find_types(asyncio.run(client.listen(is_hello))) == ["hello"]
    else:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            asyncio.run(client.listen(never))


def test_a_page_of_somebody_else_hears_nothing(client_of, anna, boris, transport):
    client = client_of(anna)
    assert find_types(asyncio.run(client.listen(is_hello, person=anna.username))) == ["hello"]
    assert find_types(asyncio.run(client.listen(never, person=boris.username))) == ["signed_out"]
    assert client.code == (4401 if transport == "websocket" else 200)


@pytest.mark.parametrize("number", [1, 3])
def test_sign_ins_are_looked_at_together(anna, number, django_assert_num_queries):
    keys = [sign_in(anna)[0].session.session_key for _ in range(number)]
    asked = [SignIn(anna, anna.pk, session_key=key) for key in [*keys, "", "another"]]
    with django_assert_num_queries(2):
        assert select_valid(asked) == set(asked[:number])


def test_there_is_one_address_for_websockets(live_web, anna):
    async def ask():
        async with aiohttp.ClientSession() as session:
            await session.ws_connect(f"http://127.0.0.1:{live_web.port}/ws/other/")

    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        asyncio.run(ask())


def test_one_person_cannot_have_any_number_of_streams(client_of, anna, transport):
    *clients, one_more = [client_of(anna) for _ in range(hubs.STREAMS_PER_PERSON + 1)]

    async def open_all():
        holding = [asyncio.create_task(client.listen(never, 20)) for client in clients]
        await asyncio.gather(*(client.is_greeted.wait() for client in clients))
        told = await one_more.listen(never)
        for task in holding:
            task.cancel()
        return told, one_more.code

    told, code = asyncio.run(open_all())
    if transport == "websocket":
        assert (told[0]["problem"]["code"], code) == ("too_many_streams", 4429)
    else:
        assert (told, code) == ([], 429)


def test_a_quiet_stream_gives_signs_of_life_and_ends_with_the_session(live_web, anna, monkeypatch):
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.3)
    monkeypatch.setattr(hubs, "CHECK_SECONDS", 0.3)
    browser, headers = sign_in(anna)
    clients = [Client(live_web.port, name, with_origin(headers, live_web.port)) for name in ("sse", "websocket")]

    async def wait(client):
        found = []
        async with asyncio.timeout(20), client.connect() as messages:
            async for message in messages:
                found.append(message["type"])
                if found[-1] == "heartbeat":
                    await in_thread(browser.logout)
        return found

    async def wait_for_both():
        return await asyncio.gather(*(wait(client) for client in clients))

    for found in asyncio.run(wait_for_both()):
        assert found[:2] + found[-1:] == ["hello", "heartbeat", "signed_out"]


def test_more_parameters_than_make_sense_are_refused(live_web, anna):
    _, headers = sign_in(anna)
    found = asyncio.run(fetch(live_web.port, headers=headers, query="?" + "&".join(["a=1"] * 1001)))
    assert found[:2] == (400, "bad_request")


def test_who_has_just_come_is_told_a_place_as_of_now(client_of, anna):
    """The position of a new listener is that of now.

    A day later nothing would be missing after it, though the last event is older.
    """
    publish(anna)
    FeedEvent.objects.update(created_at=timezone.now() - timedelta(hours=23))
    (hello,) = asyncio.run(client_of(anna).listen(is_hello))
    assert time.time() - job_feed.Position.parse(hello["id"]).seconds < 60


def test_a_connection_that_is_cut_off_is_no_error(anna, caplog):
    class Gone(EventsConsumer):
        async def send(self, *_arguments, **_options):
            raise ConnectionResetError

        async def close(self, *_arguments, **_options):
            raise RuntimeError("websocket.close after it was closed")

    async def be_cut_off():
        request = build_request({"path": "/ws/events/", "headers": []})
        await Gone(hubs.Hub()).serve(request)

    asyncio.run(be_cut_off())
    assert caplog.text == ""


def test_who_goes_while_the_stream_opens_is_given_up(anna, monkeypatch):
    has_begun = asyncio.Event()

    async def wait_for_ever(*_arguments):
        has_begun.set()
        await asyncio.Event().wait()

    async def go():
        await has_begun.wait()
        return {"type": "http.disconnect"}

    async def open_and_go():
        monkeypatch.setattr(sse, "open_stream", wait_for_ever)
        scope = {"type": "http", "method": "GET", "path": sse.ADDRESS, "headers": []}
        async with asyncio.timeout(5):
            await sse.answer(None, hubs.Hub(), scope, go, None)

    asyncio.run(open_and_go())


def test_a_stream_whose_beginning_fails_is_forgotten_at_once(anna, monkeypatch):
    request = RequestFactory().get(sse.ADDRESS)

    async def fail(_message):
        raise ConnectionResetError

    async def open_and_fail():
        hub = hubs.Hub()
        monkeypatch.setattr(sse, "require_sign_in", lambda _request: SignIn(anna, anna.pk, session_key="a"))
        monkeypatch.setattr(hubs, "select_valid", set)
        with pytest.raises(ConnectionResetError):
            await sse.serve(None, hub, request, fail)
        return hub.list_subscriptions()

    assert asyncio.run(open_and_fail()) == []
