"""The home page: recorder, drop zone and job cards."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_required
def show_home(request: HttpRequest) -> HttpResponse:
    """Show the recorder, the drop zone and the person's jobs."""
    return render(request, "jobs/home.html", {"here": "home"})
