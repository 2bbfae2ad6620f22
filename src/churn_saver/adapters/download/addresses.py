"""Which addresses may be asked, where they may lead, and how they are named in messages.

Pure: nothing is asked here.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from churn_saver.errors import InputError

_URL = re.compile(r"https?://[^\s'\"<>]+")


@dataclass(frozen=True, slots=True)
class Rules:
    """Whom a download may ask."""

    hosts: tuple[str, ...] = ()
    """Hosts that a redirect may lead to beside the first one, with all hosts below them."""
    plain_http: bool = False
    """True for a mirror that the user named: http is then their choice. Redirects stay bound."""


def shown(url: str) -> str:
    """Give an address without what may be secret: user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def scrubbed(text: str, secret: str | None = None) -> str:
    """Take secrets out of words that somebody else wrote: those in addresses, and one known by value."""
    if secret:
        text = text.replace(secret, "***")
    return _URL.sub(lambda found: shown(found.group()), text)


def refuse_unsafe(url: str, rules: Rules) -> None:
    """Refuse what is neither https nor http to this machine.

    Raises:
        InputError: another scheme, no host, or http where it is not allowed.
    """
    scheme, host = _scheme_and_host(url)
    if scheme == "https" or (scheme == "http" and (rules.plain_http or _is_loopback(host))):
        return
    raise InputError(f"{shown(url)} is not https, wanted https: bytes from http can be changed on the way")


def redirected(here: str, location: str, start: str, rules: Rules) -> str:
    """Give the address that a redirect leads to, if it may be followed.

    https leads to https, http to https or to the same host. The host is the first one, or one of
    the rules. A password never goes along to another host.

    Args:
        here: The address that answered.
        location: What it said.
        start: The address that was asked first.
        rules: Whom this download may ask.

    Raises:
        InputError: it leads elsewhere.
    """
    try:
        target = urljoin(here, location)
    except ValueError:
        raise InputError(f"{shown(start)} leads to an address that cannot be read: not followed") from None
    old_scheme, old_host = _scheme_and_host(here)
    scheme, host = _scheme_and_host(target)
    named = f"{shown(start)} leads to {shown(target)}"
    if scheme not in ("http", "https"):
        raise InputError(f"{named}, scheme {scheme!r}, wanted https: not followed")
    if scheme == "http" and old_scheme == "https":
        raise InputError(f"{named}, away from https: not followed")
    if scheme == "http" and host != old_host:
        raise InputError(f"{named}, host {host!r} by http, wanted https: not followed")
    first = _scheme_and_host(start)[1]
    if host != first and not any(host == known or host.endswith(f".{known}") for known in rules.hosts):
        raise InputError(
            f"{named}, host {host!r}, wanted {', '.join((first, *rules.hosts))}: not followed. "
            "Next step: if that host is trusted, add it to hosts in ops/configs/sources.yaml"
        )
    parts = urlsplit(target)
    if parts.netloc == urlsplit(here).netloc:
        return target
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def below(base: str, path: str) -> str:
    """Give the address of a file below another address; a query stays at its end."""
    parts = urlsplit(base)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{quote(path)}", fragment=""))


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host:
        raise InputError(f"{shown(url)} is no address with a host, wanted https://host/path")
    return parts.scheme, host


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
