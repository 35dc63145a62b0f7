"""The settings under test, with a data folder of their own."""

import os
import tempfile

os.environ["TRANSCRIBE_DATA_DIR"] = tempfile.mkdtemp(prefix="transcribe-tests-")

from transcribe_site.settings import *  # noqa: E402, F403 - all but what follows is as it is in use

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, so that threads and processes meet the same locks as in use; SQLite's memory knows others.
DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
