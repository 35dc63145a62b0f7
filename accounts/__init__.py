"""People: accounts, sign-in and API tokens."""
