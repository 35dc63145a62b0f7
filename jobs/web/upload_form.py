"""Uploads from the plain form for pages without JavaScript."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.models import User
from jobs.domain.intake.submit import submit_upload
from jobs.errors import JobError
from jobs.upload_handler import check_upload
from jobs.validators import validate_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.files.uploadedfile import UploadedFile

NO_FILE = "Choose at least one file first."


def accept_files(request: HttpRequest, user: User) -> None:
    """Make a job of each sent file.

    Each file that is refused leaves a message.
    """
    files: Sequence[UploadedFile[Any]] = request.FILES.getlist("audio")
    try:
        check_upload(request)
        language = read_language(request)
    except (JobError, ValidationError) as error:
        messages.error(request, describe_refusal(error))
        return
    if not files:
        messages.error(request, NO_FILE)
    added = sum(accept_file(request, user, file, language) for file in files)
    if added:
        messages.success(request, f"{added} file{'s' if added > 1 else ''} added.")


def accept_file(request: HttpRequest, user: User, file: "UploadedFile[Any]", language: str) -> bool:
    """Make a job of one file; return whether that went well."""
    try:
        submit_upload(user, file, language=language)
    except JobError as error:
        messages.error(request, f"{file.name}: {error}")
        return False
    return True


def read_language(request: HttpRequest) -> str:
    """Return the chosen language code, empty to detect it.

    Raises:
        ValidationError: it does not look like a code.
    """
    language = request.POST.get("language", "")
    if language:
        validate_language(language)
    return language


def describe_refusal(error: JobError | ValidationError) -> str:
    """Return the plain words of an error."""
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
