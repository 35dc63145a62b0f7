"""Sends transcripts to programs and as files to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from engine import FORMATS, MEDIA_TYPES, render
from jobs.audio_response import build_file_name
from jobs.domain.reading import queries
from jobs.errors import UnknownFormat

if TYPE_CHECKING:
    from jobs.models import Job

SILENT = "No speech found.\n"


def build_transcript_response(job: Job, format: str, *, attachment: bool) -> HttpResponse:  # noqa: A002 - as the API says
    """Answer with the transcript in one of the engine's FORMATS.

    It goes as far as there is text. As an `attachment` it is a file for people, which then says so when there was no
    speech.

    Raises:
        UnknownFormat: there is no such format.
    """
    if format not in FORMATS:
        raise UnknownFormat
    text, complete = render(queries.read_transcript(job), format), is_complete(job)
    if attachment and complete and format == "txt":
        text = text or SILENT
    disposition = content_disposition_header(attachment, build_file_name(job.recording, f".{format}"))
    headers = {
        "Content-Disposition": disposition or "inline",
        "X-Transcript-Complete": "true" if complete else "false",
    }
    return HttpResponse(text, content_type=MEDIA_TYPES[format], headers=headers)


def is_complete(job: Job) -> bool:
    """Whether the transcript holds all speech of the recording."""
    transcript = getattr(job, "transcript", None)
    return transcript is not None and transcript.is_complete
