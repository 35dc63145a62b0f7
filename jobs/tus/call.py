"""One request to the app of uploads with its streamed body."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from django.core.exceptions import RequestAborted

from jobs.asgi_requests import find_path
from jobs.errors import UploadSilent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.core.handlers.asgi import ASGIRequest

    from jobs.asgi_requests import Receive, Scope

ADDRESS = "/api/uploads/"
# The body is passed on in batches of this size: a change of thread for each of a server's small parts would be slow.
BATCH_BYTES = 1024 * 1024
# A connection without a byte for this long is ended, since it keeps others from going on with the upload.
SILENCE_SECONDS = 20.0


class Call:
    """One request: its address, sender and body."""

    def __init__(self, scope: Scope, request: ASGIRequest, receive: Receive) -> None:
        self.request = request
        self.receive = receive
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.method = str(self.headers.get("x-http-method-override") or scope["method"]).upper()
        self.name = find_path(scope).removeprefix(ADDRESS).strip("/")

    async def read_batches(self) -> AsyncIterator[bytes]:
        """Yield the body in batches of at least BATCH_BYTES.

        The last one is smaller. What came before a break comes too.

        Raises:
            RequestAborted: the sender went away.
            UploadSilent: no byte came for SILENCE_SECONDS.
        """
        end: Exception | None = None
        batch, size, more = [], 0, True
        while more:
            try:
                message = await asyncio.wait_for(self.receive(), SILENCE_SECONDS)
            except TimeoutError:
                message, end = {}, UploadSilent()
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
