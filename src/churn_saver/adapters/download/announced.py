"""What a server says of the bytes it is about to send. Pure: headers in, a statement out.

Source: RFC 9110, sections 8.6 (Content-Length), 8.8 (validators), 13.1.5 (If-Range), 14.4 (Content-Range).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_LENGTH = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Announced:
    """What stands before the bytes."""

    start: int | None
    """Place of the first byte in the file; None when the server does not say it in a way we know."""
    total: int | None
    """Bytes of the whole file; None when not said."""
    validator: str
    """Tells this version of the file from others; '' when nothing fit for If-Range was sent."""
    is_framed: bool
    """True when the end of the bytes can be told from a connection that breaks off."""
    encoding: str
    """How the bytes were packed for the way; '' when not."""

    def goes_on(self, size: int, validator: str) -> bool:
        """Tell whether these bytes follow those that are there, of the same version."""
        return self.start == size and self.validator in ("", validator)


def announced(status: int, headers: Mapping[str, str]) -> Announced:
    """Read the headers of an answer with bytes.

    Args:
        status: 200 or 206.
        headers: By name in small letters, or a mapping that does not tell cases apart.
    """
    start, total = _range(headers) if status == 206 else (0, _length(headers))
    encoding = headers.get("content-encoding", "").strip().lower()
    return Announced(
        start=start,
        total=total,
        validator=_validator(headers),
        is_framed=_length(headers) is not None or "chunked" in headers.get("transfer-encoding", "").lower(),
        encoding="" if encoding == "identity" else encoding,
    )


def _range(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    found = _RANGE.fullmatch(headers.get("content-range", "").strip())
    if not found:
        return None, None
    return int(found[1]), None if found[3] == "*" else int(found[3])


def _length(headers: Mapping[str, str]) -> int | None:
    said = headers.get("content-length", "").strip()
    return int(said) if _LENGTH.fullmatch(said) else None


def _validator(headers: Mapping[str, str]) -> str:
    tag = headers.get("etag", "").strip()
    return tag if tag and not tag.startswith("W/") else headers.get("last-modified", "").strip()
