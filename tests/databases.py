"""A database in a file, for tests that have threads or other processes look at it."""

import shutil
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connections


@contextmanager
def use_database_file(file, blocker):
    """Make an empty database in `file` and use that; threads and processes then meet its real locks."""
    template = find_folder() / "template.sqlite3"
    if not template.exists():
        with connect(template, blocker):
            call_command("migrate", verbosity=0, interactive=False)
    shutil.copy(template, file)
    with connect(file, blocker):
        yield


def find_folder():
    """Return the folder that is thrown away after the tests, whatever data folder a test has for itself."""
    return settings.STATIC_ROOT.parent


@contextmanager
def connect(file, blocker):
    """Let every new connection of this process, also those of threads, go to `file`."""
    usual, options = connections["default"], connections.settings["default"]
    name = options["NAME"]
    options["NAME"] = str(file)
    del connections["default"]
    with blocker.unblock():
        yield
        connections["default"].close()
    options["NAME"] = name
    connections["default"] = usual
