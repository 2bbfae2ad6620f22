"""Keys: who may do what, and how little an answer tells of a key."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from churn_saver.config import Environment
from churn_saver.errors import ConfigError, InputError
from churn_saver.serve.keys import LOCAL, Access, Role, access_of, new_key, read_keys

ROLES = [Role.DECIDE, Role.OPERATE, Role.ADMIN]


def stored(name: str, role: str, key: str) -> str:
    """Give the line that is stored of a key."""
    return f"{name} {role} sha256:{hashlib.sha256(key.encode()).hexdigest()}"


THREE = "; ".join(
    [stored("crm", "decide", "a"), stored("prom", "operate", "b"), stored("boss", "admin", "c")]
)


def refused(access: Access, headers: dict[str, str], role: Role) -> tuple[int, str]:
    """Give status and words of a refusal."""
    with pytest.raises(HTTPException, match=r"^\d{3}: ") as caught:
        access.admit(Headers(headers), role)
    return caught.value.status_code, caught.value.detail


@pytest.mark.parametrize(("key", "name", "most"), [("a", "crm", 1), ("b", "prom", 2), ("c", "boss", 3)])
@pytest.mark.parametrize("role", ROLES)
def test_a_key_opens_what_its_role_and_the_lesser_ones_open(
    key: str, name: str, most: int, role: Role
) -> None:
    """Roles are in order: decide, operate, admin; too little is 403."""
    access = access_of(Environment(API_KEYS=THREE))
    headers = {"X-API-Key": key}

    if role <= most:
        assert access.admit(Headers(headers), role) == name
    else:
        assert refused(access, headers, role)[0] == 403


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X-API-Key": "d"},
        {"X-API-Key": "a "},
        {"X-API-Key": "é"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic a"},
        {"Authorization": "Bearer d"},
        {"Cookie": "X-API-Key=a"},
        {"X-API-Key": "sha256:" + hashlib.sha256(b"a").hexdigest()},
    ],
)
def test_what_is_no_key_opens_nothing(headers: dict[str, str], role: Role) -> None:
    """401, and nothing of what was shown is repeated."""
    status, words = refused(access_of(Environment(API_KEYS=THREE)), headers, role)

    assert status == 401
    assert not any(len(value) > 3 and value in words for value in headers.values())


@given(shown=st.text(max_size=80).filter(lambda one: one not in {"a", "b", "c"}))
def test_no_other_text_is_a_key(shown: str) -> None:
    """Whatever is sent as one."""
    access = access_of(Environment(API_KEYS=THREE))

    with pytest.raises(HTTPException, match="401"):
        access.admit({"X-API-Key": shown}, Role.DECIDE)


def test_a_bearer_is_a_key_where_only_keys_are_asked_for() -> None:
    """Prometheus can send no other header; with Cloud Run in front that header holds Google's token."""
    headers = Headers({"Authorization": "bearer  b"})

    assert access_of(Environment(API_KEYS=THREE)).admit(headers, Role.OPERATE) == "prom"
    iam = access_of(Environment(API_KEYS=THREE, AUTH_MODE="iam"))
    assert refused(iam, {"Authorization": "Bearer b"}, Role.OPERATE)[0] == 401


def test_behind_iam_who_comes_may_decide_and_no_more() -> None:
    """More than that needs a key all the same, and can be had with one."""
    bare = access_of(Environment(AUTH_MODE="iam", HOST="0.0.0.0", K_SERVICE="churn-saver"))
    keyed = access_of(Environment(AUTH_MODE="iam", API_KEYS=THREE))

    assert bare.admit({}, Role.DECIDE) == "iam"
    assert refused(bare, {}, Role.OPERATE)[0] == refused(bare, {}, Role.ADMIN)[0] == 401
    assert keyed.admit(Headers({"X-API-Key": "c"}), Role.ADMIN) == "boss"


@pytest.mark.parametrize("environment", [Environment(), Environment(AUTH_MODE="local", HOST="::1")])
def test_without_keys_this_machine_may_do_all(environment: Environment) -> None:
    """Nobody is asked."""
    access = access_of(environment)

    assert access == LOCAL
    assert access.admit({}, Role.ADMIN) == "local"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.10", "example.com", "127.0.0.1.example.com"])
@pytest.mark.parametrize("mode", [None, "local"])
def test_another_machine_is_not_let_in_without_keys(host: str, mode: str | None) -> None:
    """HOST=0.0.0.0 in mode local refuses to start, and says what to do."""
    with pytest.raises(ConfigError, match=r"answers this machine only.*keys new"):
        access_of(Environment(HOST=host, AUTH_MODE=mode))


def test_another_machine_may_be_let_in_with_keys() -> None:
    """That is what they are for."""
    access = access_of(Environment(HOST="0.0.0.0", API_KEYS=THREE))

    assert (access.keyless, access.is_loopback_only) == (Role.OPEN, False)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (Environment(AUTH_MODE="keys"), "AUTH_MODE is keys and API_KEYS is not set.*keys new"),
        (Environment(AUTH_MODE="local", API_KEYS=THREE), "AUTH_MODE is local and API_KEYS is set"),
        (Environment(AUTH_MODE="iam", HOST="0.0.0.0"), "outside Cloud Run"),
        (Environment(API_KEYS="# nothing"), "holds no key"),
        (Environment(API_KEYS=THREE + ";" + stored("crm", "admin", "d")), "names 'crm' twice"),
    ],
)
def test_what_does_not_go_together_stops_the_start(environment: Environment, words: str) -> None:
    """Nothing is served on guesses about who may call."""
    with pytest.raises(ConfigError, match=words):
        access_of(environment)


@pytest.mark.parametrize(
    "line",
    [
        "crm decide cs_the-key-itself",
        "crm open " + stored("", "", "a").split()[-1],
        "crm root " + stored("", "", "a").split()[-1],
        "a b c d",
        "naïve decide " + stored("", "", "a").split()[-1],
        stored("crm", "decide", "a")[:-1],
        stored("crm", "decide", "a").upper(),
    ],
)
def test_a_line_that_is_no_key_is_named_by_number_alone(line: str) -> None:
    """It may be the key itself, put there by mistake."""
    with pytest.raises(ConfigError, match=r"API_KEYS, line 2: wanted 'name role sha256") as caught:
        read_keys(stored("one", "admin", "z") + "\n" + line)

    assert line not in str(caught.value)


def test_keys_can_lie_in_a_file(tmp_path: Path) -> None:
    """With comments and empty lines."""
    path = tmp_path / "keys"
    path.write_text(f"# ours\n\n{stored('crm', 'decide', 'a')}  # until spring\n")
    access = access_of(Environment(API_KEYS=f"file:{path}"))

    assert access.admit(Headers({"x-api-key": "a"}), Role.DECIDE) == "crm"
    with pytest.raises(InputError, match=r"nothing"):
        access_of(Environment(API_KEYS=f"file:{tmp_path / 'nothing'}"))


@pytest.mark.parametrize("role", ROLES)
def test_a_new_key_is_known_by_the_line_that_is_stored(role: Role) -> None:
    """The line does not hold the key; two keys are never the same."""
    (key, line), (other, _) = new_key("crm", role), new_key("crm", role)

    assert key != other
    assert len(key) >= 43
    assert key not in line
    assert access_of(Environment(API_KEYS=line)).admit(Headers({"X-API-Key": key}), role) == "crm"


def test_a_key_needs_a_name_that_a_log_can_hold() -> None:
    """No spaces and no separators."""
    with pytest.raises(ConfigError, match=r"--name is 'Jane Doe', wanted 1 to 64"):
        new_key("Jane Doe", Role.DECIDE)
