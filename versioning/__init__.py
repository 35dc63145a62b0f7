"""The program's version and the answer to pages of another."""

__version__ = "0.1.0"
