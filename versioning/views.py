"""Reports the version that runs and the front ends it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from foundation.problems import problem_response, standard_problem
from versioning.conf import read_policy

if TYPE_CHECKING:
    from django.http import HttpRequest

METHODS = ("GET", "HEAD")


@csrf_exempt  # it changes nothing, and a POST is to be answered 405
@login_not_required
def show_version(request: HttpRequest) -> HttpResponse:
    """Answer GET with `version`, `minimum_frontend` and `policy`; other methods with 405."""
    if request.method not in METHODS:
        return problem_response(standard_problem("method_not_allowed", headers={"Allow": ", ".join(METHODS)}))
    policy = read_policy()
    return JsonResponse(
        {"version": str(policy.backend), "minimum_frontend": str(policy.minimum), "policy": policy.rule},
        headers={"Cache-Control": "no-cache"},
    )
