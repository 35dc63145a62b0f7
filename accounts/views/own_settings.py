"""A person's own settings: profile, password and API tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.generic import DeleteView, FormView, UpdateView

from accounts.api_tokens import issue_token, list_tokens
from accounts.forms import ChangePasswordForm, ProfileForm, TokenForm
from accounts.models import ApiToken, User
from accounts.one_time_secrets import read_one_time_secret, redirect_showing_once, shows_one_time_secret

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse


class ProfileView(LoginRequiredMixin, SuccessMessageMixin, UpdateView):  # type: ignore[type-arg]  # generic for mypy alone
    """Display name and e-mail address."""

    form_class = ProfileForm
    template_name = "accounts/profile.html"
    success_url = reverse_lazy("accounts:settings")
    success_message = "Your profile was saved."
    extra_context = {"section": "profile"}

    def get_object(self, queryset: QuerySet[User] | None = None) -> User:  # noqa: ARG002 - Django's signature
        # Another object than request.user, so that a refused form leaves the name in the page's header alone.
        return User.objects.get(username=self.request.user.get_username())


class PasswordView(SuccessMessageMixin, PasswordChangeView):  # type: ignore[type-arg]  # generic for mypy alone
    """A new password.

    It ends the person's other sessions.
    """

    form_class = ChangePasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:password")
    success_message = "Your password was changed."
    extra_context = {"section": "password"}


@method_decorator(shows_one_time_secret, name="dispatch")
class TokensView(LoginRequiredMixin, FormView):  # type: ignore[type-arg]  # generic for mypy alone
    """The person's API tokens with a form for a new one.

    The text of a new token is shown once and kept nowhere.
    """

    form_class = TokenForm
    template_name = "accounts/tokens.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tokens = list_tokens(self.request.user.pk)
        return super().get_context_data(
            section="tokens", tokens=tokens, shown=read_one_time_secret(self.request), **kwargs
        )

    def form_valid(self, form: TokenForm) -> HttpResponse:
        data = form.cleaned_data
        token, text = issue_token(cast("User", self.request.user), data["name"], data["expires_days"])
        return redirect_showing_once(self.request, reverse("accounts:tokens"), label=token.name, value=text)


class TokenDeleteView(LoginRequiredMixin, DeleteView):  # type: ignore[type-arg]  # generic for mypy alone
    """Asks for confirmation and deletes a token."""

    template_name = "accounts/token_delete.html"
    context_object_name = "token"
    success_url = reverse_lazy("accounts:tokens")
    extra_context = {"section": "tokens"}

    def get_queryset(self) -> QuerySet[ApiToken]:
        return list_tokens(self.request.user.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, f"The token “{self.object.name}” was deleted.")
        return super().form_valid(form)
