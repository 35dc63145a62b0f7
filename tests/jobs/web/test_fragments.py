import pytest
from django.urls import reverse

from jobs.domain.lifecycle.control import rename_recording
from jobs.models import Job


def fetch(client, address, etag=""):
    return client.get(address, headers={"If-None-Match": etag} if etag else {})


@pytest.fixture(params=["fragment_jobs", "fragment_job"])
def address(request, done_job):
    return reverse(request.param, args=[done_job.pk] if request.param == "fragment_job" else [])


def test_the_same_state_is_answered_with_304(client, address):
    first = fetch(client, address)
    second = fetch(client, address, first.headers["ETag"])
    assert (first.status_code, second.status_code, second.content) == (200, 304, b"")


def test_a_304_keeps_the_name_of_the_state_and_out_of_shared_caches(client, address):
    etag = fetch(client, address).headers["ETag"]
    response = fetch(client, address, etag)
    assert (response.headers["ETag"], response.headers["Cache-Control"]) == (etag, "private, no-cache")


def test_a_304_asks_the_database_little(client, address, django_assert_max_num_queries):
    etag = fetch(client, address).headers["ETag"]
    with django_assert_max_num_queries(10):
        fetch(client, address, etag)


def test_a_change_is_shown(client, address, done_job):
    etag = fetch(client, address).headers["ETag"]
    rename_recording(done_job.recording, "Worstward Ho")
    response = fetch(client, address, etag)
    assert response.status_code == 200
    assert "Worstward Ho" in response.content.decode()


def test_the_state_that_a_page_was_rendered_in_is_the_one_that_is_polled(client, done_job):
    for page, fragment in (("/", "fragment_jobs"), (reverse("job", args=[done_job.pk]), "fragment_job")):
        etag = client.get(page).context["etag"]
        address = reverse(fragment, args=[done_job.pk] if fragment == "fragment_job" else [])
        assert fetch(client, address, f'"{etag}"').status_code == 304


def test_a_fragment_answers_401_instead_of_a_sign_in_page(client, address):
    client.logout()
    response = fetch(client, address)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_another_version_is_refused_before_the_view(client, address):
    response = client.get(address, headers={"X-Frontend-Version": "99.0.0"})
    assert (response.status_code, response.json()["code"]) == (409, "version_mismatch")


def test_only_lines_that_the_page_has_not_seen_are_sent(client, done_job):
    address = reverse("fragment_job", args=[done_job.pk])
    last = done_job.segments.get().pk
    assert fetch(client, address).context["segments"] == [done_job.segments.get()]
    response = fetch(client, f"{address}?since={last}")
    assert (response.context["segments"], response.context["last_seen"]) == ([], last)


@pytest.mark.parametrize("since", ["", "x", "-1", "²", "9" * 19, "9" * 5000])
def test_a_place_that_makes_no_sense_means_all(client, done_job, since):
    response = client.get(reverse("fragment_job", args=[done_job.pk]), {"since": since})
    assert len(response.context["segments"]) == 1


def test_the_list_is_the_one_that_the_address_asks_for(client, make_job):
    make_job(state="completed")
    failed = make_job(state="failed")
    response = client.get(reverse("fragment_jobs"), {"state": "failed"})
    assert response.context["jobs"] == [failed]


def test_fragments_are_only_read(client, address):
    assert client.post(address).status_code == 405


def test_a_deleted_job_changes_the_list(client, done_job):
    etag = fetch(client, reverse("fragment_jobs")).headers["ETag"]
    Job.objects.all().delete()
    response = fetch(client, reverse("fragment_jobs"), etag)
    assert (response.status_code, response.context["jobs"]) == (200, [])


@pytest.mark.parametrize("name", ["fragment_jobs", "fragment_job"])
def test_a_full_disk_is_shown_as_long_as_it_lasts(client, job, settings, name):
    address = reverse(name, args=[job.pk] if name == "fragment_job" else [])
    waiting = "Waiting for room on the disk"
    settings.MIN_FREE_MB = 0
    roomy = fetch(client, address)
    settings.MIN_FREE_MB = 10**12
    short = fetch(client, address, roomy.headers["ETag"])
    settings.MIN_FREE_MB = 0
    again = fetch(client, address, short.headers["ETag"])
    assert [waiting in page.content.decode() for page in (roomy, short, again)] == [False, True, False]


def test_the_list_says_what_a_full_disk_means(client, job, settings):
    settings.MIN_FREE_MB = 10**12
    assert (
        "Uploads are refused, and recordings that are not decoded yet wait."
        in fetch(client, reverse("fragment_jobs")).content.decode()
    )


def test_a_job_that_is_being_prepared_waits_for_room_too(client, make_job, settings):
    settings.MIN_FREE_MB = 10**12
    job = make_job(state="processing", stage="preparing")
    page = fetch(client, reverse("fragment_job", args=[job.pk])).content.decode()
    assert ("Waiting for room on the disk" in page, "Listening for speech" in page) == (True, False)


def test_a_page_of_somebody_else_is_told_so(client, address, owner):
    own = client.get(address, headers={"X-Person": owner.get_username()})
    other = client.get(address, headers={"X-Person": "somebody%20else"})
    assert own.status_code == 200
    assert (other.status_code, other.json()["code"]) == (409, "other_person")
