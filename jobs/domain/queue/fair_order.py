"""Whose turn it is: which of the waiting steps a worker takes next."""

from datetime import UTC, datetime

from django.contrib.auth import get_user_model
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from jobs.models import Step
from jobs.states import StepKind

# A step whose worker died is due since then: it has had its turn.
RECOVERED_DUE_AT = datetime(1970, 1, 1, tzinfo=UTC)


def choose_step(*, may_decode: bool) -> Step | None:
    """Return the step whose turn it is, locked where there are row locks; None when nothing can be claimed now.

    Steps whose worker died come first, since they have had their turn. Otherwise owners take turns, so that none waits
    for all that another has sent; of an owner's steps the one that is due first is next: short recordings overtake long
    ones, and yet none waits for ever. Rows that another claim holds are skipped. Without `may_decode`, steps that write
    a working copy are left alone.
    """
    steps = Step.rows().due()
    if not may_decode:
        steps = steps.exclude(kind=StepKind.PREPARE)
    for owner in rank_owners(steps):
        own = steps.filter(owner=owner).select_related("job").order_by("due_at", "pk")
        if step := own.select_for_update(skip_locked=True, of=("self",)).first():
            return step
    return None


def rank_owners(steps: QuerySet[Step]) -> list[int]:
    """Return the owners of `steps`: who lost a worker, has the fewest steps in flight, was served longest ago.

    Asked of the owners, not of the steps: an index answers for each at once, however many steps wait.
    """
    own = steps.filter(owner=OuterRef("pk"))
    in_flight = (
        Step.rows()
        .held()
        .filter(owner=OuterRef("pk"))
        .order_by()
        .values("owner")
        .annotate(number=Count("pk"))
        .values("number")
    )
    served = Step.objects.filter(owner=OuterRef("pk"), claimed_at__isnull=False).order_by("-claimed_at")
    owners = (
        get_user_model()
        .objects.filter(Exists(own))
        .annotate(
            first_due=Subquery(own.order_by("due_at").values("due_at")[:1]),
            in_flight=Coalesce(Subquery(in_flight, output_field=IntegerField()), 0),
            served_at=Subquery(served.values("claimed_at")[:1]),
        )
        .order_by(
            Case(When(first_due=RECOVERED_DUE_AT, then=0), default=1),
            "in_flight",
            F("served_at").asc(nulls_first=True),
            "first_due",
        )
    )
    return list(owners.values_list("pk", flat=True))
