"""Moving from SQLite to PostgreSQL as docs/operations.md tells."""

import json

from django.core.management import call_command

from accounts.models import User
from jobs.domain.steps.step_queue import STEPS
from jobs.models import Job
from tests.databases import use_database

MODELS = ("auth.group", "accounts", "jobs", "admin")


def dump(file):
    """Return the rows that were written, in an order of their own."""
    call_command("dumpdata", *MODELS, format="jsonl", use_natural_foreign_keys=True, output=str(file))
    return sorted(map(json.loads, file.read_text().splitlines()), key=lambda row: (row["model"], str(row["pk"])))


def test_everything_is_taken_along_and_work_goes_on(data_dir, make_job, django_db_blocker):
    file = data_dir / "everything.jsonl"
    with use_database("sqlite", data_dir, django_db_blocker):
        anna = User.objects.create_superuser("anna", password="correct horse battery")
        make_job(anna)
        STEPS.work_for(30)
        waiting = make_job(anna, seconds=4)
        before = dump(file)
    with use_database("postgresql", data_dir, django_db_blocker):
        call_command("loaddata", str(file), verbosity=0)
        assert dump(data_dir / "again.jsonl") == before
        STEPS.work_for(30)
        assert Job.objects.get(pk=waiting.pk).state == "completed"
        assert make_job(User.objects.get(), seconds=5).state == "pending"
