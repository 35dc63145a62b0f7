"""The additions to the OpenAPI schema.

It cannot find out how one signs in and how errors look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from engine import FORMATS
from jobs.api.job_serializers import JobEventSerializer, JobSerializer
from jobs.api.schema_shapes import ProblemSerializer, TranscriptSerializer
from jobs.models.idempotency_key import KEY_LENGTH

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema

PROBLEM_TYPE = "application/problem+json"
BINARY = {"type": "string", "format": "binary"}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself untyped
    """`Authorization: Bearer tr_…`."""

    target_class = "accounts.authentication.BearerAuthentication"
    name = "apiToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002 - their signature
        return {"type": "http", "scheme": "bearer", "description": "A token made in the settings, or on the shell."}


def describe_problems(*statuses: int) -> dict[Any, Any]:
    """Return the error answers of an operation in the one shape."""
    return {(status, PROBLEM_TYPE): ProblemSerializer for status in statuses}


READING = describe_problems(400, 401, 404, 409, 429)
LISTING = READING
SUBMITTING = {
    202: OpenApiResponse(JobSerializer, description="The job; its address is in the header Location."),
    **describe_problems(400, 401, 403, 404, 409, 410, 413, 415, 429, 507),
}
CHANGING = {202: JobSerializer, **describe_problems(400, 401, 403, 404, 409, 415, 429)}
WRITING = describe_problems(400, 401, 403, 404, 409, 415, 429)
# The first key has its media type because the generator takes the least of them for the main answer.
EVENTS = {(200, "application/json"): JobEventSerializer(many=True), **LISTING}
TRANSCRIPT = {
    (200, "application/json"): TranscriptSerializer,
    (200, "text/plain"): str,
    (200, "text/vtt"): str,
    (200, "application/x-subrip"): str,
    **READING,
}
AUDIO = {(200, "audio/*"): BINARY, (206, "audio/*"): BINARY, 304: None, 412: None, **READING, **describe_problems(416)}
FORMAT_PARAMETER = OpenApiParameter("format", str, enum=list(FORMATS), default="json", description="json by default.")
RANGE_PARAMETER = OpenApiParameter(
    "Range", str, OpenApiParameter.HEADER, description="One range of bytes, such as bytes=0-1023."
)
IDEMPOTENCY_PARAMETERS = [
    OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH},
        OpenApiParameter.HEADER,
        description="A name for this submission, such as a UUID. Sent again within a day it finds the same job.",
    ),
    OpenApiParameter(
        "Idempotency-Replayed",
        {"type": "string", "enum": ["true"]},
        OpenApiParameter.HEADER,
        response=[202],
        description="Only on the job of an earlier request under the same key.",
    ),
]
