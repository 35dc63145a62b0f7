"""The settings under test, with a data folder of their own."""

import os
import tempfile

os.environ["TRANSCRIBE_DATA_DIR"] = tempfile.mkdtemp(prefix="transcribe-tests-")

from transcribe_site.settings import *  # noqa: F403 - all but what follows is as it is in use

INSTALLED_APPS = [*INSTALLED_APPS, "tests.errands"]  # noqa: F405 - a third kind of work
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if "options" in DATABASES["default"]["OPTIONS"]:  # noqa: F405 - as above
    # With DATABASE_URL all tests run on PostgreSQL; most of them last one transaction, which may rest for long.
    del DATABASES["default"]["OPTIONS"]["options"]  # noqa: F405
    # No pool here, and threads come and go with the requests of the ASGI server under test.
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405
# Programs that tests start get the name of their own database.
os.environ.pop("DATABASE_URL", None)
