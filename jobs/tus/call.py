"""One request to the app of uploads with its streamed body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foundation.http import asgi_bodies
from jobs.errors import UploadSilent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from django.core.handlers.asgi import ASGIRequest

    from foundation.http.asgi_bodies import Receive, Scope

ADDRESS = "/api/uploads/"
# A connection without a byte for this long is ended, since it keeps others from going on with the upload.
SILENCE_SECONDS = 20.0


class Call:
    """One request: its address, sender and body."""

    def __init__(self, scope: Scope, request: ASGIRequest, receive: Receive) -> None:
        self.request = request
        self.receive = receive
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.method = str(self.headers.get("x-http-method-override") or scope["method"]).upper()
        self.name = asgi_bodies.find_path(scope).removeprefix(ADDRESS).strip("/")

    async def read_batches(self) -> AsyncIterator[bytes]:
        """Yield the body in batches.

        The last one is smaller. What came before a break comes too.

        Raises:
            RequestAborted: the sender went away.
            UploadSilent: no byte came for SILENCE_SECONDS.
        """
        try:
            async for batch in asgi_bodies.read_batches(self.receive, silence_seconds=SILENCE_SECONDS):
                yield batch
        except TimeoutError as error:
            raise UploadSilent from error
