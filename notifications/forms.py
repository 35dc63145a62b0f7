"""The forms of notifications."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import StyledForm
from notifications import conf, targets
from notifications.models import NotificationPreferences, Webhook


class NotificationPreferencesForm(StyledForm, forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """What a person is notified of and how."""

    class Meta:
        model = NotificationPreferences
        fields = ("on_completed", "on_failed", "in_tab", "by_mail")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not conf.has_mail():
            del self.fields["by_mail"]

    def clean_by_mail(self) -> bool:
        wanted: bool = self.cleaned_data["by_mail"]
        if wanted and not self.instance.owner.email:
            raise ValidationError("Write your e-mail address into your profile first.", code="no_address")
        return wanted


class WebhookForm(StyledForm, forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A new webhook, or the events that one is notified of."""

    class Meta:
        model = Webhook
        fields = ("url", "on_completed", "on_failed")
        widgets = {"url": forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://example.org/hook"})}

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        return check_address(url if "://" in url else f"https://{url}")


def check_address(url: str) -> str:
    """Return `url` if it may be called.

    Raises:
        ValidationError: it would not be called.
    """
    try:
        targets.check_url(url)
    except targets.OutboundError as error:
        raise ValidationError(str(error), code="address_refused") from error
    return url
