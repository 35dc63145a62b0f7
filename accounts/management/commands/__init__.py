"""One module for each command of accounts."""
