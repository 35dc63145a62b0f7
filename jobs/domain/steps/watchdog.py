"""Whether a cluster has gone silent.

It has when work waits, it has a free worker, and it claims nothing.
"""

from foundation.database.clock import now_in_database
from foundation.database.clusters import get_worker_count
from jobs import conf
from jobs.domain.base import storage
from jobs.models import Step
from jobs.states import StepKind


def is_cluster_silent(cluster: str) -> bool:
    """Whether `cluster` should be restarted.

    Work must have waited SILENCE_SECONDS while the cluster had a worker without a lease and claimed nothing in that
    time; a backlog alone is no reason, and neither is a short disk, which makes decoding wait.
    """
    long_ago = now_in_database(-conf.SILENCE_SECONDS)
    overdue = Step.rows().waiting().filter(runnable_at__lt=long_ago)
    if not overdue.exists() or (not storage.has_free_space() and not overdue.exclude(kind=StepKind.PREPARE).exists()):
        return False
    own = Step.rows().filter(claimed_by__startswith=f"{cluster}:")
    if own.filter(claimed_at__gte=long_ago).exists():
        return False
    return own.held().count() < get_worker_count()
