"""How the images are built, with an engine that only writes down what it is told."""

import re
from pathlib import Path

import pytest

from ops.docker.engine import Engine
from ops.docker.images import STAND_IN, base_for, build, dockerfile, handed_over
from ops.docker.pip_settings import CA_IN_BUILD, PipSettings

PULLS = 'case "$1 $2" in "image inspect") exit 1;; "pull --quiet") exit 0;; esac'
HAS_STAND_IN = f'case "$*" in "image inspect {STAND_IN}") exit 0;; "image inspect"*|pull*) exit 1;; esac'
SECRETS = ["id=pip,target=/etc/pip.conf", f"id=ca,target={CA_IN_BUILD}"]


def engine(folder: Path, name: str, does: str = "") -> Engine:
    """Give an engine that writes its calls to a file."""
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "$@" >> {folder / "calls"}\n{does}\n')
    path.chmod(0o755)
    return Engine(name, str(path), {"PATH": "/usr/bin:/bin"})


def calls(folder: Path) -> list[str]:
    """Give what an engine was told."""
    return (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("app", "docker.io/library/python:3.11-slim"),
        ("train", "docker.io/nvidia/cuda:13.0.2-runtime-ubuntu24.04"),
    ],
)
def test_an_image_stands_on_what_its_dockerfile_names(tmp_path: Path, name: str, wanted: str) -> None:
    """By its whole name; here it can be pulled."""
    assert base_for(engine(tmp_path, "docker", PULLS), name) == wanted
    assert calls(tmp_path)[-1] == f"pull --quiet {wanted}"


def test_where_no_registry_answers_the_stand_in_is_taken(tmp_path: Path) -> None:
    """The one that is here is not made anew."""
    assert base_for(engine(tmp_path, "podman", HAS_STAND_IN), "app") == STAND_IN
    assert calls(tmp_path)[-1] == f"image inspect {STAND_IN}"


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_a_build_is_told_its_base_and_its_torch(tmp_path: Path, name: str) -> None:
    """Torch only where it is installed."""
    own = engine(tmp_path, name)
    built = [build(own, which, "base:1", "t", "https://example.org/whl") for which in ("app", "train")]
    app, train = calls(tmp_path)

    assert built == ["localhost/churn-saver/app:t", "localhost/churn-saver/train:t"]
    assert "--build-arg BASE_IMAGE=base:1" in app
    assert "--build-arg BASE_IMAGE=base:1" in train
    assert "TORCH_INDEX" not in app
    assert "--build-arg TORCH_INDEX=https://example.org/whl" in train
    assert ("--format docker" in app) == (name == "podman")


def test_what_pip_is_told_is_handed_over_as_secrets(tmp_path: Path) -> None:
    """Folders only to podman, which can; nothing where there is nothing."""
    settings = PipSettings("[global]\ntimeout = 9\n", Path("/ca.pem"), (Path("/wheels"),))
    docker, podman = (handed_over(name, settings, tmp_path) for name in ("docker", "podman"))
    nothing = handed_over("docker", PipSettings("", None, ()), tmp_path)

    secrets = ["--secret", f"id=pip,src={tmp_path / 'pip.conf'}", "--secret", "id=ca,src=/ca.pem"]
    assert docker == ["--network", "host", *secrets]
    assert podman == ["--network", "host", "--format", "docker", "--volume", "/wheels:/wheels:ro", *secrets]
    assert (tmp_path / "pip.conf").read_text() == settings.config
    assert nothing == ["--network", "host"]


@pytest.mark.parametrize("name", ["app", "train"])
def test_every_step_that_installs_has_the_secrets(name: str) -> None:
    """And no other; so neither an index with a password nor a certificate is in a layer."""
    steps = re.split(r"\n(?=[A-Z]+ )", dockerfile(name).read_text())
    runs = [step for step in steps if step.startswith("RUN ")]
    installs = [step for step in runs if " install " in step and "apt-get" not in step]

    assert len(installs) == 2
    for step in runs:
        assert [word in step for word in SECRETS] == [step in installs] * 2


@pytest.mark.parametrize("name", ["app", "train"])
def test_an_image_runs_as_a_user_without_rights_and_brings_no_secret(name: str) -> None:
    """Keys, modes and secrets come from outside; what runs is the command line."""
    text = dockerfile(name).read_text()

    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["10001:10001"]
    assert 'ENTRYPOINT ["churn-saver"]' in text
    assert not re.search(r"^\s*(ENV|ARG)?\s*(API_KEYS|AUTH_MODE|SECRET_\w+)=", text, re.MULTILINE)
