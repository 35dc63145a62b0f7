"""The way from audio to a recording with a job.

Submissions, uploads and quotas.
"""
