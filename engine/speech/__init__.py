"""The places of speech in a recording.

Detection, chunks, windows and coverage.
"""
