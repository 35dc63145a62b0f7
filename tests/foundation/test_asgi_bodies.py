import asyncio

import pytest
from django.core.exceptions import RequestAborted

from foundation.http.asgi_bodies import BATCH_BYTES, find_path, read_batches


def read(*messages, silence_seconds=None):
    """Return the batches of a body, and the error that ended it."""
    waiting = list(messages)

    async def receive():
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    async def collect():
        batches = []
        try:
            async for batch in read_batches(receive, silence_seconds=silence_seconds):
                batches.append(batch)  # noqa: PERF401 - an error would lose those before it
        except (RequestAborted, TimeoutError) as error:
            return batches, type(error)
        return batches, None

    return asyncio.run(collect())


def part(body, *, more):
    return {"type": "http.request", "body": body, "more_body": more}


def test_small_parts_come_as_one_batch():
    assert read(part(b"a", more=True), part(b"b", more=False)) == ([b"ab"], None)


def test_a_batch_is_handed_out_as_soon_as_it_is_large():
    large = b"x" * BATCH_BYTES
    assert read(part(large, more=True), part(b"y", more=False)) == ([large, b"y"], None)


@pytest.mark.parametrize(
    ("messages", "error"),
    [([part(b"a", more=True), {"type": "http.disconnect"}], RequestAborted), ([part(b"a", more=True)], TimeoutError)],
)
def test_what_came_before_a_break_comes_too(messages, error):
    assert read(*messages, silence_seconds=0.05) == ([b"a"], error)


@pytest.mark.parametrize(("path", "below"), [("/sub/api/", "/api/"), ("/sub", "/"), ("/other", "/other")])
def test_a_path_is_without_the_prefix_of_the_site(path, below):
    assert find_path({"path": path, "root_path": "/sub"}) == below
