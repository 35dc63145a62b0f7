"""Paging, conditional answers, throttles and senders of requests."""
