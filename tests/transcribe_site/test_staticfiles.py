import os

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from transcribe_site.management.commands import serve


@pytest.fixture
def static_root(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "clock.js").write_text("export const tick = 1;\n")
    (source / "page.js").write_text('import { tick } from "./clock.js";\nconsole.log(tick);\n')
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "transcribe_site.staticfiles.ModuleManifestStorage"},
    }
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    return settings.STATIC_ROOT


def test_modules_import_each_other_under_names_that_change_with_them(static_root):
    call_command("collectstatic", verbosity=0, interactive=False)
    name = staticfiles_storage.stored_name("clock.js")
    page = static_root / staticfiles_storage.stored_name("page.js")
    assert name != "clock.js"
    assert page.read_text().splitlines()[0] == f'import {{ tick }} from "./{name}";'


def test_static_files_are_collected_once(static_root, monkeypatch):
    serve.collect_static_files()
    monkeypatch.setattr(serve, "call_command", lambda *args, **kwargs: 1 / 0)
    serve.collect_static_files()


def test_static_files_are_collected_again_when_one_has_changed(static_root, settings):
    serve.collect_static_files()
    (settings.STATICFILES_DIRS[0] / "clock.js").write_text("export const tick = 22;\n")
    serve.collect_static_files()
    assert (static_root / "clock.js").read_text() == "export const tick = 22;\n"


def test_static_files_are_the_same_for_a_machine_that_got_them_at_another_time(static_root, settings):
    known = serve.hash_static_files()
    os.utime(settings.STATICFILES_DIRS[0] / "clock.js", (1, 1))
    assert serve.hash_static_files() == known
