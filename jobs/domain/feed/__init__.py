"""The log of a job and the feed of live pages."""
