"""One member out of a zip file that nobody vouches for.

Nothing is written anywhere; what is too large, points outside or is damaged is refused.
"""

import io
import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from churn_saver.errors import InputError

ZIP_MAGIC = b"PK"
MAX_UNPACKED_BYTES = 100_000_000
_STEP_BYTES = 1_000_000
_ENCRYPTED = 0x1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""zipfile unpacks the others as a whole, however much comes out of them."""


def unpacked(raw: bytes, file: str, member: str, inner_zip: str | None = None) -> bytes:
    """Give the bytes of one member.

    Args:
        raw: The zip file.
        file: Its name, for error messages.
        member: Path of the member.
        inner_zip: Where the member is absent, look for it in this zip within the zip, once.

    Raises:
        InputError: damaged, too large, a name points outside, or the member is absent.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _refuse_unsafe(archive, file)
            names = archive.namelist()
            if member in names:
                return _read(archive, member)
            if inner_zip is None or inner_zip not in names:
                raise InputError(f"{file} holds {', '.join(names)}, wanted {member}: download it again")
            inner = _read(archive, inner_zip)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{file} is not a whole zip file ({error}): download it again") from None
    return unpacked(inner, f"{file}/{inner_zip}", member)


def _refuse_unsafe(archive: zipfile.ZipFile, file: str) -> None:
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
            raise InputError(f"{file} holds {entry.filename!r}, a path that points outside: do not use it")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InputError(f"{file} holds {entry.filename!r}, a link that points elsewhere: do not use it")
        if entry.flag_bits & _ENCRYPTED:
            raise InputError(f"{file} holds {entry.filename!r}, which is encrypted: not this data")
        if entry.compress_type not in _PACKINGS:
            raise InputError(
                f"{file} holds {entry.filename!r}, packed by method {entry.compress_type}, wanted 0 or 8: "
                "pack it again as plain zip"
            )
    if len(set(archive.namelist())) < len(archive.namelist()):
        raise InputError(f"{file} holds two members of one name: do not use it")
    # What is read is held to the stated sizes, so they bound the memory.
    total = sum(entry.file_size for entry in archive.infolist())
    if total > MAX_UNPACKED_BYTES:
        raise InputError(
            f"{file} unpacks to {total:,} bytes, wanted at most {MAX_UNPACKED_BYTES:,}: not this data"
        )


def _read(archive: zipfile.ZipFile, member: str) -> bytes:
    """Unpack in steps: a read of the whole unpacks everything first and only then cuts at the stated size."""
    content = bytearray()
    with archive.open(member) as stream:
        while step := stream.read(_STEP_BYTES):
            content += step
    return bytes(content)
