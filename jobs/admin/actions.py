"""The admin's actions on many jobs.

Each goes through the domain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import admin, messages

from jobs.domain.lifecycle import bulk, control
from jobs.errors import JobError, JobNotFailed, JobNotRetryable
from jobs.models import Job, JobQuerySet
from jobs.states import RETRYABLE_STATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from accounts.models import User

    Host = admin.ModelAdmin[Job]
else:
    Host = object


class JobActions(Host):
    """Cancels, retries and dismisses the jobs that are chosen in the list."""

    actions = ("cancel_jobs", "retry_jobs", "dismiss_jobs", "take_back_jobs")

    def has_control_permission(self, request: HttpRequest) -> bool:
        """Whether the person may change jobs."""
        return request.user.has_perm("jobs.change_job")

    @admin.action(description="Cancel selected jobs", permissions=["control"])
    def cancel_jobs(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        """Cancel each active job and show why others refuse."""
        done = 0
        for job in queryset:
            try:
                control.cancel_job(job, cast("User", request.user))
            except JobError as error:
                self.message_user(request, f"{job.recording.title} ({job.pk}): {error}", messages.WARNING)
            except Job.DoesNotExist:
                self.message_user(request, f"{job.recording.title} ({job.pk}) was just deleted.", messages.WARNING)
            else:
                done += 1
        if done:
            self.message_user(request, f"{count_jobs(done)} cancelled.", messages.SUCCESS)

    @admin.action(description="Retry selected jobs", permissions=["control"])
    def retry_jobs(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        """Start failed and cancelled jobs again."""
        fitting = queryset.filter(state__in=RETRYABLE_STATES)
        self.change_jobs(request, queryset, fitting, bulk.retry_jobs, "started again", JobNotRetryable.message)

    @admin.action(description="Dismiss selected jobs", permissions=["control"])
    def dismiss_jobs(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        """Remove failed jobs from the list of failed ones."""
        fitting = queryset.dead()
        self.change_jobs(request, queryset, fitting, bulk.dismiss_jobs, "dismissed", JobNotFailed.message)

    @admin.action(description="Put back selected dismissed jobs", permissions=["control"])
    def take_back_jobs(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        """Put dismissed jobs back among the failed ones."""
        fitting = queryset.dismissed()
        self.change_jobs(
            request, queryset, fitting, bulk.take_back_jobs, "put back", "Only dismissed jobs are put back."
        )

    def change_jobs(
        self,
        request: HttpRequest,
        chosen: JobQuerySet,
        fitting: JobQuerySet,
        change: Callable[[JobQuerySet, User], bulk.Tally],
        done: str,
        refusal: str,
    ) -> None:
        """Change the `fitting` ones of the `chosen` jobs.

        Messages say how many did, could not, and are left.
        """
        asked = chosen.order_by()[: bulk.MOST_AT_ONCE].count()
        tally = change(fitting, cast("User", request.user))
        if tally.done:
            self.message_user(request, f"{count_jobs(tally.done)} {done}.", messages.SUCCESS)
        if tally.left:
            words = f"{count_jobs(tally.left)} left: choose the action again to go on with them."
            self.message_user(request, words, messages.WARNING)
        if (refused := asked - tally.done - tally.left) > 0:
            self.message_user(request, f"{count_jobs(refused)} not {done}. {refusal}", messages.WARNING)


def count_jobs(number: int) -> str:
    """Return a number of jobs in words."""
    return f"{number:,} job{'' if number == 1 else 's'}"
