"""Whose turn it is: which of the waiting steps a worker takes next."""

from django.db.models import Case, Count, F, IntegerField, Max, Min, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from jobs.domain.clock import now_in_database
from jobs.errors import WorkerLost
from jobs.models import IsOpen, Step
from jobs.states import StepKind, StepState

HAD_ITS_TURN = Case(When(error_code=WorkerLost.code, then=1), default=0)


def choose_step(*, may_decode: bool) -> Step | None:
    """Return the step whose turn it is, locked where there are row locks; None when nothing can be claimed now.

    Steps whose worker died come first, since they have had their turn. Otherwise owners take turns, so that none waits
    for all that another has sent; of an owner's steps the one that is due first is next: short recordings overtake long
    ones, and yet none waits for ever. Rows that another claim holds are skipped. Without `may_decode`, steps that write
    a working copy are left alone.
    """
    steps = Step.objects.filter(IsOpen(), state=StepState.WAITING, runnable_at__lte=now_in_database())
    if not may_decode:
        steps = steps.exclude(kind=StepKind.PREPARE)
    for owner in rank_owners(steps):
        own = steps.filter(owner=owner).select_related("job").order_by(HAD_ITS_TURN.desc(), "due_at", "pk")
        if step := own.select_for_update(skip_locked=True, of=("self",)).first():
            return step
    return None


def rank_owners(steps: QuerySet[Step]) -> list[int]:
    """Return the owners of `steps`: who lost a worker, has the fewest steps in flight, was served longest ago."""
    in_flight = (
        Step.objects.filter(IsOpen(), state=StepState.RUNNING, owner=OuterRef("owner"))
        .order_by()
        .values("owner")
        .annotate(number=Count("pk"))
        .values("number")
    )
    served = Step.objects.filter(owner=OuterRef("owner"), claimed_at__isnull=False).order_by("-claimed_at")
    owners = (
        steps.order_by()
        .values("owner")
        .annotate(
            had_its_turn=Max(HAD_ITS_TURN),
            first_due=Min("due_at"),
            in_flight=Coalesce(Subquery(in_flight, output_field=IntegerField()), 0),
            served_at=Subquery(served.values("claimed_at")[:1]),
        )
        .order_by("-had_its_turn", "in_flight", F("served_at").asc(nulls_first=True), "first_due")
    )
    return list(owners.values_list("owner", flat=True))
