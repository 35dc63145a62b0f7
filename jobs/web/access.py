"""The person behind a request and what they may see."""

from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.sign_ins import get_person
from foundation.problems import Problem, answer_problem, problem_response, standard_problem
from jobs.domain.reading import queries
from jobs.errors import JobError, OtherPerson
from jobs.models import Job, Recording
from jobs.senders import PERSON_HEADER, check_person

if TYPE_CHECKING:
    from collections.abc import Callable


def find_job(request: HttpRequest, pk: UUID) -> Job:
    """Return the person's job.

    Raises:
        Http404: it is another's, or there is none.
    """
    return get_object_or_404(queries.visible_jobs(get_person(request)), pk=pk)


def find_recording(request: HttpRequest, pk: UUID) -> Recording:
    """Return the person's recording.

    Raises:
        Http404: it is another's, or there is none.
    """
    return get_object_or_404(queries.visible_recordings(get_person(request)), pk=pk)


def require_person(view: "Callable[..., HttpResponse]") -> "Callable[..., HttpResponse]":
    """Answer 401 instead of redirecting to the sign-in page.

    A polled fragment cannot sign in. A page that was made for another person than the signed-in one gets 409, and
    nothing of theirs.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return problem_response(standard_problem("not_authenticated"))
        try:
            check_person(request.headers.get(PERSON_HEADER), request.user)
        except OtherPerson as error:
            return problem_response(describe(error))
        return view(request, *args, **kwargs)

    return login_not_required(answer)


def hide_missing(view: "Callable[..., HttpResponse]") -> "Callable[..., HttpResponse]":
    """Answer 404 when the view's object is deleted meanwhile."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist as error:
            raise Http404 from error

    return answer


def go_back(request: HttpRequest, default: str, *args: Any) -> HttpResponse:
    """Redirect to the form's `next` or else to `default`.

    `next` must be a page of this site.
    """
    target = request.POST.get("next", "")
    is_ours = target.startswith("/") and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return HttpResponseRedirect(target if is_ours else resolve_url(default, *args))


def answer_job_error(request: HttpRequest, error: JobError) -> HttpResponse:
    """Answer with the error's code, words and status.

    As a page or as JSON.
    """
    return answer_problem(request, describe(error))


def describe(error: JobError) -> Problem:
    """Return the problem of an error."""
    return Problem(error.status, error.code, str(error))
