"""Changes of a job's state and of its recording.

Cancel, retry, dismiss, delete and reuse.
"""
