"""Recordings and the jobs that transcribe them.

All that a person sees of both is here too.
"""
