"""The names of review flags: reasons to listen a second time.

A flag marks a stretch of text, or the whole of it.
"""

LOW_CONFIDENCE = "low_confidence"
REPETITION = "repetition"
TEXT_IN_SILENCE = "text_in_silence"
IMPLAUSIBLE_SPEED = "implausible_speed"
SPEECH_WITHOUT_TEXT = "speech_without_text"
GAP = "gap"
UNSURE_WORDS = "unsure_words"
CLIPPED = "clipped"
QUIET = "quiet"
LANGUAGE_UNCERTAIN = "language_uncertain"
LOW_COVERAGE = "low_coverage"

SEGMENT_FLAGS = (LOW_CONFIDENCE, REPETITION, TEXT_IN_SILENCE, IMPLAUSIBLE_SPEED)
SPOT_FLAGS = (*SEGMENT_FLAGS, SPEECH_WITHOUT_TEXT, GAP, UNSURE_WORDS)
RECORDING_FLAGS = (CLIPPED, QUIET)
TRANSCRIPT_FLAGS = (*RECORDING_FLAGS, LANGUAGE_UNCERTAIN, LOW_COVERAGE)
