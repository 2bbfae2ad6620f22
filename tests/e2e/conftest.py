"""The images, built once for all tests here; without docker or podman the tests skip and say so."""

import os
import shutil
from collections.abc import Iterator

import pytest

from ops.docker.engine import Engine, find_engine
from ops.docker.images import base_for, build
from tests.e2e.containers import Service, new_key, serving

FIGURES = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep what is measured until the end."""
    config.stash[FIGURES] = {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was measured."""
    for name, figure in config.stash[FIGURES].items():
        terminalreporter.write_line(f"{name:<32} {figure}")


@pytest.fixture(scope="session")
def figures(pytestconfig: pytest.Config) -> dict[str, str]:
    """What is printed at the end, by name."""
    return pytestconfig.stash[FIGURES]


@pytest.fixture(scope="session")
def engine() -> Engine:
    """What runs containers here."""
    found = find_engine(os.environ)
    if found is None:
        pytest.skip("neither docker nor podman answers here")
    return found


@pytest.fixture(scope="session")
def base(engine: Engine) -> str:
    """Image that ours stand on: BASE_IMAGE, else Python's own, else the stand-in."""
    try:
        return os.environ.get("BASE_IMAGE") or base_for(engine, "app")
    except SystemExit as error:
        if shutil.which("mmdebstrap", path=engine.variables.get("PATH")) is None:
            pytest.skip(f"{error}; mmdebstrap, which makes one, is not installed")
        if os.geteuid() != 0:
            pytest.skip(f"{error}; mmdebstrap makes one as root alone")
        pytest.fail(str(error))


@pytest.fixture(scope="session")
def app_image(engine: Engine, base: str) -> str:
    """Image of the service."""
    return build(engine, "app", base, "e2e")


@pytest.fixture(scope="session")
def train_image(engine: Engine, base: str) -> str:
    """Image of the trainings, without CUDA; TORCH_INDEX names where pip finds such a torch."""
    return build(engine, "train", base, "e2e", os.environ.get("TORCH_INDEX", ""))


@pytest.fixture(scope="session")
def key(engine: Engine, app_image: str) -> tuple[str, str]:
    """A key of its own making, and the line that the service knows it by."""
    return new_key(engine, app_image)


@pytest.fixture(scope="session")
def service(
    engine: Engine, app_image: str, key: tuple[str, str], figures: dict[str, str]
) -> Iterator[Service]:
    """One service for all tests that leave it as it was."""
    with serving(engine, app_image, key) as started:
        used = started.processor_seconds()
        figures["from start to ready"] = f"{started.seconds_to_ready:.1f} s, {used:.1f} s of a processor"
        yield started
