"""Recordings, the jobs that transcribe them, and everything a person sees of both."""
