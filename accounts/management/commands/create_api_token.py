"""Makes an API token for a person and prints it."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from accounts.api_tokens import MAX_EXPIRES_DAYS, issue_token
from accounts.models import NAME_LENGTH, User

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """`manage.py create_api_token USERNAME [--name NAME] [--expires-days N]`.

    Prints the token alone on stdout.
    """

    help = "Makes an API token for a person and prints it; it cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", type=read_name, default="Command line", help="what the token is for")
        parser.add_argument("--expires-days", type=read_days, metavar="N", help="without it the token never expires")

    def handle(self, *_args: Any, username: str, name: str, expires_days: int | None, **_options: Any) -> None:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active person with the username {username!r}.")
        _, token = issue_token(user, name, expires_days)
        self.stdout.write(token)


def read_name(text: str) -> str:
    """Return the name of a token without outer spaces.

    Raises:
        ArgumentTypeError: it is empty or too long.
    """
    name = text.strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise ArgumentTypeError(f"must have 1 to {NAME_LENGTH} characters")
    return name


def read_days(text: str) -> int:
    """Return a number of days.

    Raises:
        ArgumentTypeError: it is no whole number within the limits.
    """
    if not text.isdecimal() or not 1 <= int(text) <= MAX_EXPIRES_DAYS:
        raise ArgumentTypeError(f"must be a whole number from 1 to {MAX_EXPIRES_DAYS}")
    return int(text)
