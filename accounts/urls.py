"""Addresses of accounts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.views import entry, own, people

app_name = "accounts"
urlpatterns = [
    path("sign-in/", entry.SignInView.as_view(), name="sign_in"),
    # Open, because a session may have ended before its person signs out.
    path("sign-out/", login_not_required(LogoutView.as_view()), name="sign_out"),
    path("set-up/", entry.SetUpView.as_view(), name="set_up"),
    path("invitation/<uidb64>/<token>/", entry.InvitationView.as_view(), name="invitation"),
    # Found before the admin's own sign-in page, which has the same address.
    path("admin/login/", entry.redirect_admin_login, name="admin_login"),
    path("settings/", own.ProfileView.as_view(), name="settings"),
    path("settings/password/", own.PasswordView.as_view(), name="password"),
    path("settings/tokens/", own.TokensView.as_view(), name="tokens"),
    path("settings/tokens/<uuid:pk>/delete/", own.TokenDeleteView.as_view(), name="token_delete"),
    path("settings/people/", people.PeopleView.as_view(), name="people"),
    path("settings/people/<int:pk>/link/", people.PersonLinkView.as_view(), name="person_link"),
    path("settings/people/<int:pk>/deactivate/", people.PersonDeactivateView.as_view(), name="person_deactivate"),
    path("settings/people/<int:pk>/reactivate/", people.PersonReactivateView.as_view(), name="person_reactivate"),
]
