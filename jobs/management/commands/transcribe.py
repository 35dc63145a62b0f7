"""Transcribes one file from the shell.

It uses engine and analysis without touching the database.
"""

import sys
import tempfile
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from analysis import Analysis, analyse
from engine import EngineClient, EngineError, Preparation, Transcript, join_chunks, needs_review
from engine.text import formats
from jobs import conf
from jobs.domain.base import engines
from jobs.domain.steps import transcribe_step
from jobs.domain.steps.finish_step import load_categories
from jobs.domain.steps.prepare_step import describe_loss

BAR_WIDTH = 40


class ProgressBar:
    """A bar on a terminal.

    On anything else it stays quiet.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.is_shown = stream.isatty()

    def show(self, label: str, share: float) -> None:
        """Draw `share` (0 to 1) of the bar."""
        if self.is_shown:
            full = round(share * BAR_WIDTH)
            self.stream.write(f"\r{label:<13}[{'#' * full}{'.' * (BAR_WIDTH - full)}] {share:4.0%}")
            self.stream.flush()

    def close(self) -> None:
        """Clear the line."""
        if self.is_shown:
            self.stream.write("\r" + " " * (BAR_WIDTH + 24) + "\r")


class Command(BaseCommand):
    """`manage.py transcribe FILE`: the result on stdout, progress on stderr."""

    help = "Transcribes one file; the text goes to stdout, nothing is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(formats.FORMATS), default="txt")
        parser.add_argument("--language", default="", help="a code such as en; detected when left out")

    def handle(self, *_args: Any, file: Path, format: str, language: str, **_options: Any) -> None:  # noqa: A002 - the option's name
        """Transcribe and print.

        Raises:
            CommandError: the file or the engine; the message is the error's plain words.
        """
        if not file.is_file():
            raise CommandError(f"{file} is not a file.")
        bar = ProgressBar(sys.stderr)
        try:
            with EngineClient(engines.build_config()) as client, tempfile.TemporaryDirectory() as folder:
                preparation, transcript = transcribe_file(client, file, Path(folder), language or None, bar)
        except EngineError as error:
            raise CommandError(f"{error.code}: {error.message}") from error
        finally:
            bar.close()
        if loss := describe_loss(preparation):
            self.stderr.write(self.style.WARNING(loss))
        self.stdout.write(formats.render(transcript, format))
        self.stderr.write(describe_result(transcript, find_meaning(transcript)))


def transcribe_file(
    client: EngineClient, file: Path, folder: Path, language: str | None, bar: ProgressBar
) -> tuple[Preparation, Transcript]:
    """Prepare `file` and transcribe its chunks in order.

    Raises:
        EngineError: the file or the engine failed.
    """
    working_copy = folder / "audio.wav"
    preparation = client.prepare(
        file,
        working_copy,
        language=language,
        max_seconds=conf.get_max_seconds(),
        timeout=conf.TIME_LIMIT_FLOOR_SECONDS + conf.get_max_seconds() / conf.PREPARE_SPEED,
        on_tick=lambda _seconds: bar.show("Preparing", 0),
    )
    known = preparation.language or language
    chunks = []
    for plan in preparation.chunks:
        show = partial(show_progress, bar, plan.start, preparation.seconds)
        if plan.speech:
            limit = transcribe_step.compute_time_limit(plan.seconds)
            chunks.append(client.transcribe(working_copy, plan, language=known, timeout=limit, on_tick=show))
        show(plan.seconds)
    transcript = join_chunks(
        chunks,
        preparation.seconds,
        known,
        preparation.language_probability,
        speech_seconds=sum(span.seconds for plan in preparation.chunks for span in plan.speech),
        gaps=preparation.gaps,
        flags=preparation.flags,
    )
    return preparation, transcript


def show_progress(bar: ProgressBar, start: float, seconds: float, done: float) -> None:
    """Draw the bar for a chunk.

    It begins at `start` of `seconds`, and `done` seconds of it are done.
    """
    bar.show("Transcribing", min(1.0, (start + done) / seconds))


def find_meaning(transcript: Transcript) -> Analysis:
    """Return the analysis of the text."""
    return analyse(transcript.text, transcript.language, load_categories(settings.CATEGORIES_FILE))


def describe_result(transcript: Transcript, analysis: Analysis) -> str:
    """Return one line about the text.

    Language, confidence, category, sentiment, and how much is doubtful.
    """
    if not transcript.segments:
        return "No speech found." if transcript.coverage is None else "Somebody speaks, and no text was found."
    category = analysis.category.name if analysis.category else f"no category ({analysis.category_reason})"
    sentiment = analysis.sentiment.label if analysis.sentiment else "no sentiment"
    known = f"{transcript.language}, {transcript.confidence:.0%} sure, {category}, {sentiment}"
    return f"{known}{describe_review_spots(transcript)}"


def describe_review_spots(transcript: Transcript) -> str:
    """Return the number of review spots and the need for review.

    Empty where nothing is doubtful.
    """
    count = len(transcript.review_spots)
    places = f", {count} doubtful place{'s' if count > 1 else ''}" if count else ""
    return f"{places}, needs a review" if needs_review(transcript) else places
