"""The reads of pages and the API."""
