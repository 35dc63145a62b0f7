"""Brings the data of the version before to this one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.management.startup import startup_lock, wait_for_database
from transcribe_site.upgrade import DataVersion, UpgradeFailed, recognise_version, rewrite_database

NOTHING_TO_DO = {
    DataVersion.EMPTY: "There is no data yet: nothing to do.",
    DataVersion.CURRENT: "The data is of this version already: nothing to do.",
}
REFUSALS = {
    DataVersion.OLDER: "The data is of an older version than the last one: start that one once, then upgrade.",
    DataVersion.UNKNOWN: "The data is of a version that this one does not know, perhaps a newer one: install that.",
}


class Command(BaseCommand):
    """`manage.py upgrade_data`: once after an update, while nothing else runs."""

    help = "Brings the data of the version before to this one; stop Transcribe everywhere before."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Upgrade the data, or say why there is nothing to do.

        Raises:
            CommandError: the data is of no version that can be upgraded, or it failed; nothing has changed.
        """
        wait_for_database()
        with startup_lock():
            self.stdout.write(upgrade_data())


def upgrade_data() -> str:
    """Upgrade the data and return what is to be said of it.

    Raises:
        CommandError: it is of no version that can be upgraded, or that failed.
    """
    version = recognise_version()
    if version in NOTHING_TO_DO:
        return NOTHING_TO_DO[version]
    if version in REFUSALS:
        raise CommandError(REFUSALS[version])
    try:
        copy = rewrite_database()
    except UpgradeFailed as error:
        raise CommandError(f"The data could not be upgraded, and is as it was: {error}") from error
    return "The data is upgraded." + (f" As it was it lies in {copy}: delete that once all is well." if copy else "")
