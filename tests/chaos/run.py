"""One run on one stack.

An undisturbed pass, one with too much load, the attack, and what is left of the service.
"""

import random
import time

from django.core.management import call_command

from accounts.api_tokens import issue_token
from accounts.models import User
from tests.chaos import audit, overload
from tests.chaos.client import Client
from tests.chaos.crowd import Crowd
from tests.chaos.faults import Faults
from tests.chaos.plan import SHARES, plan_faults
from tests.chaos.recordings import make_recordings
from tests.chaos.report import print_report
from tests.chaos.site import Site
from tests.chaos.watch import Watch

INTERVAL_SECONDS = 0.1
QUIET_SECONDS = 300
DRAIN_SECONDS = 300
OWNERS = 3
# An attack that takes this many times as long as planned is stopped, and what is left is judged.
PATIENCE = 2


class Run:
    """A stack with its people, its faults and its seed.

    A context manager, which leaves nothing running.
    """

    def __init__(self, arguments, ground, postgres):
        self.arguments, self.ground, self.postgres = arguments, ground, postgres
        self.rng = random.Random(arguments.seed)
        self.site = Site(arguments.stack, ground)
        self.watch = Watch()
        self.crowd = None
        self.faults = None

    def __enter__(self):
        print(f"{self.arguments.stack}: seed {self.arguments.seed}", flush=True)
        if not self.ground.has_own_disk:
            print("The disk is not filled: a disk of its own for the data may not be mounted here.", flush=True)
        return self

    def __exit__(self, *_exception):
        if self.crowd is not None:
            self.crowd.close()
        self.site.close()

    def run(self):
        """Return whether nothing was lost, duplicated or stuck."""
        begun = time.monotonic()
        call_command("migrate", verbosity=0, interactive=False)
        if self.arguments.calm_minutes:
            self.site.share_workers(overload.count_workers())
        self.site.start()
        recordings = make_recordings(self.rng, self.arguments.recordings)
        self.crowd = Crowd(self.rng, [self.make_client(f"owner {index}") for index in range(OWNERS)], recordings)
        self.faults = Faults(self.rng, self.site, self.postgres, self.crowd, self.watch)
        false_expiries = overload.count_false_expiries(self) if self.arguments.calm_minutes else self.pass_in_peace()
        self.tell(f"{len(self.references)} recordings transcribed in peace", begun)
        self.attack()
        self.tell("faults are over", begun)
        self.calm()
        self.tell("all has ended, or time is up", begun)
        findings = audit.audit(self.crowd, self.faults, self.references)
        print_report(self, findings, false_expiries, time.monotonic() - begun)
        return findings.is_clean and not false_expiries

    def tell(self, what, begun):
        print(f"{time.monotonic() - begun:6.0f} s  {what}", flush=True)

    def make_client(self, name):
        return Client(self.site.address, name, issue_token(User.objects.create_user(name), "chaos", None)[1])

    def pass_in_peace(self):
        """Transcribe each recording once, undisturbed; keep what comes out of it."""
        for recording in self.crowd.recordings:
            self.crowd.submit(self.crowd.clients[0], recording, force=True)
        self.wait_for_end(QUIET_SECONDS)
        self.references = audit.read_references(self.crowd.notes)

    def attack(self):
        """Cause the planned faults at random intervals, while people go on submitting."""
        plan = plan_faults(self.rng, self.arguments.faults, self.list_kinds())
        pause = self.arguments.minutes * 60 / len(plan)
        next_at = time.monotonic() + pause
        deadline = next_at + PATIENCE * 60 * self.arguments.minutes
        while plan and time.monotonic() < deadline:
            is_up = self.turn()
            if is_up and self.watch.active + self.crowd.underway < self.arguments.jobs:
                self.crowd.submit_any()
            now = time.monotonic()
            if is_up and now >= next_at and self.strike(plan):
                # What could not be done in time is made up for.
                next_at = max(next_at + self.rng.uniform(0.4, 1.6) * pause, now - 10 * pause)
            time.sleep(INTERVAL_SECONDS)
        if plan:
            self.faults.undone = plan

    def list_kinds(self):
        missing = set() if self.postgres else {"database restarted"}
        return [kind for kind in SHARES if kind not in missing | (set() if self.ground.has_own_disk else {"disk full"})]

    def strike(self, plan):
        """Do the first planned fault that has a victim just now."""
        for position, kind in enumerate(plan):
            if kind not in plan[:position] and self.faults.strike(kind):
                plan.pop(position)
                return True
        return False

    def turn(self):
        """Do the constant work; return whether the database answers."""
        self.site.look_after()
        is_up = self.watch.look()
        self.faults.look_after()
        return is_up

    def calm(self):
        """Undo every fault, and wait until there is nothing left to do."""
        self.faults.undo_all()
        self.wait_for_end(DRAIN_SECONDS)

    def wait_for_end(self, seconds):
        """Wait until every job has ended.

        What has not by then is stuck. Doomed ones go on crashing.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            is_up = self.turn()
            if is_up and not (self.watch.active or self.crowd.underway or self.watch.losses or self.faults.is_pending):
                return
            time.sleep(INTERVAL_SECONDS)
