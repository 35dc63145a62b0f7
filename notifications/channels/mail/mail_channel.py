"""E-mail, where a server for it is set."""

from __future__ import annotations

from smtplib import (
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPServerDisconnected,
)
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from notifications import conf
from notifications.outcome import Outcome
from notifications.targets import OutboundError

if TYPE_CHECKING:
    from notifications.models import Delivery

LASTING_CODE = 500


def send(delivery: Delivery) -> Outcome:
    """Send the e-mail of a delivery to its owner's present address."""
    address = delivery.owner.email
    if not address or not conf.has_mail():
        return Outcome(error="There is no e-mail address, or no server to send by.", is_lasting=True)
    text = render_to_string("notifications/mail.txt", delivery.body)
    subject = " ".join(render_to_string("notifications/mail_subject.txt", delivery.body).split())
    # The same at each try, so that a server recognises an e-mail that it has already.
    message = EmailMessage(subject, text, to=[address], headers={"Message-ID": f"<{delivery.pk}@transcribe>"})
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        return judge_refusal(max(code for code, _ in error.recipients.values()), "this e-mail address")
    except SMTPDataError as error:
        return judge_refusal(error.smtp_code, "this e-mail")
    except (SMTPException, OSError, OutboundError) as error:
        return Outcome(error=describe_failure(error), is_host=True)
    return Outcome()


def describe_failure(error: Exception) -> str:
    """Return in words why the mail server did not take an e-mail."""
    if isinstance(error, SMTPAuthenticationError):
        return f"The mail server does not let this server sign in ({error.smtp_code})."
    if isinstance(error, SMTPServerDisconnected):
        return "The mail server closed the connection."
    if isinstance(error, OutboundError):
        return f"The mail server can't be reached: {error}"
    code = getattr(error, "smtp_code", None) or getattr(error, "strerror", None) or type(error).__name__
    return f"The mail server did not take it ({code})."


def judge_refusal(code: int, what: str) -> Outcome:
    """Return the outcome of a refusal of one e-mail.

    A code below 500 refuses it for now alone (RFC 5321, 4.2.1).
    """
    is_lasting = code >= LASTING_CODE
    when = "" if is_lasting else " for now"
    return Outcome(error=f"The mail server refuses {what}{when} ({code}).", is_lasting=is_lasting)
