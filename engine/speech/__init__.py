"""Where speech is: detection, chunks, windows and coverage."""
