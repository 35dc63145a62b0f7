"""The ASGI entry point: streams, resumable uploads and Django.

A cap on request bodies stands before Django.
"""

import os
import warnings

import django

from transcribe_site import database_settings

database_settings.use_pool()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "transcribe_site.settings")
django.setup(set_prefix=False)

from jobs.live.streams_app import LiveApp  # noqa: E402 - it needs the apps that setup has just loaded
from jobs.tus.tus_app import TusApp  # noqa: E402 - the same
from transcribe_site.body_limits import CappedHandler  # noqa: E402 - the same

# WhiteNoise hands its static files out as sync iterators: small files, read whole. Our own audio streams never do.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")

handler = CappedHandler()
application = LiveApp(handler, TusApp(handler))
