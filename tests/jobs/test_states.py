import pytest

from jobs import states
from jobs.states import JobState

ALLOWED = {
    ("pending", "processing"),
    ("pending", "completed"),
    ("pending", "cancelled"),
    ("pending", "failed"),
    ("processing", "completed"),
    ("processing", "failed"),
    ("processing", "cancelled"),
    ("failed", "pending"),
    ("cancelled", "pending"),
}
PAIRS = [(old, new) for old in JobState for new in JobState]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_only_the_drawn_changes_are_allowed(old, new):
    assert states.can_change(old, new) is ((old, new) in ALLOWED)


def test_what_can_be_retried_is_what_can_be_pending_again():
    assert set(states.RETRYABLE_STATES) == {old for old, new in ALLOWED if new == "pending"}


def test_every_state_has_its_place_among_the_cards():
    assert sorted(states.CARD_ORDER) == sorted(JobState)
