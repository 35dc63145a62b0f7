"""The log's wording: a database outage is one line a request.

It is no traceback.
"""

import logging
from http import HTTPStatus


class ShortenOutages(logging.Filter):
    """Shortens the log of a request that was answered 503.

    The first line of the error replaces the traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE:
            reason = next(iter(str(record.exc_info[1]).splitlines()), "")
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {reason}", (), None
        return True
