"""System checks: who may pool connections, and of which version the data is."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from jobs.management.startup import HOW_TO_UPGRADE, OTHER_VERSION, is_of_other_version


@register()
def check_pools(**_kwargs: object) -> list[CheckMessage]:
    """Refuse a pool in commands of `manage.py`, and a contradictory one.

    Workers above all must have none. A pool also excludes connections that are kept anyway. A web server runs no
    checks, so a pool that a check meets is none of its own.
    """
    messages: list[CheckMessage] = []
    for alias, database in settings.DATABASES.items():
        known: dict[str, Any] = database
        if not known.get("OPTIONS", {}).get("pool"):
            continue
        messages.append(
            Error(
                f"DATABASES[{alias!r}] has a pool in a process that may fork: children would share its connections.",
                hint="Leave pools to transcribe_site.asgi, which asks for one itself.",
                id="transcribe_site.E001",
            )
        )
        if known.get("CONN_MAX_AGE"):
            messages.append(
                Error(
                    f"DATABASES[{alias!r}] has both a pool and CONN_MAX_AGE, which exclude each other.",
                    hint="Use CONN_MAX_AGE in workers, and a pool in web servers.",
                    id="transcribe_site.E002",
                )
            )
    return messages


@register(Tags.database)
def check_data_version(**options: object) -> list[CheckMessage]:
    """Refuse to migrate data of another version.

    Commands that do not migrate ask for no check of databases.
    """
    if not options.get("databases") or not is_of_other_version():
        return []
    return [Error(OTHER_VERSION, hint=HOW_TO_UPGRADE, id="transcribe_site.E003")]
