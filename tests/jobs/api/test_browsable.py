"""The browsable API under the strict content security policy."""

import re

import pytest
from django.test import Client

from jobs.models import Job

HTML = {"Accept": "text/html"}


def read(api, address):
    response = api.get(address, headers=HTML)
    assert response["Content-Type"] == "text/html; charset=utf-8"
    return response.content.decode()


@pytest.mark.parametrize("path", ["/api/", "/api/jobs/", "/api/recordings/"])
def test_pages_carry_no_script_or_style_of_their_own(api, done_job, path):
    page = read(api, path)
    assert (re.findall(r"<script(?![^>]*(?: src=|application/json))", page), re.findall(r"<style", page)) == ([], [])


def test_the_root_lists_what_there_is(api):
    assert api.get("/api/").json() == {
        "jobs": "http://testserver/api/jobs/",
        "jobs/failed": "http://testserver/api/jobs/failed/",
        "recordings": "http://testserver/api/recordings/",
    }


def test_the_root_says_what_this_is(api):
    page = read(api, "/api/")
    assert ("Jobs turn recordings into text." in page, "DefaultRouter" in page) == (True, False)


@pytest.mark.parametrize(
    ("path", "status"), [("/api/", 200), ("/api/jobs/", 200), ("/api/docs/", 200), ("/api/jobs/x/", 404)]
)
def test_every_page_names_its_language(api, path, status):
    response = api.get(path, headers=HTML)
    assert (response.status_code, '<html lang="en">' in response.content.decode()) == (status, True)


def test_breadcrumbs_lead_back_to_the_list(api, job):
    page = read(api, f"/api/jobs/{job.id}/events/")
    crumbs = re.search(r'<ul class="breadcrumb">(.*?)</ul>', page, re.DOTALL).group(1)
    assert re.findall(r">([^<>\s][^<>]*)</a>", crumbs) == ["Api Root", "Job List", "Job Instance", "Events"]


def test_a_person_can_upload_with_the_form_of_the_list(owner, upload):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    page = client.get("/api/jobs/", headers=HTML).content.decode()
    form = re.search(r'<form action="([^"]*)" method="POST" enctype="multipart/form-data".*?</form>', page, re.DOTALL)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', form.group()).group(1)
    names = set(re.findall(r'name="(\w+)"', form.group()))
    fields = {"csrfmiddlewaretoken": token, "recording": "", "title": "", "language": "", "source": "uploaded"}
    assert (names, '<option value="uploaded" selected' in form.group()) == ({*fields, "audio", "force"}, True)
    response = client.post("/api/jobs/", {**fields, "audio": upload}, headers=HTML)
    assert (response.status_code, Job.objects.count()) == (202, 1)


def test_a_file_that_is_too_large_is_refused_in_the_page(owner, upload, settings):
    settings.MAX_UPLOAD_MB = 0
    client = Client()
    client.force_login(owner)
    response = client.post("/api/jobs/", {"audio": upload}, headers=HTML)
    assert (response.status_code, "upload_too_large" in response.content.decode()) == (413, True)


def test_cancel_has_a_button_without_fields(api, job):
    page = read(api, f"/api/jobs/{job.id}/cancel/")
    assert "name=&quot;audio" not in page
    assert 'name="audio"' not in page


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(client, db):
    page = client.get("/api/jobs/?state=failed", headers=HTML).content.decode()
    assert '<a href="/sign-in/?next=/api/jobs/%3Fstate%3Dfailed">Sign in</a>' in page
