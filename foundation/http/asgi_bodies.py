"""Requests to ASGI apps: their path, their body, and the way to the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import get_script_prefix
from django.db import close_old_connections

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[Mapping[str, Any]]]
    Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# Servers hand out parts of 64 KiB, for which a change of thread each would be slow.
BATCH_BYTES = 1024 * 1024


def find_path(scope: Mapping[str, Any]) -> str:
    """Return the path below the prefix that the site is mounted at."""
    return "/" + str(scope["path"]).removeprefix(get_script_prefix(scope)).lstrip("/")


async def run(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Run `work` in Django's own thread, where its database connection is.

    Connections that failed or are too old are closed afterwards.
    """

    def do() -> Any:
        try:
            return work(*arguments, **options)
        finally:
            close_old_connections()

    return await sync_to_async(do)()


async def read_batches(receive: Receive, *, silence_seconds: float | None = None) -> AsyncIterator[bytes]:
    """Yield a body in batches of at least BATCH_BYTES, the last one smaller.

    What came before a break comes too.

    Raises:
        RequestAborted: the client went away.
        TimeoutError: nothing came for `silence_seconds`.
    """
    end: Exception | None = None
    batch, size, more = [], 0, True
    while more:
        try:
            message = await asyncio.wait_for(receive(), silence_seconds)
        except TimeoutError as silence:
            message, end = {}, silence
        if message.get("type") == "http.disconnect":
            end = RequestAborted()
        batch.append(message.get("body", b""))
        size += len(batch[-1])
        more = bool(message.get("more_body", False)) and end is None
        if size >= BATCH_BYTES or not more:
            yield b"".join(batch)
            batch, size = [], 0
    if end is not None:
        raise end
