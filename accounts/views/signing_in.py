"""The ways in: sign-in, set-up and one-time links.

The links set a password.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, PasswordResetConfirmView, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts.attempt_throttles import AttemptThrottle, SetUpThrottle, SignInAddressThrottle, SignInThrottle
from accounts.forms import NewPasswordForm, SetUpForm, SignInForm
from accounts.models import User
from accounts.setup import SetUpClosed, create_owner, is_set_up
from foundation.problems import answer_throttled

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

TOO_MANY_ATTEMPTS = "There were too many attempts."


class SignInView(LoginView):
    """The sign-in page, which also serves the admin."""

    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True
    throttle: AttemptThrottle

    def get_redirect_url(self, *args: Any) -> str:
        """Return the address to go to after the sign-in.

        The sign-in page itself would be a loop.
        """
        url = super().get_redirect_url(*args)
        return "" if url.partition("?")[0] == self.request.path else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_set_up=is_set_up(), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.throttle = SignInThrottle(request, request.POST.get("username", "").strip())
        # Counted before the password is looked at, so that guesses sent at once are counted too.
        if wait := SignInAddressThrottle(request).count() or self.throttle.count():
            return answer_throttled(request, TOO_MANY_ATTEMPTS, wait)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        self.throttle.forget()
        return super().form_valid(form)


@login_not_required
def redirect_admin_login(request: HttpRequest) -> HttpResponse:
    """Redirect visitors of the admin once to the sign-in page.

    Raises:
        PermissionDenied: they are signed in and are not staff
        signing in again would change nothing.
    """
    target = request.GET.get("next") or reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect_to_login(target, reverse("accounts:sign_in"))
    if not request.user.is_staff:
        raise PermissionDenied
    return redirect("admin:index")


@method_decorator(
    [login_not_required, never_cache, sensitive_post_parameters("token", "password1", "password2")], name="dispatch"
)
class SetUpView(FormView):  # type: ignore[type-arg]  # generic for mypy alone
    """Creates the owner's account for the holder of the token.

    Closed as soon as there is an account.
    """

    form_class = SetUpForm
    template_name = "accounts/set_up.html"
    success_url = reverse_lazy("home")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_set_up():
            return redirect("accounts:sign_in")
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 - Django's
        throttle = SetUpThrottle(request)
        if wait := throttle.count():
            return answer_throttled(request, TOO_MANY_ATTEMPTS, wait)
        form = self.get_form()
        valid = form.is_valid()
        if "token" in form.cleaned_data:
            throttle.forget()
        return self.form_valid(form) if valid else self.form_invalid(form)

    def form_valid(self, form: SetUpForm) -> HttpResponse:
        try:
            owner = create_owner(form.save)
        except SetUpClosed:
            return redirect("accounts:sign_in")
        login(self.request, owner)
        return super().form_valid(form)


@method_decorator(login_not_required, name="dispatch")
class InvitationView(PasswordResetConfirmView):
    """Sets a password by a one-time link and signs in."""

    form_class = NewPasswordForm
    template_name = "accounts/invitation.html"
    post_reset_login = True
    success_url = reverse_lazy("home")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # A form is processed in a transaction that locks the person: a link followed twice at once works once.
        # A mere look takes no lock, which on SQLite would be that of all writers.
        self.locks = request.method == "POST"
        with transaction.atomic() if self.locks else nullcontext():
            return super().dispatch(request, *args, **kwargs)

    def get_user(self, uidb64: str) -> User | None:
        person = super().get_user(uidb64)
        if person is None:
            return None
        people = User.objects.select_for_update() if self.locks else User.objects.all()
        return people.filter(pk=person.pk, is_active=True).first()
