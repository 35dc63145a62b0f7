"""The set-up of the first account.

A token in a file of mode 600 proves the right to create it.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import SetUp, User
from accounts.secret_files import write_secret_file

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN_BYTES = 24


class SetUpClosed(Exception):
    """This service has an owner already."""


def locate_token_file() -> Path:
    """Return the path of the set-up token until it is used."""
    return Path(settings.DATA_DIR) / "setup_token"


def is_set_up() -> bool:
    """Whether anyone has an account."""
    return User.objects.exists()


def ensure_setup_token() -> str | None:
    """Return the set-up token, made when there is none yet.

    None when there is an account.
    """
    file = locate_token_file()
    if is_set_up():
        file.unlink(missing_ok=True)
        return None
    if not file.exists():
        write_secret_file(file, secrets.token_urlsafe(TOKEN_BYTES))
    return file.read_text(encoding="ascii")


def check_setup_token(token: str) -> bool:
    """Whether `token` is the set-up token.

    The time does not depend on how much of it is right.
    """
    try:
        kept = locate_token_file().read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return bool(kept) and secrets.compare_digest(token.strip().encode(), kept.encode())


def create_owner(save_person: Callable[[], User]) -> User:
    """Return the person whom `save_person` saves as the owner.

    This uses up the set-up token. Of two that get here at once one gets through: on SQLite transactions are serialised,
    and on every database the fixed key of SetUp refuses the second.

    Raises:
        SetUpClosed: there is an account by now.
    """
    try:
        with transaction.atomic():
            return _create_owner(save_person)
    except IntegrityError as error:
        raise SetUpClosed from error


def _create_owner(save_person: Callable[[], User]) -> User:
    if is_set_up():
        raise SetUpClosed
    owner = save_person()
    owner.is_staff = owner.is_superuser = True
    owner.save(update_fields=["is_staff", "is_superuser"])
    SetUp.objects.create(owner=owner)
    transaction.on_commit(lambda: locate_token_file().unlink(missing_ok=True))
    return owner
