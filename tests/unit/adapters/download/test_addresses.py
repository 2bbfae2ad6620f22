"""Which addresses may be asked, where they may lead, and how they are named."""

import pytest

from churn_saver.adapters.download.addresses import Rules, below, redirected, refuse_unsafe, scrubbed, shown
from churn_saver.errors import InputError

RULES = Rules(("hf.co",))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://user:secret@host.org:8443/a/b?token=secret#secret", "https://host.org:8443/a/b"),
        ("https://host.org/a", "https://host.org/a"),
    ],
)
def test_secrets_are_cut_out_of_an_address(url: str, wanted: str) -> None:
    """User, password, query and fragment; the rest says which address it is."""
    assert shown(url) == wanted


def test_secrets_are_cut_out_of_words() -> None:
    """Those in addresses, and one that is known by its value."""
    text = "401 for url 'https://a:b@host.org/f?X-Signature=abc' with hf_secret (see https://docs.org/x#y)"

    assert scrubbed(text, "hf_secret") == "401 for url 'https://host.org/f' with *** (see https://docs.org/x"


def is_refused(url: str) -> bool:
    """Tell whether an address may not be asked."""
    try:
        refuse_unsafe(url, Rules())
    except InputError:
        return True
    return False


@pytest.mark.parametrize(
    "url", ["https://host.org/a", "http://127.0.0.1:80/a", "http://localhost/a", "http://[::1]:80/a"]
)
def test_https_and_this_machine_may_be_asked(url: str) -> None:
    """Nothing travels unprotected."""
    assert not is_refused(url)


@pytest.mark.parametrize(
    "url", ["http://host.org/a?key=1", "ftp://host.org/a", "http://127.0.0.1.evil.org/a"]
)
def test_http_elsewhere_is_refused(url: str) -> None:
    """Bytes from http can be changed on the way; the message holds no query."""
    with pytest.raises(InputError, match=r"//[a-z0-9.]*.org/a is not https, wanted https"):
        refuse_unsafe(url, Rules())


def test_http_is_the_choice_of_the_user_for_a_mirror() -> None:
    """Other schemes stay refused."""
    refuse_unsafe("http://mirror.lan/a", Rules(plain_http=True))
    with pytest.raises(InputError, match="is not https"):
        refuse_unsafe("file:/etc/passwd".replace(":", "://host"), Rules(plain_http=True))


@pytest.mark.parametrize("url", ["https:///a", "https://[bad/a"])
def test_address_without_a_host_is_refused(url: str) -> None:
    """Before anything is asked."""
    with pytest.raises(InputError, match="is no address with a host"):
        refuse_unsafe(url, Rules())


@pytest.mark.parametrize(
    ("here", "location", "wanted"),
    [
        ("https://a.org/x/y", "z", "https://a.org/x/z"),
        ("https://a.org/x", "https://hf.co/z?sig=1", "https://hf.co/z?sig=1"),
        ("https://a.org/x", "https://cdn.hf.co/z", "https://cdn.hf.co/z"),
        ("https://a.org/x", "//cdn.hf.co/z", "https://cdn.hf.co/z"),
        ("http://a.org/x", "https://a.org/x", "https://a.org/x"),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:2/y", "http://127.0.0.1:2/y"),
        ("https://me:pw@a.org/x", "/y", "https://me:pw@a.org/y"),
        ("https://me:pw@a.org/x", "https://me:pw@hf.co/y", "https://hf.co/y"),
    ],
)
def test_redirect_to_a_known_host_is_followed(here: str, location: str, wanted: str) -> None:
    """The first host, a listed one, or one below it; a password stays with its host."""
    start = "https://a.org/x" if "a.org" in here else here

    assert redirected(here, location, start, RULES) == wanted


@pytest.mark.parametrize(
    ("here", "location", "reason"),
    [
        ("https://a.org/x", "https://evil.org/z", r"host 'evil.org', wanted a.org, hf.co: not followed"),
        ("https://a.org/x", "https://hf.co.evil.org/z", r"host 'hf.co.evil.org'"),
        ("https://a.org/x", "https://nothf.co/z", r"host 'nothf.co'"),
        ("https://a.org/x", "https://a.org@evil.org/z", r"host 'evil.org'"),
        ("https://a.org/x", "http://a.org/x", r"away from https: not followed"),
        ("https://a.org/x", "file:///etc/passwd", r"is no address with a host"),
        ("https://a.org/x", "ftp://a.org/x", r"scheme 'ftp', wanted https"),
        ("https://a.org/x", "https://[bad/x", r"^https://a.org/x leads to an address that cannot be read"),
        ("http://127.0.0.1/x", "http://localhost/x", r"host 'localhost' by http, wanted https"),
        ("http://127.0.0.1/x", "http://hf.co/x", r"host 'hf.co' by http, wanted https"),
    ],
)
def test_redirect_elsewhere_is_refused(here: str, location: str, reason: str) -> None:
    """The message names the host."""
    with pytest.raises(InputError, match=reason):
        redirected(here, location, here, RULES)


def test_path_goes_below_an_address() -> None:
    """Quoted, before the query."""
    assert below("https://a.org/raw/", "x y/ä#?.csv") == "https://a.org/raw/x%20y/%C3%A4%23%3F.csv"
    assert below("https://a.org?sig=1", "x.csv") == "https://a.org/x.csv?sig=1"
