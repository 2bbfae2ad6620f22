"""The image of the service: small, locked, and it answers as the documents say."""

import json
import re
from typing import Any

import pytest

from ops.docker.engine import Engine
from ops.docker.images import dockerfile
from tests.e2e.containers import Service, once, serving
from tests.serving import PREDICT, RETAIN

MB = 1_000_000
LIMIT_MB, NAMED_FROM_MB = 350, 20
ABSENT = (
    "torch",
    "polars",
    "pandera",
    "pandas",
    "matplotlib",
    "sklearn",
    "numba",
    "transformers",
    "pip",
    "pytest",
)
PRESENT = ("psycopg", "google.cloud.storage", "google.cloud.secretmanager", "google_crc32c")
PACKAGES = """
import json, os, pathlib, sysconfig
sizes = {}
for path in pathlib.Path(sysconfig.get_path("purelib")).iterdir():
    name = path.name.partition(".")[0].removesuffix("_cpu").removesuffix("_binary")
    files = path.rglob("*") if path.is_dir() else [path]
    sizes[name] = sizes.get(name, 0) + sum(one.stat().st_size for one in files if one.is_file())
print(json.dumps(sizes))
"""
"""Bytes of each package; the libraries that it brings are its own."""


def test_it_adds_at_most_350_mb_to_its_base(
    engine: Engine, app_image: str, base: str, figures: dict[str, str]
) -> None:
    """As the engine counts the layers."""
    ours, theirs = (
        json.loads(engine.run("image", "inspect", name).stdout)[0]["Size"] for name in (app_image, base)
    )
    figures["app image on top of its base"] = f"{(ours - theirs) / MB:.0f} MB of {ours / MB:.0f} MB"

    assert 0 < ours - theirs <= LIMIT_MB * MB


def test_every_package_over_20_mb_is_named_in_its_dockerfile(
    service: Service, figures: dict[str, str]
) -> None:
    """And none is named that is smaller."""
    sizes: dict[str, int] = json.loads(service.inside("python", "-c", PACKAGES).stdout)
    large = {name: size for name, size in sizes.items() if size > NAMED_FROM_MB * MB}
    told = re.search(r"^# over 20 MB: (.+)$", dockerfile("app").read_text(), re.MULTILINE)
    figures["packages over 20 MB"] = ", ".join(
        f"{name} {size / MB:.0f}" for name, size in sorted(large.items(), key=lambda item: -item[1])
    )

    assert told is not None
    assert set(told[1].split(", ")) == set(large)


def test_it_holds_what_serves_and_nothing_that_trains(service: Service) -> None:
    """No deep learning, no tables, no pictures, no tests; drivers and clients can be imported."""
    code = (
        "import importlib, importlib.util, json\n"
        f"for name in {PRESENT!r}: importlib.import_module(name)\n"
        f"print(json.dumps([name for name in {ABSENT!r} if importlib.util.find_spec(name)]))"
    )
    done = service.inside("python", "-c", code)

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == []


def test_it_is_alive_and_ready(service: Service, figures: dict[str, str]) -> None:
    """With what is shipped: models, policy and messages verified, a campaign open, nothing lacking."""
    alive, ready = service.call("/healthz", key=""), service.call("/readyz", key="")

    assert alive == (200, {"status": "ok"})
    assert ready[0] == 200
    assert (ready[1]["status"], ready[1]["campaign"], ready[1]["degraded_reasons"]) == (
        "ready",
        "default",
        [],
    )
    assert ready[1]["policy"].startswith("ppo_price@")
    assert "none" not in (ready[1]["models"], ready[1]["messages"])


def test_the_documented_requests_are_answered(service: Service) -> None:
    """The first gets an offer and a message; the second, for the same customer, meets the cooldown."""
    retained, predicted = service.call("/retain", RETAIN), service.call("/predict", PREDICT)

    assert (retained[0], predicted[0]) == (200, 200)
    assert retained[1]["decision"]["contact"] is True
    assert 50 <= len(retained[1]["message"]) <= 200
    assert retained[1]["safety_flags"] == []
    assert retained[1]["metadata"]["degraded"] is False
    assert retained[1]["metadata"]["message_source"] == "bank"
    assert (predicted[1]["decision"]["contact"], predicted[1]["message"]) == (False, None)
    assert "cooldown" in predicted[1]["metadata"]["reasons"]


@pytest.mark.parametrize("shown", ["", "cs_not-a-key"])
def test_who_shows_no_key_is_not_answered(service: Service, shown: str) -> None:
    """401, whatever is asked."""
    status, answer = service.call("/retain", RETAIN, key=shown)

    assert status == 401
    assert "decision" not in answer


