"""The parts of the installed app as browsers get them."""

import json
import re

import pytest
from django.test import Client

from jobs.web import install
from tests.jobs.web.test_weight import list_static_files


@pytest.fixture(autouse=True)
def fresh_list():
    install.list_shell_files.cache_clear()
    yield
    install.list_shell_files.cache_clear()


@pytest.fixture
def visitor(db):
    return Client()


def read_files(script):
    return json.loads(re.search(r"const FILES = (\[.*?\]);", script, re.DOTALL).group(1))


def test_the_manifest_needs_no_sign_in(visitor):
    response = visitor.get("/manifest.webmanifest")
    assert (response.status_code, response["Content-Type"]) == (200, "application/manifest+json")
    assert response.json()["share_target"]["action"] == "/share/"


def test_the_service_worker_keeps_styles_and_modules_and_is_asked_for_anew(visitor):
    response = visitor.get("/service-worker.js")
    files = read_files(response.content.decode())
    assert (response["Content-Type"], response["Cache-Control"]) == ("text/javascript", "no-cache")
    assert {"/static/css/recorder.css", "/static/js/recorder/recorder.js", "/static/js/pages/offline.js"} <= set(files)
    assert all(file.startswith("/static/") for file in files)


@pytest.mark.parametrize("address", ["/", "/offline/"])
def test_the_service_worker_keeps_every_module_of_the_recorders_pages(client, address):
    page = client.get(address).content.decode()
    needed = {f"/static/{name}" for name in list_static_files(page) if name.endswith(".js")}
    assert len(needed) > 10
    assert needed <= set(read_files(client.get("/service-worker.js").content.decode()))


def test_the_service_worker_keeps_no_module_besides(client):
    pages = [client.get(address).content.decode() for address in ("/", "/offline/")]
    needed = {f"/static/{name}" for page in pages for name in list_static_files(page) if name.endswith(".js")}
    kept = {file for file in read_files(client.get("/service-worker.js").content.decode()) if file.endswith(".js")}
    assert kept == needed


def test_an_update_of_the_program_is_another_service_worker(visitor, monkeypatch):
    before = visitor.get("/service-worker.js").content
    assert visitor.get("/service-worker.js").content == before
    monkeypatch.setattr(install, "__version__", "99.0.0")
    assert visitor.get("/service-worker.js").content != before


def test_a_changed_file_is_another_service_worker(visitor, monkeypatch):
    before = visitor.get("/service-worker.js").content
    monkeypatch.setattr(install, "static", lambda name: f"/static/other-{name}")
    install.list_shell_files.cache_clear()
    assert visitor.get("/service-worker.js").content != before


def test_the_offline_page_has_the_recorder_and_nobodys_name(visitor):
    page = visitor.get("/offline/").content.decode()
    assert ('id="recorder"' in page, 'name="person"' in page, "data-offline" in page) == (True, False, True)


def test_what_is_shared_past_the_service_worker_leads_home(visitor):
    assert visitor.post("/share/", {"audio": "x"})["Location"] == "/"
    assert visitor.get("/share/").status_code == 405


def test_pages_of_a_person_name_the_service_worker_and_others_do_not(client, visitor):
    assert 'name="service-worker" content="/service-worker.js"' in client.get("/").content.decode()
    assert "service-worker" not in visitor.get("/sign-in/").content.decode()
