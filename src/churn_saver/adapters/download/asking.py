"""One question to a server: redirects are judged, and faults that may pass told from those that will not.

Knows nothing of files.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from churn_saver import __version__
from churn_saver.adapters.download.addresses import Rules, redirected, scrubbed, shown
from churn_saver.adapters.download.patience import Again, Patience
from churn_saver.errors import ConfigError, InputError

if TYPE_CHECKING:
    import httpx2

MOST_REDIRECTS = 5
MOST_WAIT_SECONDS = 120.0
"""A server that asks for a longer pause is given up."""
ABSENT = frozenset({404, 410})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def new_client(patience: Patience) -> "httpx2.Client":
    """Open a client that follows nothing by itself and wants bytes as they are.

    Raises:
        ConfigError: httpx2 is not installed.
    """
    try:
        import httpx2
    except ImportError as error:
        raise ConfigError("httpx2 is not installed. Next step: pip install 'churn-saver[data]'") from error
    headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": f"churn-saver/{__version__}"}
    return httpx2.Client(headers=headers, timeout=patience.read_seconds, follow_redirects=False)


@contextmanager
def answered(
    client: "httpx2.Client", method: str, url: str, headers: Mapping[str, str], rules: Rules
) -> Iterator["httpx2.Response"]:
    """Give the answer that stands at the end of all redirects, its bytes not yet read.

    Raises:
        InputError: it leads where it may not, or nowhere.
        Again: the connection failed, here or while the caller reads.
    """
    import httpx2

    here = url
    try:
        for _ in range(MOST_REDIRECTS + 1):
            with client.stream(method, here, headers=dict(headers)) as response:
                if response.status_code not in _REDIRECTS:
                    yield response
                    return
                here = redirected(here, response.headers.get("location", ""), url, rules)
    except httpx2.TransportError as error:
        why = f"{type(error).__name__}: {scrubbed(str(error))}".rstrip(": ")
        if "CERTIFICATE_VERIFY_FAILED" in why:
            raise InputError(f"{shown(url)} cannot prove who it is ({why})") from None
        raise Again(f"cannot be reached or broke off ({why})") from None
    except httpx2.InvalidURL as error:
        raise InputError(f"{shown(url)} is no address ({scrubbed(str(error))})") from None
    raise InputError(f"{shown(url)} redirects more than {MOST_REDIRECTS} times: given up")


def judge(response: "httpx2.Response", url: str, patience: Patience) -> None:
    """Pass an answer with bytes, and refuse any other.

    Raises:
        Again: a fault that may pass.
        InputError: one that will not.
    """
    code = response.status_code
    if code in (200, 206):
        return
    if code in _PASSING:
        seconds = _asked_pause(response.headers.get("retry-after", ""), patience)
        if seconds > MOST_WAIT_SECONDS:
            raise InputError(
                f"{shown(url)} answers {code} and asks for a pause of {seconds:,.0f} s: run again after it"
            )
        raise Again(f"answers {code}", seconds)
    meaning = "no such file" if code in ABSENT else "not allowed" if code in (401, 403) else "wanted 200"
    raise InputError(f"{shown(url)} answers {code}: {meaning}")


def _asked_pause(said: str, patience: Patience) -> float:
    """Read Retry-After: seconds, or a date; 0 when it is neither."""
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - patience.now())
    except (ValueError, TypeError, OverflowError):
        return 0.0
