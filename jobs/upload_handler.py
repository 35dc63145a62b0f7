"""Takes uploaded files to disk as they come, hashed on the way and refused as soon as they are too much."""

from __future__ import annotations

import errno
import hashlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from jobs import conf
from jobs.domain.base.storage import check_free_space
from jobs.errors import DiskFull, JobError, UploadTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpRequest


class HashedUpload(TemporaryUploadedFile):
    """An uploaded file on disk, with the SHA-256 of its bytes in hex."""

    sha256: str


class HashingUploadHandler(TemporaryFileUploadHandler):
    """Writes each file to FILE_UPLOAD_TEMP_DIR, hashes it, and stops at TRANSCRIBE_MAX_UPLOAD_MB or on a full disk.

    Django's parser ends quietly on StopUpload, so what stopped it is kept in `refusal`; see `check_upload`.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.limit = conf.get_max_upload_bytes()
        self.announced = 0
        self.received = 0
        self.refusal: JobError | None = None

    def handle_raw_input(
        self,
        input_data: IO[bytes],  # noqa: ARG002 - Django's signature
        META: Mapping[str, Any],  # noqa: ARG002, N803 - the same
        content_length: int,
        boundary: str | bytes,  # noqa: ARG002 - the same
        encoding: str | None = None,  # noqa: ARG002 - the same
    ) -> None:
        # Parsing has not begun: a StopUpload from here would be an error 500, so new_file raises it.
        self.announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.announced > self.limit + settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            self.refuse(UploadTooLarge())
        with self.stop_on_full_disk():
            check_free_space()
            super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.limit:
            self.refuse(UploadTooLarge())
        self.digest.update(raw_data)
        with self.stop_on_full_disk():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> HashedUpload:
        with self.stop_on_full_disk():
            file = cast("HashedUpload", super().file_complete(file_size))
        file.sha256 = self.digest.hexdigest()
        return file

    @contextmanager
    def stop_on_full_disk(self) -> Iterator[None]:
        """Refuse the upload with DiskFull when there is no room, or none is left in the middle of writing."""
        try:
            yield
        except DiskFull as error:
            self.refuse(error)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            self.refuse(DiskFull())

    def refuse(self, error: JobError) -> None:
        """Stop reading; the rest of the body is left where it is."""
        self.refusal = error
        raise StopUpload(connection_reset=True)


def check_upload(request: HttpRequest) -> None:
    """Raise what stopped the upload of this request, if anything did; call it after reading request.FILES.

    Raises:
        UploadTooLarge: the files are larger than TRANSCRIBE_MAX_UPLOAD_MB.
        DiskFull: there was, or became, too little space.
    """
    for handler in request.upload_handlers:
        if isinstance(handler, HashingUploadHandler) and handler.refusal is not None:
            raise handler.refusal
