"""The places of speech: detection, chunks, windows and coverage."""
