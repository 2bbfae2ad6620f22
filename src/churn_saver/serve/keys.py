"""Who may call what: keys with roles, and the mode that says what is allowed without one.

A key is 256 random bits, so its SHA-256 is as good as a slow hash and is all that is kept. Whoever
shows one is compared with every key in constant time. Knows no route: each names the role it needs.
"""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from starlette.exceptions import HTTPException

from churn_saver.adapters.secrets import secret
from churn_saver.config import Environment
from churn_saver.errors import ConfigError, quoted

HEADER = "X-API-Key"
"""Where a key is shown; in mode keys also as `Authorization: Bearer`, which in mode iam is Google's."""
_KEY = "cs_"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Role(IntEnum):
    """What a caller may do; each role may do what those before it may."""

    OPEN = 0
    DECIDE = 1
    OPERATE = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """As keys and documents name it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is stored."""

    name: str
    """Whose it is; appears in logs."""
    role: Role
    digest: bytes
    """SHA-256, 32 bytes."""


@dataclass(frozen=True, slots=True)
class Access:
    """What the service asks of its callers."""

    keyless: Role
    """What may be done without a key."""
    keyless_name: str
    """How logs name a caller without one."""
    keys: tuple[Key, ...] = ()
    takes_bearer: bool = False
    is_loopback_only: bool = False

    def admit(self, headers: Mapping[str, str], needed: Role) -> str:
        """Name the caller.

        Raises:
            HTTPException: 401 without a known key, 403 with one whose role is not enough.
        """
        if needed <= self.keyless:
            return self.keyless_name
        shown = self._shown(headers)
        holder = None if shown is None else self._holder(shown)
        if holder is None:
            what = "the API key is not known" if shown else f"an API key is wanted, in the header {HEADER}"
            raise HTTPException(401, what, {"WWW-Authenticate": "Bearer"})
        if holder.role < needed:
            raise HTTPException(403, f"the API key has role {holder.role.word}, wanted {needed.word}")
        return holder.name

    def may(self, headers: Mapping[str, str], needed: Role) -> bool:
        """Tell whether a caller has a role, where an answer says more to those who do."""
        try:
            self.admit(headers, needed)
        except HTTPException:
            return False
        return True

    def _shown(self, headers: Mapping[str, str]) -> str | None:
        shown = headers.get(HEADER)
        if shown is None and self.takes_bearer:
            scheme, _, shown = headers.get("Authorization", "").partition(" ")
            shown = shown.strip() if scheme.lower() == "bearer" else None
        return shown or None

    def _holder(self, shown: str) -> Key | None:
        digest, found = hashlib.sha256(shown.encode()).digest(), None
        for key in self.keys:
            # No way out of the loop: how long it takes says nothing about which key came near.
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


LOCAL = Access(Role.ADMIN, "local", is_loopback_only=True)
"""Nobody is asked, since only this machine can call."""


def access_of(environment: Environment) -> Access:
    """Say what is asked of callers.

    Raises:
        ConfigError: mode, keys and HOST do not go together, or the keys cannot be read.
        InputError: the keys are in a file or in Secret Manager and cannot be had from there.
    """
    mode = environment.AUTH_MODE or ("keys" if environment.API_KEYS else "local")
    if mode == "local" and environment.API_KEYS:
        raise ConfigError("AUTH_MODE is local and API_KEYS is set. Leave one of them out.")
    if mode == "keys" and not environment.API_KEYS:
        raise ConfigError(
            "AUTH_MODE is keys and API_KEYS is not set. "
            "Make one: churn-saver keys new --role decide --name crm"
        )
    if not is_loopback(environment.HOST):
        _require_somebody_asks(mode, environment)
    keys = read_keys(secret(environment.API_KEYS)) if environment.API_KEYS else ()
    if mode == "keys":
        return Access(Role.OPEN, "nobody", keys, takes_bearer=True)
    return Access(Role.DECIDE, "iam", keys) if mode == "iam" else LOCAL


def _require_somebody_asks(mode: str, environment: Environment) -> None:
    if mode == "local":
        raise ConfigError(
            f"HOST is {quoted(environment.HOST)}, wanted 127.0.0.1, ::1 or localhost: without keys the "
            "service answers this machine only. Leave HOST out, or set API_KEYS: `churn-saver keys new`."
        )
    if mode == "iam" and not environment.K_SERVICE:
        raise ConfigError(
            f"AUTH_MODE is iam with HOST {quoted(environment.HOST)} outside Cloud Run, where nobody asks in "
            "front. Set AUTH_MODE to keys, or leave HOST out and let a proxy on this machine ask."
        )


def is_loopback(host: str) -> bool:
    """Tell whether an address is one of this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_keys(text: str) -> tuple[Key, ...]:
    """Read stored keys.

    Args:
        text: 'name role sha256:hex', one to a line or parted by ';'; '#' begins a comment.

    Raises:
        ConfigError: no key, or a line that is none; names its number, never its content.
    """
    lines = [line.partition("#")[0].split() for line in re.split(r"[\n;]", text)]
    found = tuple(_key(number, parts) for number, parts in enumerate(lines, 1) if parts)
    names = [key.name for key in found]
    if not found:
        raise ConfigError("API_KEYS holds no key. Make one: churn-saver keys new --role decide --name crm")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"API_KEYS names {quoted(twice[0])} twice. Give each key a name of its own.")
    return found


def _key(number: int, parts: Sequence[str]) -> Key:
    roles = {role.word: role for role in Role if role is not Role.OPEN}
    name, role, digest = parts if len(parts) == 3 else ("", "", "")
    if not (_NAME.fullmatch(name) and role in roles and _DIGEST.fullmatch(digest)):
        raise ConfigError(
            f"API_KEYS, line {number}: wanted 'name role sha256:<64 hex digits>' with one of the roles "
            f"{', '.join(roles)}. `churn-saver keys new` prints such a line."
        )
    return Key(name, roles[role], bytes.fromhex(digest.removeprefix("sha256:")))


def new_key(name: str, role: Role) -> tuple[str, str]:
    """Draw a key.

    Returns:
        The key, for the caller alone, and the line to be stored.

    Raises:
        ConfigError: a name with other signs than letters, digits and . _ -
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(f"--name is {quoted(name)}, wanted 1 to 64 of letters, digits and . _ -")
    key = _KEY + secrets.token_urlsafe(32)
    return key, f"{name} {role.word} sha256:{hashlib.sha256(key.encode()).hexdigest()}"
