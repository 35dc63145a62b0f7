import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.domain.feed import events
from jobs.errors import JobError
from jobs.models import Chunk, Job, JobEvent, Recording, Segment, Step, Transcript


def test_rows_have_readable_names(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=1)
    say(claim())
    assert str(job) == str(job.pk)
    assert str(Chunk.objects.get()) == f"chunk 0 of {job.pk}"
    assert [str(model.objects.first()) for model in (Recording, Segment, Transcript, JobEvent)] == [
        "speech",
        "so it was said",
        "so it was said",
        "created pending",
    ]


@pytest.mark.parametrize(
    ("state", "active", "retryable"),
    [
        ("pending", True, False),
        ("processing", True, False),
        ("completed", False, False),
        ("failed", False, True),
        ("cancelled", False, True),
    ],
)
def test_a_job_knows_what_may_be_done_with_it(state, active, retryable):
    job = Job(state=state)
    assert (job.is_active, job.is_retryable) == (active, retryable)


@pytest.mark.parametrize("fields", [{"state": "running"}, {"lease_expires_at": timezone.now()}])
def test_a_step_runs_exactly_while_it_is_leased(make_job, anna, fields):
    make_job(anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.update(**fields)


def test_no_step_is_there_twice(make_job, anna):
    step = make_job(anna).steps.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.create(job=step.job, owner=anna, kind=step.kind, runnable_at=timezone.now())


def test_no_segment_is_there_twice(make_prepared, claim, say, anna):
    make_prepared(anna, chunks=1)
    lease = claim()
    say(lease)
    copy = Segment.objects.get()
    copy.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()


def test_chunks_are_the_steps_with_audio(make_prepared, anna):
    make_prepared(anna, chunks=2)
    assert (Step.objects.count(), Chunk.objects.count()) == (3, 2)


def test_opening_the_text_of_another_is_logged(make_job, anna, ben):
    event = events.record_reading(make_job(anna), ben, "text")
    assert (event.kind, event.actor, event.reason) == ("read", ben, "text opened by ben")


def test_a_long_reason_is_cut(make_job, anna):
    assert events.record_event(make_job(anna), "state", reason="x" * 300).reason == "x" * 200


@pytest.mark.parametrize("error", JobError.__subclasses__())
def test_every_error_speaks_for_itself(error):
    # pains Q12
    assert str(error()) == error.message
    assert str(error("the cause")) == "the cause"
