"""The notes of a recording: marks and losses.

Marks are moments that were marked, losses what could not be heard.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from engine import Note
from jobs.models import Recording
from jobs.states import LossReason

MARK = "mark"
# A recording keeps at most this many marks, and this many losses.
MOST_NOTES = 1000
# Surplus losses are joined when they begin within this time, in seconds, then within twice as many.
FIRST_SECONDS_TO_JOIN = 1.0
# Of these nothing is in the audio, so the note is about one moment of it.
MISSING = {LossReason.MICROPHONE_LOST, LossReason.SUSPENDED, LossReason.INTERRUPTED}


def list_notes(recording: Recording) -> tuple[Note, ...]:
    """Return the notes of a recording in order.

    None is later than its end, as far as that is known.
    """
    notes = {(note.start, note.kind): note for note in (*build_marks(recording), *build_losses(recording))}
    return tuple(notes[key] for key in sorted(notes))


def build_marks(recording: Recording) -> Iterator[Note]:
    """Yield a note for each mark.

    One without words is called "Marked".
    """
    for mark in recording.marks:
        start = limit(recording, mark["seconds"])
        yield Note(start, start, MARK, mark["note"] or "Marked")


def build_losses(recording: Recording) -> Iterator[Note]:
    """Yield a note for each stretch that was lost or badly heard."""
    for loss in recording.losses:
        reason, start, seconds = LossReason(loss["reason"]), limit(recording, loss["start"]), round(loss["seconds"])
        if reason in MISSING:
            words = f"; about {seconds} s are missing" if seconds else ""
            yield Note(start, start, reason.value, f"{reason.label}{words}")
        else:
            words = f" for {seconds} s" if seconds else ""
            yield Note(start, limit(recording, loss["start"] + loss["seconds"]), reason.value, f"{reason.label}{words}")


def limit(recording: Recording, seconds: float) -> float:
    """Return a time that lies within the recording."""
    return seconds if recording.seconds is None else min(seconds, recording.seconds)


def thin_losses(losses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return at most MOST_NOTES losses.

    Those of one reason that are close together become one, as long as all of them.
    """
    within = FIRST_SECONDS_TO_JOIN
    while len(losses) > MOST_NOTES:  # ends with one for each reason
        losses, within = join_losses(losses, within), within * 2
    return losses


def join_losses(losses: Iterable[dict[str, Any]], within: float) -> list[dict[str, Any]]:
    """Return the losses in order, close ones of a reason joined.

    They must begin within `within` seconds of the first.
    """
    joined: list[dict[str, Any]] = []
    open_ones: dict[str, dict[str, Any]] = {}
    for loss in sorted(losses, key=lambda loss: float(loss["start"])):
        first = open_ones.get(loss["reason"])
        if first is not None and loss["start"] - first["start"] <= within:
            first["seconds"] = round(first["seconds"] + loss["seconds"], 2)
        else:
            open_ones[loss["reason"]] = {**loss}
            joined.append(open_ones[loss["reason"]])
    return joined
