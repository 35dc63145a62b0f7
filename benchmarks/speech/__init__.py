"""Real speech to measure with, and its signals."""
