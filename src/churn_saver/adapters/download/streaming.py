"""A file over HTTPS: a connection that breaks off goes on where it stopped.

What a server says is believed only as far as it can be checked. Knows nothing of hashes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churn_saver.adapters.download.addresses import Rules, refuse_unsafe, shown
from churn_saver.adapters.download.announced import Announced, announced
from churn_saver.adapters.download.asking import ABSENT, answered, judge, new_client
from churn_saver.adapters.download.parts import Part
from churn_saver.adapters.download.patience import Again, Patience, patiently
from churn_saver.errors import InputError

if TYPE_CHECKING:
    import httpx2

MOST_BYTES = 8 * 1024**3
"""Of a file whose size nobody knows."""
Tell = Callable[[int, int], None]
"""Told bytes there and bytes wanted, 0 when not known."""
_NO_HEAD = frozenset({403, 405, 501})
"""Answers of servers that do not like to be asked by HEAD."""


@dataclass(frozen=True, slots=True)
class Size:
    """How long a file may be."""

    exact: int | None = None
    """Bytes that there must be; None when not known."""
    unknown_most: int = MOST_BYTES
    """Bytes at most when `exact` is not known."""

    @property
    def most(self) -> int:
        """Bytes after which it is cut off."""
        return self.unknown_most if self.exact is None else self.exact


def stream(url: str, part: Part, size: Size, rules: Rules, patience: Patience, tell: Tell) -> None:
    """Bring all bytes of an address into a part.

    Args:
        url: Which.
        part: Where to; what it holds of the same version of the same address is not fetched again.
        size: How long it may be.
        rules: Whom to ask.
        patience: How often to try.
        tell: Hears how far it is.

    Raises:
        InputError: refused, absent or given up, which leaves the part; or of another length, which
            leaves nothing.
    """
    refuse_unsafe(url, rules)
    with new_client(patience) as client:

        def ask_once() -> None:
            validator = part.validator(shown(url))
            if validator and part.size == size.exact:
                return
            asked = {"Range": f"bytes={part.size}-", "If-Range": validator} if validator else {}
            with answered(client, "GET", url, asked, rules) as response:
                if asked and response.status_code == 416:
                    part.discard()
                    raise Again("has another version of the file now")
                judge(response, url, patience)
                _receive(response, url, part, validator, size, tell)

        patiently(ask_once, url, patience, lambda: part.size)


def is_there(url: str, rules: Rules, patience: Patience) -> bool:
    """Ask whether an address has a file, without fetching it.

    Raises:
        InputError: refused, or nobody could tell: an error of the server is not 'absent'.
    """
    refuse_unsafe(url, rules)
    with new_client(patience) as client:

        def ask_once() -> bool:
            for method in ("HEAD", "GET"):
                with answered(client, method, url, {}, rules) as response:
                    if method == "HEAD" and response.status_code in _NO_HEAD:
                        continue
                    if response.status_code in ABSENT:
                        return False
                    judge(response, url, patience)
                    return True
            return False

        return patiently(ask_once, url, patience, lambda: 0)


def _receive(
    response: "httpx2.Response", url: str, part: Part, validator: str, size: Size, tell: Tell
) -> None:
    """Write the bytes of one answer behind those that are there, or start over with them."""
    said = announced(response.status_code, response.headers)
    if response.status_code == 206 and not (validator and said.goes_on(part.size, validator)):
        part.discard()
        raise Again("sent another range or version than was asked for")
    fault = _fault(said, url, size)
    if fault:
        part.discard()
        raise InputError(f"{shown(url)} {fault}: nothing was kept")
    if response.status_code == 200:
        part.begin(shown(url), said.validator)
    wanted = size.exact or said.total or 0
    tell(part.size, wanted)
    for chunk in response.iter_raw():
        if part.size + len(chunk) > size.most:
            part.discard()
            raise InputError(f"{shown(url)} sends more than {size.most:,} bytes: cut off, nothing was kept")
        part.write(chunk)
        tell(part.size, wanted)
    if part.size < wanted and (said.total is not None or not said.is_framed):
        raise Again(f"broke off after {part.size:,} of {wanted:,} bytes")


def _fault(said: Announced, url: str, size: Size) -> str:
    """Say why what is announced cannot become the file; '' when it can."""
    if said.encoding and not url.partition("?")[0].endswith(".gz"):
        # Servers that know .gz only as a way of packing label such files so; the bytes are the file.
        return f"sends the bytes packed as {said.encoding!r}, wanted them as they are"
    if said.total is None:
        if size.exact is None and not said.is_framed:
            return "does not say how long the file is, so nobody can tell whether it is whole"
    elif size.exact is not None and said.total != size.exact:
        return f"has {said.total:,} bytes, wanted {size.exact:,}"
    elif said.total > size.most:
        return f"has {said.total:,} bytes, wanted at most {size.most:,}"
    return ""
