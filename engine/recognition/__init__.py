"""From windows of speech to words: Whisper, and a fake for tests."""
