"""A plain Django view that stores a form's file.

The program's own uploads are compared with it.

It has the settings, the middleware and the tokens of the program. `BARE_SYNC=1` makes each file survive a power cut, which
the program's recorded pieces do.
"""

import os
import tempfile
from pathlib import Path
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "transcribe_site.settings")

from django.conf import settings
from django.core.asgi import get_asgi_application

application = get_asgi_application()
settings.ROOT_URLCONF = __name__

from django.contrib.auth.decorators import login_not_required  # noqa: E402 - Django is set up by now
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

from accounts.sign_ins import find_sender  # noqa: E402

FOLDER = Path(tempfile.mkdtemp(dir=settings.DATA_DIR))
IS_SYNCED = os.environ.get("BARE_SYNC") == "1"


@csrf_exempt
@login_not_required
def store(request: HttpRequest) -> HttpResponse:
    """Store the file `piece` of a form under a new name."""
    if find_sender(request) is None:
        return HttpResponse(status=401)
    with tempfile.NamedTemporaryFile(dir=FOLDER, delete=False) as file:
        file.writelines(cast("Any", request.FILES["piece"]).chunks())
        if IS_SYNCED:
            file.flush()
            os.fsync(file.fileno())
    return HttpResponse(status=204)


urlpatterns = [path("", store), path("version", login_not_required(lambda _request: HttpResponse("{}")))]
