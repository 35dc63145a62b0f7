"""Addresses of accounts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.views import own_settings, people_pages, signing_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", signing_in.SignInView.as_view(), name="sign_in"),
    # Open, because a session may have ended before its person signs out.
    path("sign-out/", login_not_required(LogoutView.as_view()), name="sign_out"),
    path("set-up/", signing_in.SetUpView.as_view(), name="set_up"),
    path("invitation/<uidb64>/<token>/", signing_in.InvitationView.as_view(), name="invitation"),
    # Found before the admin's own sign-in page, which has the same address.
    path("admin/login/", signing_in.redirect_admin_login, name="admin_login"),
    path("settings/", own_settings.ProfileView.as_view(), name="settings"),
    path("settings/password/", own_settings.PasswordView.as_view(), name="password"),
    path("settings/tokens/", own_settings.TokensView.as_view(), name="tokens"),
    path("settings/tokens/<uuid:pk>/delete/", own_settings.TokenDeleteView.as_view(), name="token_delete"),
    path("settings/people/", people_pages.PeopleView.as_view(), name="people"),
    path("settings/people/<int:pk>/link/", people_pages.PersonLinkView.as_view(), name="person_link"),
    path("settings/people/<int:pk>/deactivate/", people_pages.PersonDeactivateView.as_view(), name="person_deactivate"),
    path("settings/people/<int:pk>/reactivate/", people_pages.PersonReactivateView.as_view(), name="person_reactivate"),
]
