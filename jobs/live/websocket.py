"""The same stream over WebSocket; what HTTP says with a status, it says with a message and a code of its own."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing, suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.security.websocket import OriginValidator, WebsocketDenier
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest

from foundation.http.asgi_bodies import run
from jobs.asgi_requests import describe_error, require_sign_in
from jobs.live import messages
from jobs.live.stream import find_refusal, follow

if TYPE_CHECKING:
    from accounts.sign_ins import SignIn
    from jobs.live.hub import Hub

ADDRESS = "/ws/events/"
# 4000 and up are an application's own, and these are HTTP's below 1000 plus 4000.
APPLICATION_CODES = 4000
MISMATCH = APPLICATION_CODES + 409
SIGNED_OUT = APPLICATION_CODES + 401
# https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number
TRY_AGAIN_LATER = 1013
INTERNAL_ERROR = 1011

logger = logging.getLogger(__name__)


class EventsConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """One connection; what its client says is not listened to."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.hub = hub
        self.serving: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Accept, and begin to send; `guard` has refused foreign pages."""
        await self.accept()
        self.serving = asyncio.create_task(self.serve(build_request(self.scope)))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Do nothing: the stream goes one way."""

    async def disconnect(self, _code: int) -> None:
        """Send nothing any more."""
        if self.serving is not None:
            self.serving.cancel()

    async def serve(self, request: ASGIRequest) -> None:
        """Send all messages, and close in the end with what the reason is."""
        try:
            code = await self.send_messages(request)
        except Exception as error:
            problem = describe_error(error)
            if problem is not None:
                await self.end(APPLICATION_CODES + problem.status, messages.build_problem(problem).text)
            else:
                if not isinstance(error, OSError):  # which is how a connection that is cut off ends
                    logger.exception("a stream ended with an error")
                await self.end(INTERNAL_ERROR)
        else:
            await self.end(code)

    async def end(self, code: int, last_words: str = "") -> None:
        """Close the connection, unless it has gone already."""
        with suppress(OSError, RuntimeError):
            if last_words:
                await self.send(last_words)
            await self.close(code)

    async def send_messages(self, request: ASGIRequest) -> int:
        """Send what there is to say until the end; return the code of that. Raises what `describe_error` knows."""
        sign_in: SignIn = await run(require_sign_in, request)
        if refusal := find_refusal(sign_in, request.GET):
            await self.send(refusal.text)
            return SIGNED_OUT if refusal is messages.SIGNED_OUT else MISMATCH
        last = None
        async with aclosing(cast("Any", follow(self.hub, sign_in, request.GET.get("last_event_id", "")))) as batches:
            async for batch in batches:
                for last in batch:
                    await self.send(last.text)
        return SIGNED_OUT if last is messages.SIGNED_OUT else TRY_AGAIN_LATER


def build_request(scope: dict[str, Any]) -> ASGIRequest:
    """Return the handshake as the HTTP request that it is."""
    scheme = {"wss": "https"}.get(scope.get("scheme", "ws"), "http")
    return ASGIRequest({**scope, "type": "http", "method": "GET", "scheme": scheme}, BytesIO())


def guard(consumer: Any, scope: dict[str, Any]) -> Any:
    """Return `consumer` behind a check of the page that connects; programs with a token come without a page.

    Browsers let any page connect with a person's session, but say which page it is.
    """
    request = build_request(scope)
    origin = request.headers.get("Origin")
    if origin is None and "Authorization" in request.headers:
        return consumer
    return OriginValidator(consumer, list_origins(request)) if is_readable(origin) else WebsocketDenier.as_asgi()


def is_readable(origin: str | None) -> bool:
    """Whether an origin is an address with a real port, if any; OriginValidator fails on others."""
    try:
        return urlsplit(origin or "").port != 0
    except ValueError:
        return False


def list_origins(request: ASGIRequest) -> list[str]:
    """Return the origins that may connect: this site, and TRANSCRIBE_TRUSTED_ORIGINS as OriginValidator writes them."""
    try:
        own = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return []
    return [own, *(origin.replace("*.", ".", 1) for origin in settings.CSRF_TRUSTED_ORIGINS)]
