"""The tables of django-q2, to read only.

Its own admin runs any function, and "resubmit" goes past the states of jobs.
"""

from django.contrib import admin
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success

from jobs.admin.readonly import BoundedPaginator, ReadOnlyMixin

admin.site.unregister([Success, Failure, OrmQ, Schedule])


class QueueTableMixin(ReadOnlyMixin):
    """Shows a table of django-q2 without any of its actions."""

    actions = ()
    paginator = BoundedPaginator
    show_full_result_count = False


@admin.register(Success)
class SuccessAdmin(QueueTableMixin, TaskAdmin):  # type: ignore[misc]  # django-q2 has no types
    """Tasks that ended well."""


@admin.register(Failure)
class FailureAdmin(QueueTableMixin, FailAdmin):  # type: ignore[misc]  # the same
    """Tasks that failed."""


@admin.register(OrmQ)
class WaitingAdmin(QueueTableMixin, QueueAdmin):  # type: ignore[misc]  # the same
    """Messages that no cluster has received yet."""


@admin.register(Schedule)
class PlanAdmin(QueueTableMixin, ScheduleAdmin):  # type: ignore[misc]  # the same
    """The schedules of django-q2."""
