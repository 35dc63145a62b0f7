import pytest
from django.urls import reverse

from tests.jobs.web.counting import count_queries


@pytest.fixture
def addresses():
    return [reverse(name) for name in ("home", "recordings", "fragment_jobs")]


def test_lists_take_as_many_queries_for_three_rows_as_for_one(client, make_done_job, addresses):
    make_done_job()
    one = [count_queries(client, address) for address in addresses]
    for _ in range(2):
        make_done_job()
    assert [count_queries(client, address) for address in addresses] == one


def test_a_job_page_takes_as_many_queries_for_three_events_as_for_one(client, make_done_job):
    job = make_done_job()
    address = reverse("job", args=[job.pk])
    one = count_queries(client, address)
    for _ in range(2):
        job.events.create(kind="state", state=job.state, actor=job.owner)
    assert count_queries(client, address) == one


def test_pages_take_few_queries(client, make_done_job, addresses):
    job = make_done_job()
    counts = [count_queries(client, address) for address in [*addresses, reverse("job", args=[job.pk])]]
    assert all(count <= 23 for count in counts), counts
