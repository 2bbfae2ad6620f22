"""One question to a server."""

import sys
from collections.abc import Iterator

import pytest

from churn_saver.adapters.download.addresses import Rules
from churn_saver.adapters.download.asking import answered, judge, new_client
from churn_saver.adapters.download.patience import Again
from churn_saver.errors import ConfigError, InputError
from tests.misbehaving import Answer, Server, impatient, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for this file."""
    with serving() as running:
        yield running


def asked(url: str, rules: Rules | None = None) -> bytes:
    """Ask once, without any second try."""
    with (
        new_client(impatient()) as client,
        answered(client, "GET", url, {}, rules or Rules()) as response,
    ):
        judge(response, url, impatient())
        return response.read()


def to(location: str) -> Answer:
    """Redirect, for ever."""
    return Answer(status=302, headers={"Location": location}, forever=True)


def test_bytes_are_asked_for_as_they_are(server: Server) -> None:
    """A .gz must not be unpacked on the way."""
    server.reset({"f": b"bytes"})

    assert asked(server.url("f")) == b"bytes"
    assert server.asked[0].headers["Accept-Encoding"] == "identity"


def test_redirect_on_one_host_is_followed(server: Server) -> None:
    """Relative or absolute; five times, not six."""
    plans = {f"r{n}": [to(f"r{n - 1}")] for n in range(1, 7)} | {"r0": [to(server.url("f"))]}
    server.reset({"f": b"bytes"}, plans)

    assert asked(server.url("r4")) == b"bytes"
    with pytest.raises(InputError, match=r"/r5 redirects more than 5 times: given up"):
        asked(server.url("r5"))


def test_redirect_loop_ends(server: Server) -> None:
    """Two addresses that lead to each other."""
    server.reset({}, {"a": [to("b")], "b": [to("a")]})

    with pytest.raises(InputError, match="redirects more than 5 times"):
        asked(server.url("a"))
    assert len(server.asked) == 6


def test_redirect_to_another_host_is_refused_unasked(server: Server) -> None:
    """Though it is the same machine by another name: the name is what was agreed on."""
    server.reset({"f": b"bytes"}, {"r": [to(f"http://localhost:{server.server_port}/f")]})

    with pytest.raises(InputError, match=r"host 'localhost' by http, wanted https: not followed"):
        asked(server.url("r"))
    assert [question.path for question in server.asked] == ["r"]


def test_redirect_to_an_unlisted_https_host_is_refused(server: Server) -> None:
    """By name, with the way to allow it."""
    server.reset({}, {"r": [to("https://evil.example/f?token=secret")]})

    with pytest.raises(
        InputError, match=r"host 'evil.example', wanted 127.0.0.1, hf.co: .*add it to hosts"
    ) as found:
        asked(server.url("r"), Rules(("hf.co",)))
    assert "secret" not in str(found.value)


def test_password_of_an_address_is_used_and_not_told(server: Server) -> None:
    """A mirror may need one."""
    server.reset({"f": b"bytes"}, {"f": [Answer(), Answer(status=403)]})
    url = server.url("f").replace("//", "//me:secret@")

    assert asked(url) == b"bytes"
    assert server.asked[0].headers["Authorization"].startswith("Basic ")
    with pytest.raises(InputError, match="/f answers 403: not allowed") as found:
        asked(url)
    assert "secret" not in str(found.value)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (404, "no such file"),
        (410, "no such file"),
        (401, "not allowed"),
        (400, "wanted 200"),
        (204, "wanted 200"),
    ],
)
def test_what_will_not_pass_is_refused(server: Server, status: int, meaning: str) -> None:
    """With the status and what it means."""
    server.reset({}, {"f": [Answer(status=status)]})

    with pytest.raises(InputError, match=rf"/f answers {status}: {meaning}"):
        asked(server.url("f"))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_told_apart(server: Server, status: int) -> None:
    """Nobody asked for a pause."""
    server.reset({}, {"f": [Answer(status=status)]})

    with pytest.raises(Again, match=f"answers {status}") as found:
        asked(server.url("f"))
    assert found.value.seconds == 0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("-7", 0.0),
        ("soon", 0.0),
        ("nan", 0.0),
        # Our clock stands at second 1,000,000,000, which is 2001-09-09 01:46:40.
        ("Sun, 09 Sep 2001 01:47:30 GMT", 50.0),
        ("Sun, 09 Sep 2001 01:00:00 GMT", 0.0),
        ("Sun, 99 Sep 2001 01:00:00 GMT", 0.0),
    ],
)
def test_pause_is_read_as_seconds_or_date(server: Server, said: str, seconds: float) -> None:
    """What is neither is none."""
    server.reset({}, {"f": [Answer(status=503, headers={"Retry-After": said})]})

    with pytest.raises(Again) as found:
        asked(server.url("f"))
    assert found.value.seconds == seconds


@pytest.mark.parametrize("said", ["3600", "inf", "1e400"])
def test_pause_that_is_too_long_ends_it(server: Server, said: str) -> None:
    """A person would rather come back."""
    server.reset({}, {"f": [Answer(status=429, headers={"Retry-After": said})]})

    with pytest.raises(
        InputError, match=r"answers 429 and asks for a pause of (3,600|inf) s: run again after it"
    ):
        asked(server.url("f"))


def test_nobody_there_may_pass(server: Server) -> None:
    """A port where nothing listens."""
    with serving() as gone:
        url = gone.url("f")

    with pytest.raises(Again, match=r"cannot be reached or broke off \(ConnectError"):
        asked(url)


def test_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line with the command."""
    monkeypatch.setitem(sys.modules, "httpx2", None)

    with pytest.raises(ConfigError, match=r"httpx2 is not installed.*pip install 'churn-saver\[data\]'"):
        new_client(impatient())


def test_address_that_cannot_be_asked_is_refused() -> None:
    """A port that is no number is found by the client."""
    with pytest.raises(InputError, match=r"is no address \("):
        asked("http://127.0.0.1:port/f")
