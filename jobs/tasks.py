"""Entry points for django-q2's workers; no logic."""

from jobs import conf
from jobs.domain.steps import worker as domain_work


def work() -> int:
    """Claim and do steps for a while; return how many."""
    return domain_work.work_for(conf.CLAIM_SECONDS)
