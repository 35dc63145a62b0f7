"""What a child process may use: memory, processor time and files."""

import ctypes
import resource

from engine.types import EngineConfig, ModelInfo

MEBIBYTE = 1024 * 1024
# Interpreter, libraries, voice detection and a decoder's working memory. This counts address space, of which the matrix
# library that CTranslate2 takes on Intel processors (MKL) reserves far more than it touches: measured with one thread,
# tiny.en peaks at 1.27 GB and base at 1.65 GB, with 0.3 and 0.4 GB resident; on AMD processors it is 0.65 and 0.7 GB.
BASE_BYTES = 1536 * MEBIBYTE
# Weights are read in 16 bits, held in 8, and packed by MKL from 32.
WEIGHTS_FACTOR = 6
OPEN_FILES = 64
# malloc.h of glibc
M_ARENA_MAX = -8
# Small writes that are not the working copy.
SPARE_FILE_BYTES = MEBIBYTE


def choose_memory_limit(config: EngineConfig) -> int:
    """Return the bytes of address space for a child.

    As configured, else by the size of its model.
    """
    if config.memory_limit_bytes is not None:
        return config.memory_limit_bytes
    return BASE_BYTES + WEIGHTS_FACTOR * measure_weights(config.model)


def measure_weights(model: ModelInfo | None) -> int:
    """Return the bytes of a model's weights, 0 when there are none."""
    weights = model.path / "model.bin" if model else None
    return weights.stat().st_size if weights and weights.is_file() else 0


def restrict_process(config: EngineConfig) -> None:
    """Limit this process for the rest of its life."""
    share_one_heap()
    limit = choose_memory_limit(config)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def share_one_heap() -> None:
    """Stop glibc from reserving 64 MB of address space per thread.

    Other C libraries do not need it.
    """
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):
        allocator.mallopt(M_ARENA_MAX, 1)


def restrict_request(processor_seconds: float, file_bytes: int) -> None:
    """Limit one request's processor time and length of file.

    Only the soft limits move, since the system adds up processor time over a process's life.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    lower_soft_limit(resource.RLIMIT_CPU, int(spent + processor_seconds) + 1)
    lower_soft_limit(resource.RLIMIT_FSIZE, file_bytes + SPARE_FILE_BYTES)


def lower_soft_limit(kind: int, value: int) -> None:
    """Set a soft limit, at most the hard one of this process."""
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
