"""From windows of speech to words by Whisper or a fake."""
