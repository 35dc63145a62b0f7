"""The page on which owners manage people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.generic import FormView, View

from accounts.forms import PersonForm
from accounts.models import User
from accounts.one_time_secrets import read_one_time_secret, redirect_showing_once, shows_one_time_secret
from accounts.people import CannotDeactivate, build_link_path, deactivate_person, reactivate_person

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class OwnerRequiredMixin(UserPassesTestMixin):
    """Sends strangers to the sign-in page and refuses everyone but owners."""

    request: HttpRequest

    def test_func(self) -> bool:
        return bool(self.request.user.is_superuser)


@method_decorator(shows_one_time_secret, name="dispatch")
class PeopleView(OwnerRequiredMixin, FormView):  # type: ignore[type-arg]  # generic for mypy alone
    """All people with a form that adds one.

    It then shows the invitation link.
    """

    form_class = PersonForm
    template_name = "accounts/people.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = User.objects.order_by("-is_active", "username")
        return super().get_context_data(
            section="people", people=people, shown=read_one_time_secret(self.request), **kwargs
        )

    def form_valid(self, form: PersonForm) -> HttpResponse:
        return show_link(self.request, form.save())


def show_link(request: HttpRequest, person: User) -> HttpResponse:
    """Redirect to the people page for a one-time link."""
    link = request.build_absolute_uri(build_link_path(person))
    return redirect_showing_once(request, reverse("accounts:people"), label=person.username, value=link)


class PersonLinkView(OwnerRequiredMixin, View):
    """Makes a link for a new password of an active person."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG002 - part of the address
        """Redirect: a sign-in in between leads here by GET."""
        return redirect("accounts:people")

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return show_link(request, get_object_or_404(User, pk=pk, is_active=True))


class PersonDeactivateView(OwnerRequiredMixin, View):
    """Deactivates a person."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(User, pk=pk)
        try:
            person = deactivate_person(pk, cast("User", request.user))
        except CannotDeactivate as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{person.get_full_name()} can no longer sign in.")
        return redirect("accounts:people")


class PersonReactivateView(OwnerRequiredMixin, View):
    """Reactivates a person."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(User, pk=pk)
        person = reactivate_person(pk)
        messages.success(request, f"{person.get_full_name()} can sign in again.")
        return redirect("accounts:people")
