"""Notifications over HTTP; everyone sees only what is theirs."""
