"""Changes of a job's state: cancel, retry, dismiss, delete, reuse."""
