"""The home page: recorder, drop zone and job cards."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.sign_ins import get_person
from jobs.domain.base.engines import describe_model
from jobs.domain.intake import quota, recorder
from jobs.submit_throttle import refuse_excess
from jobs.web.card_list import build_list, fingerprint_list, read_filter
from jobs.web.upload_form import accept_files

GIBIBYTE_IN_MEBIBYTES = 1024


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_home(request: HttpRequest) -> HttpResponse:
    """Show recorder, drop zone and cards.

    A POST is the drop zone's form, sent without JavaScript.
    """
    if request.method == "POST":
        refused = refuse_excess(request, jobs=len(request.FILES.getlist("audio")))
        if refused is None:
            accept_files(request, get_person(request))
        return refused or redirect("home")
    person, chosen = get_person(request), read_filter(request)
    context = {
        **build_list(person, chosen, fingerprint_list(person, chosen)),
        "here": "home",
        "model": describe_model(),
        "unfinished": recorder.list_left(person),
        "quota": quota.describe_quota(person),
        "max_recording_seconds": count_limit_seconds(),
        "max_upload": describe_megabytes(settings.MAX_UPLOAD_MB),
        "max_upload_bytes": settings.MAX_UPLOAD_MB * 1024 * 1024,
    }
    return render(request, "jobs/home.html", context)


def count_limit_seconds() -> int:
    """Return the longest recording that can be made, in seconds."""
    return round(settings.MAX_RECORDING_MINUTES * 60)


def describe_megabytes(megabytes: int) -> str:
    """Return a size limit as people say it.

    As in 500 MB, 2 GB.
    """
    if megabytes < GIBIBYTE_IN_MEBIBYTES:
        return f"{megabytes} MB"
    return f"{megabytes / GIBIBYTE_IN_MEBIBYTES:.3g} GB"
