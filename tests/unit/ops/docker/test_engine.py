"""The engine that answers, with programs that only say whether they do."""

from pathlib import Path

import pytest

from ops.docker.engine import CONTAINERS_CONF, Engine, find_engine


def program(folder: Path, name: str, code: int) -> None:
    """Put a program on the path that ends with a code and says what it was asked."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "$@" "conf=$CONTAINERS_CONF"\necho no >&2\nexit {code}\n')
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("docker", "podman", "wanted"),
    [
        (0, 0, "docker"),
        (1, 0, "podman"),
        (None, 0, "podman"),
        (0, None, "docker"),
        (1, 1, None),
        (None, None, None),
    ],
)
def test_the_first_that_answers_is_taken(
    tmp_path: Path, docker: int | None, podman: int | None, wanted: str | None
) -> None:
    """A program that is installed and does not answer is none."""
    (tmp_path / "bin").mkdir()
    for name, code in (("docker", docker), ("podman", podman)):
        if code is not None:
            program(tmp_path / "bin", name, code)
    found = find_engine({"PATH": str(tmp_path / "bin")})

    assert (found.name if found else None) == wanted


def test_podman_is_told_settings_that_hold_in_a_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root and where runc is; those that somebody named go first, and docker has its own."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    folder = tmp_path / "bin"
    for name in ("podman", "runc"):
        program(folder, name, 0)
    told, named = (
        find_engine({"PATH": str(folder)}),
        find_engine({"PATH": str(folder), "CONTAINERS_CONF": "x"}),
    )
    program(folder, "docker", 0)
    docker = find_engine({"PATH": str(folder)})

    assert told is not None
    assert named is not None
    assert docker is not None
    assert told.run("info").stdout == f"info conf={CONTAINERS_CONF}\n"
    assert named.run("info").stdout == "info conf=x\n"
    assert docker.run("info").stdout == "info conf=\n"
    assert CONTAINERS_CONF.is_file()


def test_a_call_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    """Unless a failure is what was asked about."""
    program(tmp_path / "bin", "docker", 3)
    engine = Engine("docker", str(tmp_path / "bin" / "docker"), {})

    assert engine.run("image", "inspect", "x", check=False).returncode == 3
    assert engine.has("x") is False
    with pytest.raises(SystemExit, match="docker image inspect ended with 3: no"):
        engine.run("image", "inspect", "x")
    with pytest.raises(SystemExit, match="docker build ended with 3"):
        engine.show(["build", "."])
