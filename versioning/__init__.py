"""The program's version, and what happens when a page of another version talks to it."""

__version__ = "0.1.0"
