"""Where a text was taken from, in the admin."""

import re

import pytest
from django.urls import reverse


@pytest.fixture
def reuse(make_done_job, job):
    return make_done_job(reused_from=job)


def read_field(site, job):
    page = site.get(reverse("admin:jobs_job_change", args=[job.pk])).content.decode()
    (field,) = re.findall(r'field-reused_from">.*?<div class="readonly">(.*?)</div>', page, re.DOTALL)
    return field


def test_the_page_of_a_job_leads_to_the_one_whose_text_it_took_over(site, reuse, job):
    assert read_field(site, reuse) == f'<a href="{reverse("admin:jobs_job_change", args=[job.pk])}">{job.pk}</a>'


def test_a_job_that_was_deleted_is_not_missed(site, reuse, job):
    job.recording.delete()
    assert read_field(site, reuse) == "-"


def test_a_job_that_did_its_own_work_names_none(site, job):
    assert read_field(site, job) == "-"
