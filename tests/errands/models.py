from django.db import models

from foundation.database.leased_rows import LeasedRow


class Errand(LeasedRow):
    """Says a word, or fails."""

    state = models.CharField(max_length=8, default="waiting")
    word = models.CharField(max_length=20)


SAID = []


def run_errand(lease):
    if lease.row.word == "fail":
        raise ValueError
    SAID.append(lease.row.word)
