"""The ASGI app of the streams: an open stream costs no thread and no connection to the database of its own."""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import TYPE_CHECKING, Any

from foundation.http.asgi_bodies import find_path
from jobs.live import sse, websocket
from jobs.live.hub import Hub
from jobs.live.websocket import EventsConsumer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import FrameType

    from django.core.handlers.asgi import ASGIHandler

    from foundation.http.asgi_bodies import Receive, Scope, Send

    App = Callable[[Scope, Receive, Send], Awaitable[None]]


class LiveApp:
    """Answers /api/events/ and all WebSockets; everything else goes to `others`, and errors out through `django`."""

    def __init__(self, django: ASGIHandler, others: App) -> None:
        self.django = django
        self.others = others
        self.hub: Hub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.answer_websocket(scope, receive, send)
        elif scope["type"] == "http" and find_path(scope) == sse.ADDRESS:
            await sse.answer(self.django, self.find_hub(), scope, receive, send)
        else:
            await self.others(scope, receive, send)

    async def answer_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the one address that there is for WebSockets, and refuse others."""
        if find_path(scope) == websocket.ADDRESS:
            consumer = EventsConsumer.as_asgi(hub=self.find_hub())
            await websocket.guard(consumer, scope)(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    def find_hub(self) -> Hub:
        """Return the hub of this process, which belongs to the loop that it is first asked for in."""
        if self.hub is None:
            self.hub = Hub()
            close_with_server(self.hub)
        return self.hub


def close_with_server(hub: Hub) -> None:
    """Let the streams end as soon as the server is asked to stop; it would wait for them otherwise."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def handle(number: int, frame: FrameType | None, before: Any = before) -> None:
            loop.call_soon_threadsafe(hub.close)
            if callable(before):
                before(number, frame)

        if callable(before):
            signal.signal(number, handle)
