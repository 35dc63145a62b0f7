import pytest

from engine import Note, Segment, Word
from jobs.domain.base import reasons
from jobs.domain.feed import events
from jobs.domain.intake import submit
from jobs.domain.lifecycle import control, transitions
from jobs.domain.queue import leases
from jobs.domain.reading import queries
from jobs.domain.steps import progress, worker
from jobs.models import Job, Recording, Transcript
from jobs.states import JobState, Stage


@pytest.fixture
def jobs_in_all_states(make_job, anna):
    """Two jobs in each state; returns their ids, oldest first."""
    made = {}
    for state in JobState:
        made[state] = [make_job(anna).pk for _ in range(2)]
        Job.objects.filter(pk__in=made[state]).update(state=state)
    return made


@pytest.fixture
def tell_changes(make_prepared, anna):
    """Whether something changes the fingerprints of the cards and of a job."""

    def tell(act):
        job = make_prepared(anna, chunks=2)
        Job.objects.update(updated_at="2020-01-01T00:00:00Z")
        before = (queries.fingerprint_cards(anna), queries.fingerprint_job(Job.objects.get(pk=job.pk)))
        act(job)
        after = (queries.fingerprint_cards(anna), queries.fingerprint_job(Job.objects.get(pk=job.pk)))
        return [old != new for old, new in zip(before, after, strict=True)]

    return tell


def test_everyone_sees_what_is_theirs_alone(make_job, anna, ben):
    mine, theirs = make_job(anna), make_job(ben)
    assert list(queries.visible_jobs(anna)) == [mine]
    assert list(queries.visible_recordings(anna)) == [mine.recording]
    assert list(queries.recordings_with_jobs(ben)) == [theirs.recording]
    assert queries.list_cards(ben) == [theirs]


def test_counts_are_of_ones_own_jobs(jobs_in_all_states, make_job, ben, anna):
    make_job(ben)
    assert queries.count_jobs(anna) == queries.JobCounts(all=10, active=4, failed=2)


def test_completed_jobs_are_counted_up_to_a_limit(jobs_in_all_states, anna, ben, monkeypatch):
    assert (queries.count_completed(anna), queries.count_completed(ben)) == (2, 0)
    monkeypatch.setattr(queries, "COUNT_LIMIT", 1)
    assert queries.count_completed(anna) == 1


def test_counting_ends_at_a_limit(make_job, anna, monkeypatch):
    monkeypatch.setattr(queries, "COUNT_LIMIT", 2)
    for _ in range(3):
        make_job(anna)
    assert queries.count_jobs(anna) == queries.JobCounts(all=2, active=2, failed=0)


def test_cards_are_in_order_of_state_and_newest_first(jobs_in_all_states, anna):
    order = ("processing", "pending", "failed", "cancelled", "completed")
    expected = [key for state in order for key in reversed(jobs_in_all_states[state])]
    assert [job.pk for job in queries.list_cards(anna)] == expected


def test_no_more_cards_than_asked_for(jobs_in_all_states, anna):
    cards = queries.list_cards(anna, limit=3)
    assert [job.state for job in cards] == ["processing", "processing", "pending"]


@pytest.mark.parametrize(
    ("state", "shown"),
    [("failed", ["failed"] * 2), ("active", ["processing"] * 2 + ["pending"] * 2), ("nonsense", [])],
)
def test_cards_of_one_state(jobs_in_all_states, anna, state, shown):
    assert [job.state for job in queries.list_cards(anna, state=state)] == shown


def test_cards_of_one_category(make_job, anna):
    job = make_job(anna)
    make_job(anna)
    Transcript.objects.create(job=job, category="Meeting")
    assert queries.list_cards(anna, category="Meeting") == [job]


def test_a_card_that_is_deleted_meanwhile_is_left_out(make_job, anna, monkeypatch):
    job = make_job(anna)
    keys = [(job.pk, job.updated_at)]
    control.delete_recording(job.recording)
    monkeypatch.setattr(queries, "list_card_keys", lambda *args, **kwargs: keys)
    assert queries.list_cards(anna) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_cards_take_the_same_queries_for_any_number(make_job, anna, rows, django_assert_num_queries):
    for _ in range(rows):
        Transcript.objects.create(job=make_job(anna), preview="so it was said")
    with django_assert_num_queries(6):
        shown = [(job.recording.title, job.transcript.preview) for job in queries.list_cards(anna)]
    assert shown == [("speech", "so it was said")] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_recordings_take_the_same_queries_for_any_number(make_job, anna, rows, django_assert_num_queries):
    for _ in range(rows):
        submit.submit_recording(make_job(anna).recording, actor=anna)
    with django_assert_num_queries(2):
        shown = [[job.state for job in recording.jobs.all()] for recording in queries.recordings_with_jobs(anna)]
    assert shown == [["pending", "pending"]] * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_fingerprint_takes_the_same_queries_for_any_number(make_job, anna, rows, django_assert_num_queries):
    for _ in range(rows):
        make_job(anna)
    with django_assert_num_queries(8):
        queries.fingerprint_cards(anna)


