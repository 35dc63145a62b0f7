"""Counts what a page asks the database."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def count_queries(client, address):
    """Return the number of queries of a GET.

    The session's and the user's are included.
    """
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
