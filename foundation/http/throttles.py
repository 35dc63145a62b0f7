"""Limits on how often something is done: counted on the cache that all processes share."""

from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle


class ScopedThrottle(SimpleRateThrottle):
    """The rate is the setting DEFAULT_THROTTLE_RATES[scope] of the moment, such as "10/minute"."""

    scope: str

    def get_rate(self) -> str:
        return str(api_settings.DEFAULT_THROTTLE_RATES[self.scope])
