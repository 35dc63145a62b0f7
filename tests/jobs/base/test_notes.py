"""What was noticed while recording, as notes in the transcript."""

import pytest

from jobs.domain.base.notes import list_notes
from jobs.models import Recording
from jobs.states import LossReason


def build_recording(**fields):
    return Recording(seconds=60.0, **fields)


def test_notes_come_in_order_and_a_mark_without_words_is_called_one():
    marks = [{"seconds": 30.0, "note": ""}, {"seconds": 5.0, "note": "budget"}]
    losses = [{"start": 12.0, "seconds": 8.2, "reason": "silence"}]
    notes = list_notes(build_recording(marks=marks, losses=losses))
    assert [(note.start, note.end, note.kind, note.text) for note in notes] == [
        (5.0, 5.0, "mark", "budget"),
        (12.0, 20.2, "silence", "No sound reached the microphone for 8 s"),
        (30.0, 30.0, "mark", "Marked"),
    ]


def test_what_is_missing_is_one_moment_of_the_audio():
    losses = [{"start": 12.0, "seconds": 8.2, "reason": "microphone_lost"}]
    (note,) = list_notes(build_recording(losses=losses))
    assert (note.start, note.end) == (12.0, 12.0)
    assert note.text == "The microphone went away; about 8 s are missing"


def test_a_loss_of_unknown_length_says_none():
    (note,) = list_notes(build_recording(losses=[{"start": 1.0, "seconds": 0.0, "reason": "interrupted"}]))
    assert note.text == "The page was closed or ended"


def test_no_note_is_later_than_the_end():
    losses = [{"start": 70.0, "seconds": 5.0, "reason": "clipped"}]
    notes = list_notes(build_recording(marks=[{"seconds": 61.5, "note": "late"}], losses=losses))
    assert [(note.start, note.end) for note in notes] == [(60.0, 60.0), (60.0, 60.0)]


def test_the_same_thing_at_the_same_moment_is_noted_once():
    losses = [{"start": 70.0, "seconds": 0.0, "reason": "interrupted"}] * 2
    assert len(list_notes(build_recording(losses=losses))) == 1


@pytest.mark.parametrize("reason", LossReason.values)
def test_every_reason_has_words(reason):
    (note,) = list_notes(build_recording(losses=[{"start": 1.0, "seconds": 2.0, "reason": reason}]))
    assert note.text.startswith(LossReason(reason).label)
