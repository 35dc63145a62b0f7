"""Stored audio, engines, and the words for errors."""
