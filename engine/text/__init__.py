"""Transcripts as text: formats, cues, joining and flags."""
