"""The list of job cards: its filter, context and fingerprint."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from accounts.models import User
from jobs.domain.base import storage
from jobs.domain.reading import queries

TABS = (
    ("", "All", "all"),
    ("active", "Active", "active"),
    ("completed", "Completed", "completed"),
    (queries.REVIEW, "Needs review", "review"),
    ("failed", "Failed", "failed"),
)


@dataclass(frozen=True, slots=True)
class CardFilter:
    """The filter of the cards: a state and a category.

    Each is empty for all. The state is a tab's; a need for review counts as one.
    """

    state: str = ""
    category: str = ""

    def build_query(self) -> str:
        """Return the filter as the query of an address.

        With its question mark; empty when nothing is filtered.
        """
        chosen = {name: value for name, value in (("state", self.state), ("category", self.category)) if value}
        return f"?{urlencode(chosen)}" if chosen else ""


def read_filter(request: HttpRequest) -> CardFilter:
    """Return the filter of an address.

    Unknown states mean all.
    """
    state = request.GET.get("state", "")
    known = {tab for tab, _label, _count in TABS}
    category = request.GET.get("category", "").replace("\0", "")  # PostgreSQL accepts it nowhere
    return CardFilter(state if state in known else "", category)


def fingerprint_list(user: User, chosen: CardFilter) -> str:
    """Return a text that changes with the look of the list."""
    return add_space_warning(queries.fingerprint_cards(user, state=chosen.state, category=chosen.category))


def add_space_warning(fingerprint: str) -> str:
    """Return a fingerprint that also covers the space warning."""
    return fingerprint if storage.has_free_space() else f"{fingerprint}-short"


def build_list(user: User, chosen: CardFilter, etag: str) -> dict[str, Any]:
    """Return the context of `jobs/_job_list.html`.

    `etag` is the fingerprint, taken before: a change in between then shows at the next look, and is never missed.
    """
    counts = queries.count_jobs(user)
    numbers = {**asdict(counts), "completed": queries.count_completed(user), "review": queries.count_review(user)}
    jobs = queries.list_cards(user, state=chosen.state, category=chosen.category)
    tabs = [
        {"label": label, "count": numbers[count], "query": CardFilter(state, chosen.category).build_query(),
         "name": count, "is_current": state == chosen.state}
        for state, label, count in TABS
    ]  # fmt: skip
    return {
        "etag": etag,
        "is_disk_short": not storage.has_free_space(),
        "counts": counts,
        "jobs": jobs,
        "tabs": tabs,
        "chosen": chosen,
        "is_cut": len(jobs) >= queries.CARD_LIMIT,
        "without_category": CardFilter(chosen.state).build_query(),
    }
