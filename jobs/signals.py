"""The signals that other apps receive from jobs.

Jobs do not know of these apps.
"""

from django.dispatch import Signal

# Within the transaction in which a job has completed or failed; with `job`. Errors of receivers are logged.
job_ended = Signal()
# After the commit in which a job was completed, failed or cancelled; with `job_id`.
run_ended = Signal()
# Every ten minutes in the supervisor of a machine's workers.
tidied = Signal()