def test_it_runs_as_nobody_and_can_gain_nothing(service: Service) -> None:
    """The first process of the container: user 10001, no capability, no new privileges."""
    status = dict(
        line.split(":\t", 1)
        for line in service.inside("cat", "/proc/1/status").stdout.splitlines()
        if ":\t" in line
    )

    assert status["Uid"].split() == ["10001"] * 4
    assert status["Gid"].split() == ["10001"] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr", "/opt/venv", "/opt/venv/lib"])
def test_nothing_but_tmp_can_be_written(service: Service, folder: str) -> None:
    """Not even by root, and not what it runs on; its ledger lies in /tmp."""
    code = f"open({folder + '/planted'!r}, 'w')"
    refused = service.inside("python", "-c", code, options=["--user", "0:0"])
    ledger = service.inside("python", "-c", "import os; print(os.path.getsize('/tmp/churn_saver.db') > 0)")

    assert refused.returncode == 1
    assert "Read-only file system" in refused.stderr
    assert ledger.stdout.strip() == "True"


def test_its_health_check_tells_an_answer_from_none(engine: Engine, app_image: str, service: Service) -> None:
    """The command of the image itself: 0 where the service answers, otherwise not."""
    told = json.loads(engine.run("image", "inspect", app_image).stdout)[0]
    check = _health(told)

    assert check[0] == "CMD"
    assert service.inside(*check[1:]).returncode == 0
    assert service.inside(*check[1:], options=["--env", "PORT=1"]).returncode == 1


def _health(told: dict[str, Any]) -> list[str]:
    """Find the check where docker says it, or where podman does."""
    found = told.get("Healthcheck") or told.get("HealthCheck") or told["Config"]["Healthcheck"]
    words: list[str] = found["Test"]
    return words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["campaign", "list"], "default"),
        (["control", "show"], "free"),
        (["ledger", "verify"], "hold"),
        (["ledger", "backup", "/tmp/copy.db"], "backed up to /tmp/copy.db"),
        (["versions", "list"], ""),
        (["dispatch", "--once", "--sender", "file:/tmp/sent.jsonl"], ""),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_the_commands_beside_the_service_work_in_it(service: Service, words: list[str], said: str) -> None:
    """On its ledger, while it serves."""
    done = service.inside("churn-saver", *words)

    assert done.returncode == 0, done.stderr
    assert said in done.stdout


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["demo"], "tables"),
        (["decide", "x.csv"], "tables"),
        (["train-risk"], "tables"),
        (["train-ppo"], "rl"),
    ],
    ids=["demo", "decide", "train-risk", "train-ppo"],
)
def test_a_command_of_which_packages_are_absent_says_so(
    service: Service, words: list[str], extra: str
) -> None:
    """One line, with what brings them; no traceback."""
    done = service.inside("churn-saver", *words)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "cannot be imported" in done.stderr
    assert f"pip install 'churn-saver[{extra}]'" in done.stderr


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "without keys the service answers this machine only"),
        ({"AUTH_MODE": "keys"}, "AUTH_MODE is keys and API_KEYS is not set"),
        ({"AUTH_MODE": "iam", "K_SERVICE": "churn-retain-api"}, "Set DATABASE_URL to postgresql://"),
        ({"AUTH_MODE": "iam"}, "AUTH_MODE is iam with HOST '0.0.0.0' outside Cloud Run"),
    ],
    ids=["nobody asks", "no key", "a ledger that is lost", "nobody in front"],
)
def test_it_refuses_to_start_open_or_forgetful(
    engine: Engine, app_image: str, told: dict[str, str], said: str
) -> None:
    """Open without keys, or on Cloud Run with the ledger of a trial run: exit code 1, and why."""
    options = [word for name, value in told.items() for word in ("--env", f"{name}={value}")]
    done = once(engine, app_image, options=options)

    assert done.returncode == 1
    assert said in done.stdout + done.stderr


def test_it_ends_when_it_is_told(engine: Engine, app_image: str, key: tuple[str, str]) -> None:
    """SIGTERM: exit code 0, before the engine would have killed it, and no error in its log."""
    with serving(engine, app_image, key) as own:
        own.call("/retain", RETAIN)
        engine.run("stop", "--time", "60", own.name)
        state, said = own.state()["State"], own.said()

    assert (state["Status"], state["ExitCode"]) == ("exited", 0)
    assert "Traceback" not in said
    assert key[0] not in said
    assert RETAIN["customer_id"] not in said
