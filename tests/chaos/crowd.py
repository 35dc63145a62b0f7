"""The people of a run.

They submit recordings all the time, and cancel, retry and delete what they have.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.chaos.client import Client, NoAnswer
from tests.chaos.recordings import make_doomed_recording

THREADS = 6
# So often a request is sent twice at once under its key, and a text that is there may be taken over.
TWIN_SHARE = 0.1
REUSE_SHARE = 0.15


@dataclass(slots=True)
class Note:
    """What a client wrote down of a job that was accepted."""

    client: Client
    name: str
    key: str
    job: str
    recording: str
    is_doomed: bool = False
    is_cancelled: bool = False
    is_deleted: bool = False
    is_touched: bool = False


class Crowd:
    """Several owners; all decisions come from `rng`, all requests run in threads."""

    def __init__(self, rng, clients, recordings):
        self.rng, self.clients, self.recordings = rng, clients, recordings
        self.pool = ThreadPoolExecutor(THREADS)
        self.futures = []
        self.notes = []
        self.troubles = []
        self.submitted = 0

    @property
    def underway(self):
        """The number of requests without an answer.

        What they raised is kept in `troubles`.
        """
        for future in [future for future in self.futures if future.done()]:
            self.futures.remove(future)
            if error := future.exception():
                self.troubles.append(f"{type(error).__name__}: {error}")
        return len(self.futures)

    def submit_any(self):
        """Submit one of the recordings in a random person's name."""
        client, recording = self.rng.choice(self.clients), self.rng.choice(self.recordings)
        force, is_twin = self.rng.random() > REUSE_SHARE, self.rng.random() < TWIN_SHARE
        self.submit(client, recording, force=force, is_twin=is_twin)

    def submit_doomed(self):
        """Submit a recording whose engine is crashed at each try."""
        recording = make_doomed_recording(self.rng, self.submitted)
        self.submit(self.rng.choice(self.clients), recording, force=True, is_doomed=True)

    def submit(self, client, recording, *, force, is_doomed=False, is_twin=False):
        self.submitted += 1
        key = f"submission {self.submitted}"
        for _ in range(2 if is_twin else 1):
            self.futures.append(self.pool.submit(self.note_submission, client, recording, key, force, is_doomed))

    def note_submission(self, client, recording, key, force, is_doomed):
        job = client.submit(recording, key, force=force)
        note = Note(client, recording.name, key, job["id"], job["recording"]["id"], is_doomed)
        self.notes.append(note)

    def list_free(self):
        """Return the jobs that are idle and may be touched.

        A job with several notes is there once.
        """
        jobs = {note.job: note for note in self.notes}.values()
        return [note for note in jobs if not (note.is_touched or note.is_deleted or note.is_doomed)]

    def cancel(self, note):
        self.touch(note, lambda: self.note_cancel(note, note.client.cancel(note.job)))

    def note_cancel(self, note, status):
        note.is_cancelled = check_status(status, {202}, {409})

    def retry(self, note):
        self.touch(note, lambda: self.note_retry(note, note.client.retry(note.job)))

    def note_retry(self, note, status):
        note.is_cancelled = not check_status(status, {202}, {409})

    def delete(self, note):
        self.touch(note, lambda: self.note_delete(note, note.client.delete(note.recording)))

    def note_delete(self, note, status):
        check_status(status, {204, 404}, set())
        for duplicate in self.notes:
            duplicate.is_deleted |= duplicate.job == note.job

    def touch(self, note, action):
        """Do something to a job, and nothing else to it meanwhile."""
        note.is_touched = True

        def act():
            try:
                action()
            finally:
                note.is_touched = False

        self.futures.append(self.pool.submit(act))

    def close(self):
        self.pool.shutdown(wait=False, cancel_futures=True)


def check_status(status, wanted, possible):
    """Return whether an answer is as wanted.

    Raises:
        NoAnswer: it is none that can be.
    """
    if status not in wanted | possible:
        raise NoAnswer(f"answered with {status}")
    return status in wanted
