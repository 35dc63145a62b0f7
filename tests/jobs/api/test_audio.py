"""GET /api/recordings/{id}/audio/: the whole, or a range.

Or why not.
"""

import asyncio
import tracemalloc

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from engine.media.containers import CONTENT_TYPES
from jobs.audio_response import SUFFIXES, build_audio_response, build_file_name

AUDIO = bytes(range(256)) * 4
BIG = 400 * 1024 * 1024


@pytest.fixture
def address(recording):
    return f"/api/recordings/{recording.id}/audio/"


@pytest.fixture
def big_recording(recording):
    with open(recording.audio.path, "wb") as file:  # noqa: PTH123 - a sparse file takes no room
        file.truncate(BIG)
    return recording


def fetch(api, address, **headers):
    response = api.get(address, headers=headers)
    body = response.getvalue() if response.streaming else response.content
    return response, body


def test_the_whole_audio_comes_with_its_probed_type_and_no_sniffing(api, address):
    response, body = fetch(api, address)
    names = ("Content-Type", "X-Content-Type-Options", "Content-Length", "Accept-Ranges", "Content-Disposition")
    assert (response.status_code, body) == (200, AUDIO)
    assert [response[name] for name in names] == [
        "audio/wav",
        "nosniff",
        "1024",
        "bytes",
        'inline; filename="Interview.wav"',
    ]


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=1000-", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=1000-99999", 1000, 1023),
    ],
)
def test_a_range_is_answered_with_just_its_bytes(api, address, header, first, last):
    response, body = fetch(api, address, Range=header)
    assert (response.status_code, body) == (206, AUDIO[first : last + 1])
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert response["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=-0"])
def test_a_range_outside_the_audio_is_416_with_the_true_size(api, address, header):
    response, _ = fetch(api, address, Range=header)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */1024")
    assert response.json()["code"] == "range_not_satisfiable"


@pytest.mark.parametrize("header", ["bytes=0-1,5-6", "bytes=9-1", "seconds=1-2", "nonsense"])
def test_several_or_broken_ranges_get_the_whole(api, address, header):
    response, body = fetch(api, address, Range=header)
    assert (response.status_code, body) == (200, AUDIO)


@pytest.mark.parametrize(("etag", "status"), [(f'"{"ab" * 32}"', 206), ('"other"', 200)])
def test_a_range_of_another_version_gets_the_whole(api, address, etag, status):
    response, _ = fetch(api, address, **{"Range": "bytes=0-1", "If-Range": etag})
    assert response.status_code == status


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_what_the_browser_has_already_is_304(api, address, name):
    known, _ = fetch(api, address)
    condition = "If-None-Match" if name == "ETag" else "If-Modified-Since"
    response, body = fetch(api, address, **{condition: known[name]})
    assert (response.status_code, body, response["ETag"]) == (304, b"", known["ETag"])


def test_an_audio_that_is_another_by_now_is_412(api, address):
    assert fetch(api, address, **{"If-Match": '"other"'})[0].status_code == 412


def test_head_tells_the_size_without_the_bytes(api, address):
    response = api.head(address)
    assert (response.status_code, response["Content-Length"], response.content) == (200, "1024", b"")


def test_audio_without_bytes_is_empty(api, make_recording):
    recording = make_recording(audio=ContentFile(b"", name="talk.wav"))
    response, body = fetch(api, f"/api/recordings/{recording.id}/audio/", Range="bytes=0-1")
    assert (response.status_code, body, response["Content-Length"]) == (200, b"", "0")


def test_a_lost_file_is_said_to_be_missing(api, recording, address):
    recording.audio.delete(save=False)
    response, _ = fetch(api, address)
    assert (response.status_code, response.json()["code"]) == (404, "audio_missing")


@pytest.mark.parametrize("kind", ["", "text/html"])
def test_what_is_not_known_to_be_audio_is_never_shown_as_a_page(api, make_recording, kind):
    recording = make_recording(media_type=kind)
    response, _ = fetch(api, f"/api/recordings/{recording.id}/audio/")
    assert response["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("title", "header"),
    [
        ("../a/b\\c", 'inline; filename="-a-b-c.wav"'),
        ("Größe", "inline; filename*=utf-8''Gr%C3%B6%C3%9Fe.wav"),
        ("...", 'inline; filename="recording.wav"'),
    ],
)
def test_the_file_name_is_safe_everywhere(api, make_recording, title, header):
    recording = make_recording(title=title)
    response, _ = fetch(api, f"/api/recordings/{recording.id}/audio/")
    assert response["Content-Disposition"] == header


@pytest.mark.parametrize(("media_type", "suffix"), [("audio/mpeg", ".mp3"), ("", "")])
def test_a_file_that_came_without_a_suffix_gets_that_of_its_type(make_recording, media_type, suffix):
    recording = make_recording(audio=ContentFile(AUDIO, name="passwd"), media_type=media_type)
    assert build_file_name(recording) == f"Interview{suffix}"


def test_every_type_that_the_probe_finds_has_a_suffix():
    assert {kind for pair in CONTENT_TYPES.values() for kind in pair} == set(SUFFIXES)


async def collect(response):
    return b"".join([piece async for piece in response])


def test_an_async_server_gets_the_same_bytes(recording):
    request = AsyncRequestFactory().get("/", headers={"Range": "bytes=10-19"})
    response = build_audio_response(request, recording)
    assert (response.is_async, async_to_sync(collect)(response)) == (True, AUDIO[10:20])


def measure_streaming(count) -> tuple[int, int]:
    """Return bytes streamed and the peak of memory meanwhile."""
    tracemalloc.start()
    try:
        return count(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_stays_flat_under_wsgi(big_recording):
    response = build_audio_response(RequestFactory().get("/"), big_recording)
    assert isinstance(response, StreamingHttpResponse)
    sent, peak = measure_streaming(lambda: sum(len(piece) for piece in response))
    assert (sent, peak < 4_000_000) == (BIG, True)


def test_memory_stays_flat_under_asgi(big_recording):
    async def count() -> int:
        return sum([len(piece) async for piece in build_audio_response(AsyncRequestFactory().get("/"), big_recording)])

    sent, peak = measure_streaming(lambda: asyncio.run(count()))
    assert (sent, peak < 4_000_000) == (BIG, True)


def test_a_file_that_shrinks_meanwhile_ends_the_stream(recording):
    response = build_audio_response(RequestFactory().get("/"), recording)
    with recording.audio.storage.open(recording.audio.name, "r+b") as file:
        file.truncate(10)
    assert b"".join(response) == AUDIO[:10]
