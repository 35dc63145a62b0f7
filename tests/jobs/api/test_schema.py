"""The OpenAPI schema and whether the API keeps it."""

from contextlib import closing

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.api_tokens import issue_token
from versioning import __version__

JSON_SCHEMA = {"Accept": "application/vnd.oai.openapi+json"}


def test_the_schema_is_valid_and_made_without_a_warning(tmp_path):
    file = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    assert file.read_text().splitlines()[0] == "openapi: 3.0.3"


def test_the_schema_carries_the_programs_version(client, db):
    assert client.get("/api/schema/", headers=JSON_SCHEMA).json()["info"]["version"] == __version__


def test_every_call_of_the_table_is_there(client, db):
    paths = client.get("/api/schema/", headers=JSON_SCHEMA).json()["paths"]
    assert {path: sorted(calls) for path, calls in paths.items()} == {
        "/api/notifications/browsers/": ["get", "post"],
        "/api/notifications/browsers/{id}/": ["delete"],
        "/api/notifications/deliveries/": ["get"],
        "/api/notifications/deliveries/{id}/": ["get"],
        "/api/notifications/deliveries/{id}/resend/": ["post"],
        "/api/notifications/push-key/": ["get"],
        "/api/notifications/settings/": ["get", "patch"],
        "/api/notifications/webhooks/": ["get", "post"],
        "/api/notifications/webhooks/{id}/": ["delete", "get", "patch"],
        "/api/notifications/webhooks/{id}/resume/": ["post"],
        "/api/notifications/webhooks/{id}/secret/": ["post"],
        "/api/notifications/webhooks/{id}/test/": ["post"],
        "/api/jobs/": ["get", "post"],
        "/api/jobs/{id}/": ["get"],
        "/api/jobs/{id}/cancel/": ["post"],
        "/api/jobs/failed/": ["get"],
        "/api/jobs/failed/dismiss/": ["post"],
        "/api/jobs/failed/groups/": ["get"],
        "/api/jobs/failed/retry/": ["post"],
        "/api/jobs/failed/take-back/": ["post"],
        "/api/jobs/{id}/dismiss/": ["post"],
        "/api/jobs/{id}/events/": ["get"],
        "/api/jobs/{id}/retry/": ["post"],
        "/api/jobs/{id}/take-back/": ["post"],
        "/api/jobs/{id}/transcript/": ["get"],
        "/api/quota/": ["get"],
        "/api/recordings/": ["get", "post"],
        "/api/recordings/{id}/": ["delete", "get", "patch"],
        "/api/recordings/{id}/audio/": ["get"],
        "/api/recordings/{id}/finish/": ["post"],
    }


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (
            "/api/jobs/",
            {
                "state",
                "sentiment",
                "category",
                "language",
                "recording",
                "needs_review",
                "ordering",
                "cursor",
                "page_size",
            },
        ),
        ("/api/jobs/failed/", {"error_code", "ordering", "cursor", "page_size"}),
        ("/api/jobs/{id}/events/", {"id", "cursor", "page_size"}),
        ("/api/recordings/", {"state", "ordering", "cursor", "page_size"}),
        ("/api/jobs/{id}/transcript/", {"id", "format"}),
    ],
)
def test_parameters_are_described(client, db, path, names):
    paths = client.get("/api/schema/", headers=JSON_SCHEMA).json()["paths"]
    assert {parameter["name"] for parameter in paths[path]["get"]["parameters"]} == names


def test_a_submission_is_offered_as_a_form_with_a_file_first(client, db):
    paths = client.get("/api/schema/", headers=JSON_SCHEMA).json()["paths"]
    kinds = list(paths["/api/jobs/"]["post"]["requestBody"]["content"])
    assert kinds == ["multipart/form-data", "application/x-www-form-urlencoded", "application/json"]


def test_the_docs_page_has_a_heading(client, db):
    assert '<h1 class="docs-title">Transcribe API</h1>' in client.get("/api/docs/").content.decode()


def test_the_docs_page_keeps_to_the_content_security_policy(client, db):
    response = client.get("/api/docs/")
    page = response.content.decode()
    assert (response.status_code, "<style" in page, "style=" in page, page.count("<script>")) == (200, False, False, 0)
    assert "style-src 'self'" in response["Content-Security-Policy"]


@pytest.fixture
def described(db):
    serve = get_wsgi_application()

    def serve_and_close(environ, start_response):
        """Close the response, as every real server does.

        The test client leaves uploaded files open otherwise.
        """
        with closing(serve(environ, start_response)) as response:
            return [b"".join(response)]

    return schemathesis.openapi.from_wsgi("/api/schema/", serve_and_close, headers=JSON_SCHEMA)


@pytest.fixture
def signed_in(owner):
    return {"Authorization": f"Bearer {issue_token(owner, 'schemathesis')[1]}"}


EFFORT = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.mark.parametrize("path", ["/api/jobs/", "/api/recordings/"])
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_answers_keep_what_the_schema_promises(described, signed_in, done_job, path, mode):
    operations = [found.ok() for found in described.include(path_regex=f"^{path}").get_all_operations()]
    existing = str(done_job.id if path == "/api/jobs/" else done_job.recording_id)
    statuses = set()
    for operation in sorted(operations, key=lambda operation: operation.method == "delete"):

        @EFFORT
        @given(operation.as_strategy(generation_mode=mode))
        def call(case):
            if mode is GenerationMode.POSITIVE and "id" in case.path_parameters:
                case.path_parameters["id"] = existing
            statuses.add(case.call_and_validate(checks=CHECKS, headers=signed_in).status_code)

        call()
    assert statuses >= {200}
