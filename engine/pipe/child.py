"""The child process: `python -m engine.pipe.child CONFIG`.

Reads requests on stdin and answers on stdout.
"""

import json
import os
import queue
import sys
import threading

from engine.codec import from_dict
from engine.messages import MAX_REQUEST_BYTES, Answer, Request, decode_request, encode
from engine.pipe.limits import restrict_process
from engine.pipe.server import answer_request, build_recogniser
from engine.types import EngineConfig

# The worker stops using a child after `idle_seconds`; the child waits a little longer.
IDLE_GRACE_SECONDS = 5.0


def watch_stdin(requests: "queue.Queue[Request]") -> None:
    """Queue the worker's requests and end when it is gone.

    The end comes at once, even in the middle of native code.
    """
    waiting = b""
    # Unbuffered, since a lock on stdin's buffer would be in the way when the interpreter ends.
    while data := os.read(0, MAX_REQUEST_BYTES):
        *lines, waiting = (waiting + data).split(b"\n")
        for line in lines:
            requests.put(decode_request(line))
    os._exit(0)


def claim_stdout() -> int:
    """Keep the pipe for answers; what libraries print goes to stderr."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def write_line(descriptor: int, line: bytes) -> None:
    """Write all of a line.

    It may be longer than the pipe's buffer.
    """
    while line:
        line = line[os.write(descriptor, line) :]


def main() -> None:
    """Serve until the worker is gone or silent for a while."""
    config = from_dict(EngineConfig, json.loads(sys.argv[1]))
    restrict_process(config)
    answers = claim_stdout()
    requests: queue.Queue[Request] = queue.Queue()
    threading.Thread(target=watch_stdin, args=(requests,), daemon=True).start()
    recogniser = build_recogniser(config)

    def send(answer: Answer) -> None:
        write_line(answers, encode(answer))

    while True:
        try:
            request = requests.get(timeout=config.idle_seconds + IDLE_GRACE_SECONDS)
        except queue.Empty:
            os._exit(0)
        answer_request(request, recogniser, config, send)


if __name__ == "__main__":
    main()
