"""Transcripts as text: formats, cues, joined chunks and review flags."""
