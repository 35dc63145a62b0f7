"""Recordings that arrive while they are made.

They are opened, changed and finished by their owner alone.
"""

import pytest

from jobs.domain.base import storage
from jobs.domain.intake import recorder
from jobs.errors import RecordingClosed
from jobs.models import Job, Recording, Upload

MARKS = [{"seconds": 3.5, "note": "the price"}]
LOSSES = [{"start": 1.0, "seconds": 2.0, "reason": "muted"}]


@pytest.fixture
def opened(api):
    return api.post("/api/recordings/", {"key": "abc", "title": "Talk", "language": "en"}, format="json").json()


@pytest.fixture
def add_part(owner):
    def add(recording_id, number, content, *, whole=True):
        recording = Recording.objects.get(pk=recording_id)
        part = Upload.objects.create(
            owner=owner,
            recording=recording,
            part=number,
            length=len(content) if whole else None,
            finished_at=recording.created_at if whole else None,
        )
        storage.get_upload_path(part.pk).write_bytes(content)
        return part

    return add


def finish(api, recording_id, **fields):
    return api.post(f"/api/recordings/{recording_id}/finish/", fields, format="json")


def test_a_recording_is_there_from_its_first_second(opened):
    shown = {name: opened[name] for name in ("state", "title", "language", "parts", "marks", "losses", "job")}
    empty = {"parts": [], "marks": [], "losses": [], "job": None}
    assert shown == {"state": "receiving", "title": "Talk", "language": "en", **empty}


def test_opened_again_under_its_key_it_is_the_same(api, opened):  # pains R12
    again = api.post("/api/recordings/", {"key": "abc", "title": "Other"}, format="json")
    assert (again.status_code, again.json()["id"], again.json()["title"]) == (200, opened["id"], "Talk")


def test_the_key_of_somebody_else_is_another(foreign_api, opened):
    assert foreign_api.post("/api/recordings/", {"key": "abc"}, format="json").json()["id"] != opened["id"]


def test_what_still_arrives_is_listed_apart(api, opened):
    whole, arriving = (api.get("/api/recordings/", query).json()["results"] for query in ({}, {"state": "receiving"}))
    assert (whole, [item["id"] for item in arriving]) == ([], [opened["id"]])


def test_its_parts_are_shown_with_what_is_here(api, opened, add_part):
    part = add_part(opened["id"], 0, b"abc", whole=False)
    (shown,) = api.get(f"/api/recordings/{opened['id']}/").json()["parts"]
    assert (shown["upload"], shown["received_bytes"], shown["length"]) == (f"/api/uploads/{part.pk}", 3, None)


def test_marks_and_losses_are_kept_at_once(api, opened):
    answer = api.patch(f"/api/recordings/{opened['id']}/", {"marks": MARKS, "losses": LOSSES}, format="json")
    assert (answer.json()["marks"], answer.json()["losses"], answer.json()["title"]) == (MARKS, LOSSES, "Talk")


def test_finishing_makes_it_ready_and_a_job_in_its_language(api, opened, add_part):
    add_part(opened["id"], 0, b"abc")
    answer = finish(api, opened["id"], parts=1, marks=MARKS)
    recording = Recording.objects.get()
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert (recording.state, recording.bytes, recording.marks) == ("ready", 3, MARKS)
    assert Job.objects.get().options == {"language": "en"}


def test_a_surplus_of_notes_does_not_keep_a_recording_from_its_end(api, opened, add_part):
    add_part(opened["id"], 0, b"abc")
    marks = [{"seconds": second, "note": str(second)} for second in range(1200)]
    losses = [{"start": second, "seconds": 0.5, "reason": ("muted", "silence")[second % 2]} for second in range(3000)]
    assert finish(api, opened["id"], parts=1, marks=marks, losses=losses).status_code == 202
    kept = Recording.objects.get()
    assert ([mark["note"] for mark in kept.marks], len(kept.losses) <= 1000) == ([str(n) for n in range(1000)], True)
    assert sum(loss["seconds"] for loss in kept.losses) == 1500
    assert {loss["reason"] for loss in kept.losses if loss["start"] > 2900} == {"muted", "silence"}


