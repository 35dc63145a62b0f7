"""Transcripts as text.

Formats, cues, joined chunks and review flags.
"""
