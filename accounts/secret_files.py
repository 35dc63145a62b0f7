"""Files that only the program's own account may read.

Plain Python, so that the settings can use it.
"""

import os
import secrets
from pathlib import Path


def write_secret_file(file: Path, text: str) -> None:
    """Write `text` to a new `file` with mode 600.

    A file that exists stays as it is. Readers never see half of it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