def test_as_many_notes_as_are_kept_stay_as_they_are(api, opened):
    losses = [{"start": 0.1 * number, "seconds": 0.1, "reason": "muted"} for number in range(1000)]
    api.patch(f"/api/recordings/{opened['id']}/", {"losses": losses}, format="json")
    assert Recording.objects.get().losses == losses


def test_what_is_not_told_is_not_written(owner, opened):
    early, late = Recording.objects.get(), Recording.objects.get()
    recorder.change_recording(early, recorder.Changes(marks=MARKS))
    recorder.change_recording(late, recorder.Changes(losses=LOSSES))
    recorder.change_recording(late, recorder.Changes())
    stored = Recording.objects.get()
    assert (stored.title, stored.language, stored.marks, stored.losses) == ("Talk", "en", MARKS, LOSSES)


def test_finishing_twice_gives_the_same_job(api, opened, add_part):
    add_part(opened["id"], 0, b"abc")
    first, second = finish(api, opened["id"], parts=1), finish(api, opened["id"], parts=1)
    assert (first.json()["id"], Job.objects.count()) == (second.json()["id"], 1)


def test_what_is_still_on_its_way_is_waited_for(api, opened, add_part):
    add_part(opened["id"], 0, b"abc")
    add_part(opened["id"], 1, b"de", whole=False)
    answer = finish(api, opened["id"], parts=3)
    assert (answer.status_code, answer.json()["code"]) == (409, "parts_missing")
    assert answer.json()["detail"].endswith("Missing: 1, 2.")


def test_it_can_be_finished_as_it_is(api, opened, add_part):
    part = add_part(opened["id"], 0, b"abc", whole=False)
    assert finish(api, opened["id"], as_is=True).status_code == 202
    part.refresh_from_db()
    assert (part.length, part.finished_at is not None) == (3, True)


def test_with_nothing_here_there_is_nothing_to_finish(api, opened):
    assert finish(api, opened["id"], as_is=True).json()["code"] == "recording_empty"


def test_one_must_say_how_it_ends(api, opened):
    assert finish(api, opened["id"]).json()["errors"] == {"parts": ["Say how many parts there are, or as_is."]}


def test_a_finished_one_takes_no_more_notes(api, opened, add_part):
    add_part(opened["id"], 0, b"abc")
    finish(api, opened["id"], parts=1)
    api.patch(f"/api/recordings/{opened['id']}/", {"marks": MARKS, "title": "New"}, format="json")
    assert (Recording.objects.get().marks, Recording.objects.get().title) == ([], "New")


def test_it_can_be_discarded_with_its_parts(api, opened, add_part, django_capture_on_commit_callbacks):
    path = storage.get_upload_path(add_part(opened["id"], 0, b"abc").pk)
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/recordings/{opened['id']}/").status_code == 204
    assert (Upload.objects.count(), path.exists()) == (0, False)


@pytest.mark.parametrize("method", ["get", "patch", "delete", "post"])
def test_nobody_else_gets_at_it(foreign_api, opened, method):
    address = f"/api/recordings/{opened['id']}/" + ("finish/" if method == "post" else "")
    assert getattr(foreign_api, method)(address, {"as_is": True}, format="json").status_code == 404


def test_its_audio_is_not_one_file_yet(api, opened):
    answer = api.get(f"/api/recordings/{opened['id']}/audio/")
    assert (answer.status_code, answer.json()["code"]) == (409, "recording_not_joined")


def test_a_page_of_another_version_may_go_on_with_its_recording(api):  # pains O2
    headers = {"X-Frontend-Version": "99.0.0"}
    refused = api.post("/api/recordings/", {"key": "k"}, format="json", headers=headers)
    accepted = api.post(
        "/api/recordings/", {"key": "k"}, format="json", headers={**headers, "X-Recorder-Protocol": "1"}
    )
    assert (refused.json()["code"], accepted.status_code) == ("version_mismatch", 201)


