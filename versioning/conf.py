"""The settings of versioning.

They are the oldest front end served, the policy, and the paths it does not cover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.conf import settings

from versioning.versions import BACKEND, Policy, Version

if TYPE_CHECKING:
    from versioning.versions import Rule

CHECKED_PREFIXES = ("/api/", "/fragments/")
# Uploads have a protocol version of their own: a recording in progress must get home after an update.
EXEMPT_PREFIXES = ("/api/uploads/",)
# So have the calls of a recorder, if they say of which version that is.
OWN_PROTOCOLS = {"/api/recordings/": "X-Recorder-Protocol"}


def read_policy() -> Policy:
    """Return the policy in force.

    Raises:
        MalformedVersion: the minimum is no version.
    """
    minimum = Version.parse(settings.TRANSCRIBE_MINIMUM_FRONTEND)
    rule = cast("Rule", settings.TRANSCRIBE_VERSION_POLICY)  # checks.py refuses others at start
    return Policy(minimum, rule, BACKEND)
