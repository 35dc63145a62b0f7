"""Why jobs fail, in a few plain words, and what to do about it."""

from engine import ERRORS, EngineError
from jobs.errors import JobError

ERROR_KINDS: tuple[type[EngineError] | type[JobError], ...] = (*ERRORS.values(), JobError, *JobError.__subclasses__())
# A line in the history of a job and the heading of a group of failed ones.
ERROR_WORDS = {kind.code: kind.title for kind in ERROR_KINDS}
# For the codes that jobs fail with. An error's own message speaks of one recording, this of many.
ADVICE = {kind.code: kind.advice for kind in ERROR_KINDS if "advice" in vars(kind)}
LASTING_ERRORS = frozenset(kind.code for kind in ERROR_KINDS if kind.is_lasting)


def is_lasting_error(code: str) -> bool:
    """Tell whether another try of the same job must fail with `code` too: the cause lies in the file or the request."""
    return code in LASTING_ERRORS


def describe_code(code: str) -> str:
    """Return what a code means as a heading; one of another version gets the words for any error."""
    words = ERROR_WORDS.get(code, ERROR_WORDS[JobError.code])
    return words[0].upper() + words[1:]


def advise(code: str) -> str:
    """Return what to do about jobs that failed with `code`."""
    return ADVICE.get(code, ADVICE[JobError.code])
