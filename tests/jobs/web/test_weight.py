import gzip
import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path

from django.contrib.staticfiles import finders

MOST_BYTES = 150_000
IMPORT = re.compile(r'^import .*"(\.{1,2}/[\w/-]+\.js)";', re.MULTILINE)
STATIC = re.compile(r'(?:href|src)="/static/([^"]+)"')


def list_static_files(page):
    """Return the files that a page loads.

    Modules that import one another are included.
    """
    names = set(STATIC.findall(page))
    waiting = [name for name in names if name.endswith(".js")]
    while waiting:
        script = waiting.pop()
        for path in IMPORT.findall(find(script).read_text()):
            module = posixpath.normpath(posixpath.join(posixpath.dirname(script), path))
            if module not in names:
                names.add(module)
                waiting.append(module)
    return names


def list_pages(job):
    return ("/", "/recordings/", "/failed/", "/failed/?show=dismissed", f"/jobs/{job.pk}/", f"/jobs/{job.pk}/log/")


def find(name):
    return Path(finders.find(name))


def test_the_home_page_weighs_less_than_150_kilobytes(client, make_done_job):
    for _ in range(3):
        make_done_job()
    page = client.get("/").content
    files = list_static_files(page.decode())
    assert len(files) > 10
    weight = len(gzip.compress(page)) + sum(len(gzip.compress(find(name).read_bytes())) for name in files)
    assert weight < MOST_BYTES


def test_pages_ask_no_other_host_for_anything(client, done_job):
    pages = [client.get(address).content.decode() for address in list_pages(done_job)]
    assert [re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]+', page) for page in pages] == [[]] * 6


class InlineFinder(HTMLParser):
    """Collects what a strict content security policy forbids."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        names = [name for name, _value in attrs]
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)


def test_pages_have_no_inline_scripts_or_styles(client, done_job):
    finder = InlineFinder()
    for address in list_pages(done_job):
        finder.feed(client.get(address).content.decode())
    assert finder.found == []