def test_a_recorder_of_an_unknown_protocol_is_told(api):
    answer = api.post("/api/recordings/", {"key": "k"}, format="json", headers={"X-Recorder-Protocol": "2"})
    assert (answer.status_code, answer.json()["code"]) == (409, "recorder_protocol_unknown")


@pytest.mark.parametrize(
    "marks", [[{"seconds": -1}], [{"seconds": "nan"}], [{"note": "x"}], "many", [{"seconds": 1, "note": "x" * 201}]]
)
def test_marks_that_are_none_are_refused(api, opened, marks):
    assert api.patch(f"/api/recordings/{opened['id']}/", {"marks": marks}, format="json").status_code == 400


@pytest.mark.parametrize("wants", [True, False])
def test_what_was_left_is_finished_for_owners_who_want_that(api, owner, opened, add_part, settings, wants):
    settings.UNFINISHED_HOURS = 0
    owner.finishes_recordings = wants
    owner.save()
    add_part(opened["id"], 0, b"abc", whole=False)
    assert (recorder.finish_abandoned(), Job.objects.count()) == (int(wants), int(wants))


def test_what_was_left_without_a_byte_is_left_alone(api, owner, opened, settings):
    settings.UNFINISHED_HOURS = 0
    owner.finishes_recordings = True
    owner.save()
    assert (recorder.finish_abandoned(), Recording.objects.get().state) == (0, "receiving")


def test_opened_by_two_pages_at_once_it_is_one(owner, monkeypatch):
    def let_the_twin_be_first(_language):
        monkeypatch.undo()
        recorder.open_recording(owner, "abc", recorder.Changes(title="First"))

    monkeypatch.setattr(recorder.engines, "check_language", let_the_twin_be_first)
    recording, is_new = recorder.open_recording(owner, "abc", recorder.Changes(title="Second"))
    assert (recording.title, is_new, Recording.objects.count()) == ("First", False, 1)


def test_what_was_finished_a_moment_ago_takes_no_notes(owner, opened):
    recording = Recording.objects.get()
    Recording.objects.update(state="ready")
    with pytest.raises(RecordingClosed):
        recorder.change_recording(recording, recorder.Changes(title="New"))
    assert Recording.objects.get().title == "Talk"


def test_what_was_left_a_moment_ago_is_not_touched(api, owner, opened, add_part):
    owner.finishes_recordings = True
    owner.save()
    add_part(opened["id"], 0, b"abc")
    assert recorder.finish_abandoned() == 0


def test_the_quota_tells_what_is_used_and_left(api, recording, settings):
    settings.QUOTA_GB = 1
    shown = api.get("/api/quota/").json()
    assert (shown["bytes_used"], shown["bytes_limit"], shown["seconds_used"], shown["seconds_limit"]) == (
        recording.bytes,
        1024**3,
        12.5,
        None,
    )


def test_once_the_hours_are_used_up_nothing_new_is_begun(api, recording, settings, upload):
    settings.QUOTA_HOURS = 0.001
    opened = api.post("/api/recordings/", {"key": "k"}, format="json")
    sent = api.post("/api/jobs/", {"audio": upload})
    assert [(answer.status_code, answer.json()["code"]) for answer in (opened, sent)] == [(413, "quota_exceeded")] * 2


@pytest.mark.parametrize("number", [1, 3])
def test_listing_what_arrives_costs_the_same_for_any_number(api, django_assert_num_queries, number):
    for index in range(number):
        api.post("/api/recordings/", {"key": str(index)}, format="json")
    with django_assert_num_queries(3):
        api.get("/api/recordings/", {"state": "receiving"})


def test_what_is_recorded_for_somebody_else_is_refused(api, owner):
    def open_for(person):
        return api.post("/api/recordings/", {"key": "k"}, format="json", headers={"X-Person": person})

    refused = open_for("boris")
    assert (refused.status_code, refused.json()["code"]) == (409, "other_person")
    owner.username = "Zoë"
    owner.save()
    assert open_for("Zo%C3%AB").status_code == 201
