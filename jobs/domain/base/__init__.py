"""Stored audio, engines and error texts."""
