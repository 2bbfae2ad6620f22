"""Ask a revision whether it is well: alive, ready, and a whole decision that reaches nobody.

Where the service asks for a key itself (AUTH_MODE=keys), that it asks is all that is seen of a decision: a
build has none. The addresses end in no z: Google's front end keeps some of those for itself, /healthz among
them.
"""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

CUSTOMER: dict[str, object] = {
    "customer_id": "smoke-test",
    "tenure_months": 24,
    "monthly_spend": 89.99,
    "opted_in": False,
}
"""Goes the whole way like anybody; has opted out, so nothing is reserved and nothing is sent."""
TIMEOUT_SECONDS = 30
PAUSE_SECONDS = 2
ASKS_FOR_A_KEY = {"detail": "the API key is not known"}
"""What the service says itself, with 401, to a token of Google's in mode keys; no door of Google's does."""
LOOPBACK = ("127.0.0.1", "localhost")

Judge = Callable[[dict[str, Any]], bool]


def smoke(url: str, token: str, patience_seconds: float) -> str:
    """Ask until all is well, or until patience ends.

    Args:
        url: Of the revision; https, except on this machine.
        token: Shown as a bearer token.
        patience_seconds: How long a cold start and new rights may take; 0 asks once.

    Returns:
        '' when it is well, else the first thing that is wrong.
    """
    ends = time.monotonic() + patience_seconds
    while fault := _fault(url, token):
        if time.monotonic() >= ends:
            return fault
        time.sleep(PAUSE_SECONDS)
    return ""


def _fault(url: str, token: str) -> str:
    asked: tuple[tuple[str, str, dict[str, object] | None, Judge, str], ...] = (
        ("GET", "/health", None, lambda said: said.get("status") == "ok", "status ok"),
        ("GET", "/ready", None, lambda said: said.get("status") in {"ready", "degraded"}, "status ready"),
        ("POST", "/retain", CUSTOMER, _is_silent, "no contact, since the customer has opted out"),
    )
    for method, path, body, is_well, wanted in asked:
        try:
            status, raw = _ask(url, token, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            return f"{method} {path} got no answer ({error})"
        if path == "/retain" and status == http.HTTPStatus.UNAUTHORIZED and _read(raw) == ASKS_FOR_A_KEY:
            continue
        if status != http.HTTPStatus.OK:
            return f"{method} {path} answered {status}: {raw[:300].decode(errors='replace')!r}, wanted 200"
        try:
            is_right = is_well(_read(raw))
        except (KeyError, TypeError, AttributeError):
            is_right = False
        if not is_right:
            return f"{method} {path} answered {raw[:300].decode(errors='replace')!r}, wanted {wanted}"
    return ""


def _read(raw: bytes) -> Any:
    """Read JSON; None: it is none."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _is_silent(said: dict[str, Any]) -> bool:
    return said["decision"]["contact"] is False and "opted_out" in said["metadata"]["reasons"]


def _ask(url: str, token: str, method: str, path: str, body: dict[str, object] | None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise OSError(f"{url} is not https, and a token is shown to no other")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
