"""The event stream over plain HTTP, as EventSource reads it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from foundation.http.asgi_bodies import run
from foundation.problems import ProblemError, problem_response, standard_problem
from jobs.asgi_requests import describe_error, require_sign_in
from jobs.live.stream import find_refusal, follow
from versioning.middleware import stamp_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.core.handlers.asgi import ASGIHandler

    from accounts.sign_ins import SignIn
    from foundation.http.asgi_bodies import Receive, Scope, Send
    from jobs.live.hub import Hub
    from jobs.live.messages import Message

ADDRESS = "/api/events/"
# Proxies are not to keep, change or hold back anything: nginx goes by the last of these.
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
# When a browser comes back by itself after the connection was lost, in milliseconds.
OPENING = b"retry: 2000\n\n"
# Whoever takes nothing for so long has gone without a word.
STALL_SECONDS = 30.0


async def answer(django: ASGIHandler, hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request for the stream, for as long as its client stays."""
    request = ASGIRequest(scope, BytesIO())
    gone = asyncio.create_task(wait_for_disconnect(receive))
    serving = asyncio.create_task(serve(django, hub, request, send))
    try:
        await asyncio.wait({gone, serving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        serving.cancel()
        _, outcome = await asyncio.gather(gone, serving, return_exceptions=True)
    if isinstance(outcome, Exception) and not isinstance(outcome, TimeoutError):
        raise outcome


async def serve(django: ASGIHandler, hub: Hub, request: ASGIRequest, send: Send) -> None:
    """Send the stream, or why there is none. Raises TimeoutError when the client has taken nothing for long."""
    try:
        first, messages = await open_stream(hub, request)
    except Exception as error:
        problem = describe_error(error)
        if problem is None:
            raise
        await django.send_response(stamp_response(request, problem_response(problem)), cast("Any", send))
        return
    async with aclosing(cast("Any", messages)):
        await begin(request, send)
        await send_messages(first, messages, send)


async def open_stream(hub: Hub, request: ASGIRequest) -> tuple[list[Message], AsyncIterator[list[Message]]]:
    """Return the first messages for a request, and those to come. Raises what `describe_error` knows."""
    if request.method != "GET":
        raise ProblemError(standard_problem("method_not_allowed", headers={"Allow": "GET"}))
    sign_in: SignIn = await run(require_sign_in, request)
    refusal = find_refusal(sign_in, request.GET)
    last_id = request.headers.get("Last-Event-ID") or request.GET.get("last_event_id", "")
    stream = say_once(refusal) if refusal else follow(hub, sign_in, last_id)
    return await anext(stream), stream


async def say_once(message: Message) -> AsyncIterator[list[Message]]:
    """Yield one message: a refusal is one that a page can read, which an HTTP status is not."""
    yield [message]


async def begin(request: ASGIRequest, send: Send) -> None:
    """Send the head of the answer."""
    stamped = stamp_response(request, HttpResponse(headers=HEADERS))
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in stamped.items()]
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})


async def send_messages(first: list[Message], rest: AsyncIterator[list[Message]], send: Send) -> None:
    """Send all messages, and the end. Raises TimeoutError when the client has taken nothing for long."""
    await send_batch(OPENING, first, send)
    async for batch in rest:
        await send_batch(b"", batch, send)
    await send({"type": "http.response.body", "body": b""})


async def send_batch(opening: bytes, batch: list[Message], send: Send) -> None:
    """Send some messages after `opening`. Raises TimeoutError."""
    body = opening + b"".join(message.frame for message in batch)
    await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": True}), STALL_SECONDS)


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
