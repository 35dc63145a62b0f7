"""The times of lists with a million jobs on PostgreSQL.

They are divided by those with a thousand.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.postgres import PostgresServer

SIZES = {"small": 1_000, "large": 1_000_000}
# What one person owns of all jobs, and how many others share the rest.
BIG_SHARE, OTHERS = 0.3, 99
PROMISED_RATIO, PROMISED_SECONDS = 1.5, 0.150
PAGES = {
    "home": "/",
    "home, failed": "/?state=failed",
    "home, completed": "/?state=completed",
    "home, one category": "/?category=Education",
    "home, rare category": "/?category=Rare",
    "cards, polled": "/fragments/jobs/",
    "home, needs review": "/?state=review",
    "failed jobs": "/failed/",
    "recordings": "/recordings/",
    "API list": "/api/jobs/",
    "API list, failed": "/api/jobs/?state=failed",
    "API list, one category": "/api/jobs/?category=Education",
    "API list, rare category": "/api/jobs/?category=Rare",
    "API list, sentiment": "/api/jobs/?sentiment=negative",
    "API list, needs review": "/api/jobs/?needs_review=true",
    "API failed jobs": "/api/jobs/failed/",
    "admin list": "/admin/jobs/job/",
    "admin list, failed": "/admin/jobs/job/?state__exact=failed",
}
# Most completed, some failed for several reasons, and a category that only the 300 oldest have, so that every page is
# full in both sizes.
FILL = """
INSERT INTO jobs_recording (id, owner_id, title, original_name, media_type, audio, bytes, sha256, seconds, source, created_at,
                            state, key, language, marks, losses)
SELECT md5('r' || i)::uuid, {owner}, 'Recording ' || i, 'talk.wav', 'audio/wav', 'recordings/' || i, 1000000,
       md5('a' || i) || md5('b' || i), 30 + i % 600, 'uploaded', now() - i * interval '20 seconds',
       'ready', '', '', '[]', '[]'
FROM generate_series(1, {number}) AS i;
INSERT INTO jobs_job (id, recording_id, owner_id, state, stage, progress, attempts, options, engine, model_checksum,
                      error_code, error_message, warning, created_at, updated_at, started_at, finished_at,
                      progress_before, needs_review)
SELECT md5('j' || i)::uuid, md5('r' || i)::uuid, {owner}, state, '', 100, 1, '{{}}', 'whisper base', 'abc',
       CASE state WHEN 'failed' THEN (ARRAY['engine_crashed', 'unreadable_media', 'too_long'])[1 + i / 5 % 3]
                  ELSE '' END,
       '', '', at, at, at, at, 0, state = 'completed' AND i % 7 = 0
FROM (SELECT i, now() - i * interval '20 seconds' AS at,
             CASE WHEN i % 5 = 0 THEN 'failed' WHEN i % 211 = 0 THEN 'cancelled' ELSE 'completed' END AS state
      FROM generate_series(1, {number}) AS i) AS made;
INSERT INTO jobs_transcript (job_id, text, preview, words, is_complete, language, language_probability, confidence,
                             sentiment, sentiment_score, flags, recording_flags, gaps, review_spot_count,
                             category, category_score, category_reason)
SELECT md5('j' || i)::uuid, repeat('so it was said ', 40), repeat('so it was said ', 15), 160, true, 'en', 0.9, 0.9,
       (ARRAY['positive', 'neutral', 'negative'])[1 + i % 3], 0.1, '[]', '[]', '[]', 0,
       CASE WHEN i > {number} - 300 THEN 'Rare' ELSE (ARRAY['Education', 'Business', 'Health', 'Sport'])[1 + i % 4] END, 0.6, ''
FROM generate_series(1, {number}) AS i;
INSERT INTO jobs_jobevent (job_id, kind, state, reason, details, created_at)
SELECT md5('j' || i)::uuid, 'state', CASE WHEN i % 5 = 0 THEN 'failed' ELSE 'completed' END, '', '{{"detail": "x"}}',
       now() - i * interval '20 seconds'
