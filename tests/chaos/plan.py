"""The kinds of fault, their shares and their order."""

# How often each kind comes in a run of the usual length; at least 15 times.
SHARES = {
    "worker killed": 40,
    "engine killed": 35,
    "idle worker killed": 16,
    "cluster killed": 17,
    "worker stopped": 17,
    "wrong clock": 17,
    "disk full": 16,
    "database restarted": 16,
    "crashing chunk": 15,
    "cancelled": 18,
    "retried": 16,
    "deleted": 17,
}


def plan_faults(rng, number, kinds):
    """Return about `number` kinds of fault in random order.

    Each has its share, and comes at least once.
    """
    shares = {kind: SHARES[kind] for kind in kinds}
    scale = number / sum(shares.values())
    plan = [kind for kind, share in shares.items() for _ in range(max(1, round(share * scale)))]
    rng.shuffle(plan)
    return plan
