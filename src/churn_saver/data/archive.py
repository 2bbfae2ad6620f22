"""One member out of a zip file that nobody vouches for.

Nothing is written anywhere; what is too large, points outside or is damaged is refused.
"""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from churn_saver.errors import InputError

ZIP_MAGIC = b"PK"
MAX_UNPACKED_BYTES = 100_000_000


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
                return archive.read(member)
            if inner_zip is None or inner_zip not in names:
                raise InputError(f"{file} holds {', '.join(names)}, wanted {member}: download it again")
            inner = archive.read(inner_zip)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{file} is not a whole zip file ({error}): download it again") from None
    return unpacked(inner, f"{file}/{inner_zip}", member)


def _refuse_unsafe(archive: zipfile.ZipFile, file: str) -> None:
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
            raise InputError(f"{file} holds {entry.filename!r}, a path that points outside: do not use it")
    # zipfile reads no more than the size that an entry states, so the stated sizes bound the memory.
    total = sum(entry.file_size for entry in archive.infolist())
    if total > MAX_UNPACKED_BYTES:
        raise InputError(
            f"{file} unpacks to {total:,} bytes, wanted at most {MAX_UNPACKED_BYTES:,}: not this data"
        )
