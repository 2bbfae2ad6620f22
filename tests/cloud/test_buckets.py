"""The service with its models out of a bucket: processes of its own, the real client, an emulator."""

import json
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from churn_saver.adapters.artifacts import MANIFEST, read_manifest
from churn_saver.adapters.canonical import canonical
from churn_saver.opening import MODEL_DIR, defaults_folder
from tests import gcs
from tests.released import trained_models
from tests.serving import RETAIN
from tests.workers import COMMAND, two_workers

BUCKET = "churn-saver-models"
TRIES = 600


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[gcs.Gcs]:
    """Run Cloud Storage on loopback, with a bucket of models."""
    with gcs.with_bucket(tmp_path_factory.mktemp("gcs"), BUCKET) as running:
        yield running


@pytest.fixture(scope="module")
def releases(service: gcs.Gcs, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Send two releases by the command line, and give the version of the predictors of each."""
    versions = {}
    for name in ("one", "two"):
        project = tmp_path_factory.mktemp("project")
        folder = trained_models(project) / MODEL_DIR
        manifest = json.loads((folder / MANIFEST).read_bytes())
        # What made the files is told and not used: these are the same models, under another version.
        (folder / MANIFEST).write_bytes(canonical(manifest | {"code": f"release {name}"}))
        versions[name] = read_manifest(folder).version
        said = command(service, "releases", "push", name, "--from", str(project))
        assert said.returncode == 0, said.stderr
    assert command(service, "releases", "use", "one").returncode == 0
    assert len({*versions.values(), read_manifest(defaults_folder()).version}) == 3
    return versions


def variables(service: gcs.Gcs, folder: Path) -> dict[str, str]:
    """Say where models come from, and where books and models lie."""
    return {
        "STORAGE_EMULATOR_HOST": service.url,
        "GCS_MODEL_BUCKET": BUCKET,
        "MODEL_CACHE_DIR": str(folder / "cache"),
        "DATABASE_URL": f"sqlite:///{folder / 'ledger.db'}",
        "FORCE_BASELINE": "",
        "API_KEYS": "",
    }


def command(service: gcs.Gcs, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of ours in a process of its own."""
    wanted = os.environ | {"STORAGE_EMULATOR_HOST": service.url, "GCS_MODEL_BUCKET": BUCKET} | more
    return subprocess.run(
        [*COMMAND[:-1], *arguments], env=wanted, capture_output=True, text=True, timeout=300, check=False
    )


def ready(url: str) -> dict[str, Any]:
    """Ask until the service is ready."""
    pause = Event()
    for _ in range(TRIES):
        with suppress(OSError), urllib.request.urlopen(f"{url}/readyz", timeout=30) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
        pause.wait(0.1)
    raise AssertionError(f"{url} did not become ready")


def retained(url: str) -> dict[str, Any]:
    """Send the documented request."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/retain", json.dumps(RETAIN).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def refused(service: gcs.Gcs, folder: Path, **more: str) -> str:
    """Start a service that must not start, and give what it said."""
    wanted = os.environ | variables(service, folder) | {"PORT": "0"} | more
    ended = subprocess.run(COMMAND, env=wanted, capture_output=True, text=True, timeout=300, check=False)

    assert ended.returncode == 1
    assert "serves on" not in ended.stdout
    assert "Traceback" not in ended.stderr
    return " ".join(ended.stderr.split())


def test_the_service_decides_with_the_current_release(
    service: gcs.Gcs, releases: Mapping[str, str], tmp_path: Path
) -> None:
    """It says so in /readyz, and its answers name the predictors of the release."""
    with two_workers(tmp_path, variables(service, tmp_path) | {"WORKERS": "1"}) as (url, _):
        told = ready(url)
        answer = retained(url)

    assert re.fullmatch(r"one@[0-9a-f]{16}", told["release"])
    assert (told["status"], told["models"]) == ("ready", releases["one"])
    assert answer["metadata"]["model_version"] == releases["one"]


def test_a_release_is_served_by_name(service: gcs.Gcs, releases: Mapping[str, str], tmp_path: Path) -> None:
    """Whatever is current."""
    named = variables(service, tmp_path) | {"WORKERS": "1", "MODEL_RELEASE": "two"}
    with two_workers(tmp_path, named) as (url, _):
        told = ready(url)

    assert told["release"].startswith("two@")
    assert told["models"] == releases["two"]


def test_a_worker_that_comes_later_serves_what_the_others_serve(
    service: gcs.Gcs, releases: Mapping[str, str], tmp_path: Path
) -> None:
    """The pointer is moved meanwhile: the service keeps its release until it is started again."""
    with two_workers(tmp_path, variables(service, tmp_path)) as (url, process):
        before = ready(url)
        assert command(service, "releases", "use", "two").returncode == 0
        try:
            for worker in workers_of(process.pid):
                os.kill(worker, signal.SIGKILL)
            after = ready(url)
        finally:
            assert command(service, "releases", "use", "one").returncode == 0

    assert after["release"] == before["release"]
    assert after["models"] == releases["one"]


def workers_of(parent: int) -> list[int]:
    """Name the processes that serve below a parent; Python's own helper is none of them."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(pid) for pid in children if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_two_services_that_start_at_once_do_not_disturb_each_other(
    service: gcs.Gcs, releases: Mapping[str, str], tmp_path: Path
) -> None:
    """One empty folder for both: each serves the whole release."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    shared = {"WORKERS": "1", "MODEL_CACHE_DIR": str(tmp_path / "cache")}
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:

        def started(name: str) -> str:
            """Start one, and give its address."""
            folder = tmp_path / name
            return stack.enter_context(two_workers(folder, variables(service, folder) | shared))[0]

        told = [ready(url) for url in pool.map(started, ("a", "b"))]

    assert {one["models"] for one in told} == {releases["one"]}
    assert len({one["release"] for one in told}) == 1


def test_an_altered_release_is_not_served(
    service: gcs.Gcs, releases: Mapping[str, str], tmp_path: Path
) -> None:
    """Nor is anything in its place: it ends, names the file, and says what to do."""
    assert command(service, "releases", "push", "spoilt", "--from", str(project_of(tmp_path))).returncode == 0
    (on_disk,) = (service.root / BUCKET / "releases" / "spoilt").rglob("churn_model.ubj")
    raw = bytearray(on_disk.read_bytes())
    raw[-1] ^= 1
    on_disk.write_bytes(raw)

    said = refused(service, tmp_path, MODEL_RELEASE="spoilt")
    assert f"release 'spoilt' of gs://{BUCKET}/releases cannot be served" in said
    assert "churn_model.ubj" in said
    assert "it was altered" in said
    assert "name another release in MODEL_RELEASE" in said


def project_of(folder: Path) -> Path:
    """Make a project that has trained."""
    return trained_models(folder / "project")


def test_without_bucket_or_release_it_does_not_start(
    service: gcs.Gcs, releases: Mapping[str, str], tmp_path: Path
) -> None:
    """Each by its name."""
    assert "gs://no-such-bucket/releases" in refused(service, tmp_path, GCS_MODEL_BUCKET="no-such-bucket")
    assert "releases/three has no tree.json" in refused(service, tmp_path, MODEL_RELEASE="three")


def test_with_the_kill_switch_it_starts_without_the_bucket(service: gcs.Gcs, tmp_path: Path) -> None:
    """Nobody asks for models then."""
    away = {"WORKERS": "1", "FORCE_BASELINE": "true", "GCS_MODEL_BUCKET": "no-such-bucket"}
    with two_workers(tmp_path, variables(service, tmp_path) | away) as (url, _):
        told = ready(url)

    assert (told["release"], told["models"]) == (None, "none")
    assert told["degraded_reasons"] == ["force_baseline"]
