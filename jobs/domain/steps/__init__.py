"""The work of workers: prepare, transcribe and finish.

The repair of lost steps is here too.
"""
