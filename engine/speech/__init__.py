"""Where the speech of a recording is.

Detection, chunks, windows and coverage.
"""
