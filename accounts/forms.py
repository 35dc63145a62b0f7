"""The forms of accounts with Bootstrap's classes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import (
    AuthenticationForm,
    BaseUserCreationForm,
    PasswordChangeForm,
    SetPasswordForm,
    UsernameField,
)
from django.core.exceptions import ValidationError

from accounts.api_tokens import MAX_EXPIRES_DAYS
from accounts.models import NAME_LENGTH, User
from accounts.setup import check_setup_token


class StyledBoundField(forms.BoundField):
    """A field whose control always carries Bootstrap's classes.

    Also when the field is wrong.
    """

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> Any:
        attrs = super().build_widget_attrs(attrs, widget)
        look = "form-check-input" if isinstance(widget or self.field.widget, forms.CheckboxInput) else "form-control"
        return {**attrs, "class": f"{look} is-invalid" if self.errors else look}


class StyledForm(forms.BaseForm):
    """Mixed into the forms below."""

    bound_field_class = StyledBoundField


class SignInForm(StyledForm, AuthenticationForm):
    """Username and password."""

    error_messages = {
        "invalid_login": "This username and password do not match. Both are case-sensitive.",
        "inactive": "This account is deactivated.",
    }


class NewPasswordForm(StyledForm, SetPasswordForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A first or a new password twice."""


class ChangePasswordForm(StyledForm, PasswordChangeForm):
    """The old password, and a new one twice."""


class ProfileForm(StyledForm, forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """What people say about themselves."""

    class Meta:
        model = User
        fields = ("name", "email", "finishes_recordings")


class PersonForm(StyledForm, forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A new person, who sets the password later."""

    class Meta:
        model = User
        fields = ("username", "name", "email")
        field_classes = {"username": UsernameField}
        widgets = {"username": forms.TextInput(attrs={"autocomplete": "off"})}

    def clean_username(self) -> str:
        return refuse_taken_username(self.cleaned_data["username"])

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        person: User = super().save(commit)
        return person


class SetUpForm(StyledForm, BaseUserCreationForm):  # type: ignore[type-arg]  # generic for mypy alone
    """The first account for the holder of the set-up token."""

    token = forms.CharField(
        label="Set-up token",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "data-setup-token": ""}),
        help_text="It is in the address that was printed when Transcribe started, after the # sign.",
    )
    field_order = ("token", "username", "name", "password1", "password2")

    class Meta:
        model = User
        fields = ("username", "name")
        field_classes = {"username": UsernameField}

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"]
        if not check_setup_token(token):
            raise ValidationError("This is not the set-up token.", code="wrong_token")
        return token


class TokenForm(StyledForm, forms.Form):
    """A new API token."""

    name = forms.CharField(
        max_length=NAME_LENGTH, help_text="What it is for, such as the name of the program that uses it."
    )
    expires_days = forms.IntegerField(
        label="Days until it expires",
        required=False,
        min_value=1,
        max_value=MAX_EXPIRES_DAYS,
        help_text="Leave it empty for a token that does not expire.",
    )


def refuse_taken_username(username: str) -> str:
    """Return `username` if it is free.

    Raises:
        ValidationError: it is taken, in any case of its letters.
    """
    if User.objects.filter(username__iexact=username).exists():
        raise ValidationError("Someone has this username already.", code="taken")
    return username
