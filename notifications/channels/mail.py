"""E-mail, where a server for it is set."""

from __future__ import annotations

from smtplib import SMTPException, SMTPRecipientsRefused
from typing import TYPE_CHECKING

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from notifications import conf
from notifications.outcome import Outcome

if TYPE_CHECKING:
    from notifications.models import Delivery


def send(delivery: Delivery) -> Outcome:
    """Send the e-mail of a delivery to the address that its owner has now."""
    address = delivery.owner.email
    if not address or not conf.has_mail():
        return Outcome(error="There is no e-mail address, or no server to send by.", is_lasting=True)
    text = render_to_string("notifications/mail.txt", delivery.body)
    subject = " ".join(render_to_string("notifications/mail_subject.txt", delivery.body).split())
    # The same at each try, so that a server which took it already can tell.
    message = EmailMessage(subject, text, to=[address], headers={"Message-ID": f"<{delivery.pk}@transcribe>"})
    try:
        message.send()
    except SMTPRecipientsRefused:
        return Outcome(error="The mail server refuses this e-mail address.", is_lasting=True)
    except (SMTPException, OSError) as error:
        return Outcome(error=f"The mail server did not take it: {type(error).__name__}.", is_host=True)
    return Outcome()