FROM generate_series(1, {number}) AS i;
ANALYZE;
"""


@dataclass(slots=True)
class Page:
    """The measurements of one address.

    The seconds of each request by size, and the number of queries.
    """

    name: str
    seconds: dict[str, list[float]] = field(default_factory=lambda: {size: [] for size in SIZES})
    queries: dict[str, int] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Median with a million jobs ÷ median with a thousand."""
        return statistics.median(self.seconds["large"]) / statistics.median(self.seconds["small"])

    @property
    def worst(self) -> float:
        """The 95th percentile with a million jobs, in seconds."""
        return statistics.quantiles(self.seconds["large"], n=20)[-1]

    @property
    def is_kept(self) -> bool:
        """Whether all that is promised holds."""
        same = self.queries["large"] == self.queries["small"]
        return same and self.ratio <= PROMISED_RATIO and self.worst <= PROMISED_SECONDS


def main() -> int:
    """Fill both databases, measure and print the table.

    Returns 1 when a promise is broken.
    """
    arguments = read_arguments(sys.argv[1:])
    with PostgresServer(fsync=False) as server, tempfile.TemporaryDirectory(prefix="transcribe-bench-") as folder:
        urls = {size: server.create_database(size) for size in SIZES}
        start_django(urls["small"], folder)
        sizes = {"small": SIZES["small"], "large": arguments.jobs}
        for size, number in sizes.items():
            fill_database(size, number)
        pages = [Page(name) for name in PAGES]
        for _ in range(arguments.rounds):
            for size in SIZES:
                measure_pages(size, pages)
    print_table(pages, sizes)
    return 0 if all(page.is_kept for page in pages) else 1


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return `jobs` of the large database, and `rounds` of requests."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service.lists_of_a_million_jobs", description=__doc__)
    parser.add_argument("--jobs", type=int, default=SIZES["large"], help="jobs in the large database")
    parser.add_argument("--rounds", type=int, default=10, help="each asks for every page several times")
    return parser.parse_args(words)


def start_django(url: str, folder: str) -> None:
    """Set the program up on the database at `url`."""
    known = {"DJANGO_SETTINGS_MODULE": "transcribe_site.settings", "TRANSCRIBE_ENGINE": "fake"}
    os.environ.update({**known, "DATABASE_URL": url, "TRANSCRIBE_DATA_DIR": folder})
    import django  # noqa: PLC0415 - the settings are read from the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("collectstatic", verbosity=0, interactive=False)


def choose_database(name: str) -> None:
    """Let all that follows go to the database `name`."""
    from django.db import connection  # noqa: PLC0415

    connection.close()
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()


def fill_database(name: str, number: int) -> None:
    """Make the tables, the people and `number` jobs.

    The first person owns BIG_SHARE of them.
    """
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415

    choose_database(name)
    call_command("migrate", verbosity=0, interactive=False)
    big = User.objects.create_superuser("big", password=None)
    others = [User.objects.create_user(f"person {index}") for index in range(OTHERS)]
    owner = f"CASE WHEN i % 10 < {round(BIG_SHARE * 10)} THEN {big.pk} ELSE {others[0].pk} + i % {OTHERS} END"
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(number=number, owner=owner))


def measure_pages(size: str, pages: list[Page], repeats: int = 5) -> None:
    """Request each page several times as the person with most jobs.

    The first answer warms up.
    """
    from django.test import Client  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415

    choose_database(size)
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username="big"))
    for page in pages:
        page.queries[size] = count_queries(client, PAGES[page.name])
        for _ in range(repeats):
            started_at = time.perf_counter()
            client.get(PAGES[page.name])
            page.seconds[size].append(time.perf_counter() - started_at)


def count_queries(client: Any, address: str) -> int:
    """Ask for a page and return how many queries that took.

    Raises:
        RuntimeError: it was not shown.
    """
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        b"".join(response)
    if response.status_code != 200:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{address} answered {response.status_code}")
    return len(captured)


def print_table(pages: list[Page], sizes: dict[str, int]) -> None:
    """Print a line for each page."""
    print(f"PostgreSQL, {sizes['small']:,} and {sizes['large']:,} jobs, of which one person owns {BIG_SHARE:.0%}")
    print(f"{'page':<26}{'small ms':>10}{'large ms':>10}{'p95 ms':>9}{'ratio':>8}{'queries':>10}")
    for page in pages:
        small, large = (1000 * statistics.median(page.seconds[size]) for size in SIZES)
        counts = f"{page.queries['small']}/{page.queries['large']}"
        mark = "" if page.is_kept else "  broken"
        print(
            f"{page.name:<26}{small:>10.1f}{large:>10.1f}{1000 * page.worst:>9.1f}{page.ratio:>8.2f}{counts:>10}{mark}"
        )


if __name__ == "__main__":
    sys.exit(main())
