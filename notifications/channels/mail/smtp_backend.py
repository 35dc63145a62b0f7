"""Django's SMTP backend with one deadline for the whole exchange.

Django's own limit is one for each step.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.core.mail.backends.smtp import EmailBackend

from notifications import conf
from notifications.connections import EndAt, reach
from notifications.targets import resolve

if TYPE_CHECKING:
    import smtplib
    import socket
    from collections.abc import Sequence

    from django.core.mail import EmailMessage


class Backend(EmailBackend):
    """Sends by SMTP within MAIL_DEADLINE_SECONDS, whatever the other side does."""

    deadline = 0.0
    exchange: smtplib.SMTP | None = None

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Send the e-mails and return how many.

        Raises:
            SMTPException: the server refused one, or ended the connection.
            OSError: the connection failed, or the deadline was over.
            OutboundError: the name of the server is not known.
        """
        self.deadline = time.monotonic() + conf.MAIL_DEADLINE_SECONDS
        with EndAt(self.deadline, self.find_channel):
            return super().send_messages(email_messages)

    def find_channel(self) -> socket.socket | None:
        """Return the connection as it is now; encryption makes another of it."""
        return getattr(self.exchange, "sock", None)

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """The class that speaks SMTP, which makes itself known when it begins.

        That is long before Django knows of its connection.
        """
        backend, known = self, super().connection_class

        class Exchange(known):  # type: ignore[misc, valid-type]  # a class of the moment
            def _get_socket(self, host: str, port: int, _timeout: float) -> Any:
                backend.exchange = self
                found = resolve(host, port, backend.deadline)
                channel = reach([str(address) for address in found], port, backend.deadline)
                self.sock = channel
                return self.context.wrap_socket(channel, server_hostname=host) if backend.use_ssl else channel

        return Exchange
