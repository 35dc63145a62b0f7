"""The site as an app: manifest, service worker and offline page.

The last is for when the server cannot be reached.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from jobs.web.home import count_limit_seconds
from versioning import __version__

STYLES = ("bootstrap.min", "theme", "site", "recorder")
SCRIPTS = ("js/base/theme.js", "js/pages/site.js", "js/pages/home.js", "js/pages/offline.js")
IMPORT = re.compile(r'^import .*"(\.{1,2}/[\w/-]+\.js)";', re.MULTILINE)
ICONS = (("icon-192", 192, "any"), ("icon-512", 512, "any"), ("icon-maskable-512", 512, "maskable"))


@login_not_required
@require_safe
def show_manifest(_request: HttpRequest) -> HttpResponse:
    """Answer with the manifest for installing the site.

    W3C Web Application Manifest.
    """
    manifest = {
        "id": reverse("home"),
        "name": "Transcribe",
        "short_name": "Transcribe",
        "description": "Record or upload speech, and read what was said.",
        "start_url": reverse("home"),
        "scope": reverse("home"),
        "display": "standalone",
        "background_color": "#f8f8f6",
        "theme_color": "#3b50d1",
        "icons": [
            {"src": static(f"img/{name}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in ICONS
        ],
        "share_target": {
            "action": reverse("share"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "audio", "accept": ["audio/*", "video/*"]}]},
        },
    }
    return JsonResponse(manifest, content_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@login_not_required
@require_safe
def show_service_worker(request: HttpRequest) -> HttpResponse:
    """Answer with the service worker.

    It changes with every file that it keeps, so browsers notice an update.
    """
    files = list_shell_files()
    digest = hashlib.sha256(" ".join([__version__, *files]).encode()).hexdigest()[:16]
    names = {name: reverse(name) for name in ("home", "offline", "share")} | {"icon": static("img/icon-192.png")}
    context = {"digest": digest, "files": write_json(files), "addresses": write_json(names)}
    response = render(request, "jobs/service-worker.js", context, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def write_json(value: object) -> str:
    """Return JSON that stands in a script of its own."""
    return mark_safe(json.dumps(value, indent=2))  # noqa: S308 - names of our own files


@lru_cache(maxsize=1)
def list_shell_files() -> list[str]:
    """Return the addresses of the offline page's files.

    It holds nothing of any person.
    """
    modules = sorted(find_modules(SCRIPTS, Path(settings.BASE_DIR) / "static"))
    names = [f"css/{name}.css" for name in STYLES] + modules
    return [static(name) for name in (*names, "img/favicon.svg", "img/icon-192.png")]


def find_modules(scripts: Iterable[str], root: Path) -> set[str]:
    """Return `scripts` and every module that they import, as paths below `root`."""
    found = set(scripts)
    waiting = list(found)
    while waiting:
        script = root / waiting.pop()
        imported = [script.parent / path for path in IMPORT.findall(script.read_text(encoding="utf-8"))]
        fresh = {path.resolve().relative_to(root.resolve()).as_posix() for path in imported} - found
        found |= fresh
        waiting += fresh
    return found


@login_not_required
@require_safe
def show_offline(request: HttpRequest) -> HttpResponse:
    """Show the recorder alone.

    Browsers keep this page for when the server cannot be reached.
    """
    return render(request, "jobs/offline.html", {"max_recording_seconds": count_limit_seconds(), "here": ""})


@csrf_exempt  # other apps send it, and nothing is done with it here
@login_not_required
@require_POST
def refuse_share(_request: HttpRequest) -> HttpResponse:
    """Redirect to the home page.

    The service worker handles what is shared; it comes here only where there is none.
    """
    return redirect("home")
