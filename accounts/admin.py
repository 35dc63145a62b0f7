"""People and their API tokens in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from accounts.models import ApiToken, User

if TYPE_CHECKING:
    from django.http import HttpRequest

PERMISSIONS = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Django's own page with one display name.

    It replaces first and last names. People are never deleted here: the rows of their recordings would go and the audio
    would stay. They can be deactivated.
    """

    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("name", "email")}),
        ("Permissions", {"fields": PERMISSIONS}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    list_display = ("username", "name", "email", "is_active", "is_staff", "is_superuser", "last_login")
    search_fields = ("username", "name", "email")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """All API tokens and their last use.

    They can be deleted and nothing else.
    """

    fields = readonly_fields = ("name", "user", "created", "last_used", "expiry")
    list_display = ("name", "user", "created", "last_used", "expiry")
    list_select_related = ("user",)
    list_filter = ("created", "last_used", "expiry")
    search_fields = ("name", "user__username")
    date_hierarchy = "created"

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - the same
        return False
