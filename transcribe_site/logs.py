"""What the log says: an outage of the database is one line for each request, not a traceback."""

import logging
from http import HTTPStatus


class ShortenOutages(logging.Filter):
    """Replaces the traceback of a request that was answered 503 by the first line of the error."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and getattr(record, "status_code", None) == HTTPStatus.SERVICE_UNAVAILABLE:
            reason = next(iter(str(record.exc_info[1]).splitlines()), "")
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {reason}", (), None
        return True
