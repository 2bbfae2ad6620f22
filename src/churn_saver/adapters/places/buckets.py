"""A prefix of a Cloud Storage bucket as a place.

Write-once by generation precondition, so that of two writers anywhere one wins
(https://cloud.google.com/storage/docs/request-preconditions); every upload declares its crc32c, so
that the service refuses what was altered on the way. STORAGE_EMULATOR_HOST is read by the client library.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churn_saver.adapters import cloud
from churn_saver.adapters.files import read_bytes
from churn_saver.adapters.places import sessions
from churn_saver.adapters.places.stored import (
    READ_LIMIT,
    Content,
    Sent,
    Stored,
    Written,
    changed,
    plain_name,
    refuse_other,
)
from churn_saver.errors import InputError

ROLE = "roles/storage.objectUser"
PATIENCE_SECONDS = 120.0
"""How long one request is tried again when the service does not answer."""
_WHOLE_BYTES = 8 * 2**20
"""Files up to this go over in one request, larger ones in a session that can be taken up again."""
_PIECE = 8 * 2**20
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_NO_PROJECT = "none"
"""Files need no project, but the client wants one."""


def open_bucket(where: str, patience_seconds: float = PATIENCE_SECONDS) -> "BucketPlace":
    """Open gs://bucket/prefix. Nothing is asked of the service yet.

    Args:
        where: The address.
        patience_seconds: How long each request is tried again.

    Raises:
        InputError: no address of a bucket, or no credentials.
        ConfigError: the package is not installed.
    """
    name, _, prefix = where.removeprefix("gs://").partition("/")
    if not _BUCKET.fullmatch(name):
        raise InputError(
            f"{where!r} names no bucket, wanted gs://bucket/prefix with 3 to 222 of a-z, 0-9, '-', '_', '.'"
        )
    prefix = prefix.rstrip("/")
    if prefix:
        plain_name(prefix)
    storage = cloud.package("google.cloud.storage")
    with cloud.answers(where, ROLE):
        client = storage.Client(project=_NO_PROJECT)
    return BucketPlace(client.bucket(name), prefix, patience_seconds)


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A prefix of a bucket."""

    bucket: Any
    """google.cloud.storage.Bucket"""
    prefix: str
    """Without '/' at its ends; '' is the whole bucket."""
    patience_seconds: float = PATIENCE_SECONDS

    @property
    def where(self) -> str:
        """The address."""
        return f"gs://{self.bucket.name}/{self.prefix}".rstrip("/")

    def stat(self, name: str) -> Stored | None:
        """Ask for size, crc32c and generation."""
        blob = self._seen(name)
        return None if blob is None else _stored(blob.size, blob.crc32c, blob.generation)

    def names(self) -> list[str]:
        """List the objects below the prefix, page by page."""
        start = f"{self.prefix}/" if self.prefix else ""
        with cloud.answers(self.where, ROLE):
            blobs = self.bucket.list_blobs(
                prefix=start, fields="items(name),nextPageToken", retry=self._retry()
            )
            found = [str(blob.name).removeprefix(start) for blob in blobs]
        # Consoles make objects that end in '/' to show a folder.
        return sorted(name for name in found if not name.endswith("/") and name)

    def read(self, name: str, limit: int = READ_LIMIT) -> bytes:
        """Read a small object whole and compare it with its crc32c."""
        blob = self._there(name)
        if blob.size > limit:
            raise InputError(f"{name} at {self.where} has {blob.size} bytes, wanted at most {limit}")
        altered = cloud.package("google.cloud.storage.exceptions").DataCorruption
        with self._answers(name):
            try:
                return bytes(
                    blob.download_as_bytes(raw_download=True, checksum="crc32c", retry=self._retry())
                )
            except altered as error:
                raise InputError(
                    f"{name} at {self.where} is altered: its bytes do not have crc32c {blob.crc32c}, "
                    "which was recorded when it was written. Upload it again with --replace"
                ) from error

    def pieces(self, name: str) -> Iterator[bytes]:
        """Read an object in pieces, all of one generation."""
        blob = self._there(name)
        if blob.size == 0:
            return
        with self._answers(name):
            reader = blob.open(
                "rb",
                chunk_size=_PIECE,
                raw_download=True,
                if_generation_match=blob.generation,
                retry=self._retry(),
            )
            while piece := reader.read(_PIECE):
                yield piece

    def content(self, pieces: Iterable[bytes]) -> Content:
        """Work out size and crc32c."""
        crc = cloud.package("google_crc32c")
        size, value = 0, 0
        for piece in pieces:
            size += len(piece)
            value = crc.extend(value, piece)
        return Content(size, _crc32c(value))

    def write_once(
        self,
        name: str,
        path: Path,
        content: Content,
        sent: Sent = lambda _: None,
        instead_of: Stored | None = None,
    ) -> Written:
        """Upload a file under the precondition that nothing, or what was seen, stands there."""
        stands = self.stat(name)
        if stands != instead_of:
            refuse_other(self.where, name, stands, content)
            return Written(False, 0)
        over = 0
        lost = cloud.package("google.api_core.exceptions").PreconditionFailed

        def counted(size: int) -> None:
            nonlocal over
            over += size
            sent(size)

        with self._answers(name):
            try:
                self._send(name, path, content, counted, 0 if stands is None else stands.generation or 0)
            except lost:
                # Another writer was quicker, or our own first try arrived and only its answer did not.
                refuse_other(self.where, name, self.stat(name), content)
                return Written(False, over)
        return Written(True, over)

    def remove(self, name: str, seen: Stored) -> None:
        """Delete the generation that was seen."""
        lost = cloud.package("google.api_core.exceptions").PreconditionFailed
        with self._answers(name):
            try:
                self._blob(name).delete(if_generation_match=seen.generation, retry=self._retry())
            except lost as error:
                raise InputError(
                    f"{name} at {self.where} was written anew meanwhile: look at it and run the command again"
                ) from error

    def _send(self, name: str, path: Path, content: Content, sent: Sent, generation: int) -> None:
        blob = self._blob(name)
        # Declared, so that the service refuses other bytes.
        blob.crc32c = content.checksum.removeprefix("crc32c ")
        if content.size <= _WHOLE_BYTES:
            raw = read_bytes(path, "put it back")
            if self.content((raw,)) != content:
                raise changed(path)
            blob.upload_from_string(
                raw, checksum="crc32c", if_generation_match=generation, retry=self._retry()
            )
            sent(content.size)
            arrived = _stored(blob.size, blob.crc32c, blob.generation)
        else:
            target = f"{self.where}/{name} {generation}"
            job = sessions.Job(path, content, target, self.content, self._retry())
            found = sessions.send(job, lambda: self._begin(blob, content, generation), sent)
            arrived = _stored(found["size"], found["crc32c"], found["generation"])
        if arrived.content != content:
            self.remove(name, arrived)
            raise InputError(
                f"{name} arrived at {self.where} with {arrived.content.checksum}, sent was "
                f"{content.checksum}: it was altered on the way and taken away again. Run the command again"
            )

    def _begin(self, blob: Any, content: Content, generation: int) -> str:
        return str(
            blob.create_resumable_upload_session(
                size=content.size, if_generation_match=generation, retry=self._retry()
            )
        )

    def _blob(self, name: str) -> Any:
        return self.bucket.blob(f"{self.prefix}/{plain_name(name)}" if self.prefix else plain_name(name))

    def _seen(self, name: str) -> Any:
        with self._answers(name):
            return self.bucket.get_blob(self._blob(name).name, retry=self._retry())

    def _there(self, name: str) -> Any:
        blob = self._seen(name)
        if blob is None:
            raise InputError(f"{name} is not at {self.where}. Look at what is there, or upload it first")
        return blob

    def _retry(self) -> Any:
        return cloud.package("google.cloud.storage.retry").DEFAULT_RETRY.with_timeout(self.patience_seconds)

    def _answers(self, name: str) -> AbstractContextManager[None]:
        return cloud.answers(f"{self.where}/{name}", ROLE)


def _stored(size: object, crc32c: object, generation: object) -> Stored:
    return Stored(Content(int(str(size)), f"crc32c {crc32c}"), int(str(generation)))


def _crc32c(value: int) -> str:
    return "crc32c " + base64.b64encode(value.to_bytes(4, "big")).decode()