def test_heavy_columns_are_left_where_they_are(make_job, anna):
    Transcript.objects.create(job=make_job(anna))
    job = queries.visible_jobs(anna).get()
    assert job.recording.get_deferred_fields() == {"peaks"}
    assert job.transcript.get_deferred_fields() == {"text"}
    assert queries.visible_recordings(anna).get().get_deferred_fields() == {"peaks"}


@pytest.mark.parametrize(
    "act",
    [
        lambda job: control.cancel_job(job, None),
        lambda job: transitions.fail_job(job, "engine_crashed", "It crashed."),
        lambda job: transitions.change_stage(job, Stage.ANALYSING),
        lambda job: control.rename_recording(job.recording, "Another title"),
        progress.update_progress,
        lambda job: worker.run_step(leases.claim_step()),
    ],
)
def test_a_visible_change_changes_the_fingerprints(tell_changes, act):
    assert tell_changes(act) == [True, True]


@pytest.mark.parametrize(
    "act",
    [
        lambda job: leases.claim_step(),
        lambda job: leases.reschedule_step(leases.claim_step(), 1, "engine_crashed"),
        lambda job: events.record_reading(job, job.owner, "text"),
    ],
)
def test_what_nobody_sees_changes_no_fingerprint(tell_changes, act):
    assert tell_changes(act) == [False, False]


def test_a_new_job_changes_the_cards_but_no_other_job(tell_changes):
    assert tell_changes(lambda job: submit.submit_recording(job.recording, actor=job.owner)) == [True, False]


def test_a_deleted_job_changes_the_cards(make_job, anna):
    keep, go = make_job(anna), make_job(anna)
    before = queries.fingerprint_cards(anna)
    control.delete_recording(go.recording)
    assert queries.fingerprint_cards(anna) != before
    assert queries.list_cards(anna) == [keep]


def test_the_jobs_of_others_change_nothing(make_job, anna, ben):
    make_job(anna)
    before = queries.fingerprint_cards(anna)
    make_job(ben)
    assert queries.fingerprint_cards(anna) == before


def test_a_length_that_becomes_known_changes_all_cards_of_its_recording(
    make_job, anna, django_capture_on_commit_callbacks
):
    first = make_job(anna)
    second = submit.submit_recording(first.recording, actor=anna)
    Job.objects.update(updated_at="2020-01-01T00:00:00Z")
    before = queries.fingerprint_job(Job.objects.get(pk=second.pk))
    with django_capture_on_commit_callbacks(execute=True):
        worker.run_step(leases.claim_step())
    assert queries.fingerprint_job(Job.objects.get(pk=second.pk)) != before


def test_the_log_is_in_order_with_who_did_it(make_job, anna, django_assert_num_queries):
    job = control.cancel_job(make_job(anna), anna)
    with django_assert_num_queries(1):
        log = [(event.kind, event.state, event.actor.username) for event in queries.list_events(job)]
    assert log == [("created", "pending", "anna"), ("state", "cancelled", "anna")]


def test_a_text_is_readable_while_the_rest_is_transcribed(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=3)
    first, second = claim(), claim()
    say(second, "and then")
    say(first, "at first")
    assert queries.read_transcript(job).text == "at first and then"


def test_a_stored_text_comes_back_as_the_engine_knows_it(make_prepared, claim, say, anna):
    job = make_prepared(anna, chunks=1)
    say(claim(), "at first")
    transcript = queries.read_transcript(job)
    words = (Word(0.0, 1.0, "at", 0.9), Word(0.0, 1.0, "first", 0.9))
    assert transcript.segments == (Segment(0.0, 1.0, "at first", 0.8, words),)
    assert (transcript.seconds, transcript.language, transcript.language_probability) == (10.0, "en", 0.9)


def test_a_text_has_the_notes_of_its_recording(make_prepared, anna):
    job = make_prepared(anna, chunks=1)
    Recording.objects.update(marks=[{"seconds": 3.0, "note": "budget"}])
    assert queries.read_transcript(Job.objects.get(pk=job.pk)).notes == (Note(3.0, 3.0, "mark", "budget"),)


def test_before_it_is_prepared_a_job_has_an_empty_text(make_job, anna):
    transcript = queries.read_transcript(make_job(anna))
    assert (transcript.text, transcript.seconds, transcript.language, transcript.confidence) == ("", 0.0, None, None)


def test_a_title_change_is_shown_at_once(make_job, anna):
    control.rename_recording(make_job(anna).recording, "Another title")
    assert [job.recording.title for job in queries.list_cards(anna)] == ["Another title"]
    assert Recording.objects.get().title == "Another title"


@pytest.mark.parametrize(
    ("code", "lasting"), [("unreadable_media", True), ("empty_file", True), ("disk_full", False), ("", False)]
)
def test_an_error_lasts_when_another_try_cannot_mend_it(code, lasting):
    assert reasons.is_lasting_error(code) == lasting
