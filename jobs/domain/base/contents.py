"""Which files certainly hold no sound, by their first bytes."""

from jobs.errors import NotAudio

LOOK_BYTES = 16
# Signatures of what people choose by mistake. A list of what is refused, as many audio files have no signature at all.
# https://en.wikipedia.org/wiki/List_of_file_signatures
FOREIGN_SIGNATURES = (
    b"%PDF-",
    b"PK\x03\x04",  # zip, and documents of office programs
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # their older documents
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",  # JPEG
    b"GIF87a",
    b"GIF89a",
    b"\x1f\x8b\x08",  # gzip
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x7fELF",
    b"MZ",
    b"SQLite format 3\x00",
    b"<!DOCTYPE",
    b"<!doctype",
    b"<html",
    b"<?xml",
    b"{\\rtf",
)


def check_contents(start: bytes) -> None:
    """Refuse a file whose first LOOK_BYTES show that it holds no sound.

    Raises:
        NotAudio: they are those of a file without sound.
    """
    if start.startswith(FOREIGN_SIGNATURES):
        raise NotAudio
