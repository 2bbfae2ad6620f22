"""All six jobs on this machine, as the processes that they are, at the smallest size."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from churn_saver.adapters import artifacts
from churn_saver.adapters.ladder import read_ladder
from churn_saver.adapters.local_jobs import SELF
from churn_saver.adapters.text_models import PPO, RM, SFT, read_model
from churn_saver.cli.job_running import RUNS
from churn_saver.pipeline.jobs_file import STATE, read_state
from tests.job_runs import ends
from tests.tiny_configs import write_configs
from tests.tiny_texts import write_pairs, write_text_configs

SIX = ("risk", "accept", "sft", "rm", "ppo-decision", "ppo-text")
LADDER = {
    "seeds": 2, "seeds_elsewhere": 1, "iterations": 1, "cloned_iterations": 1, "cloned_values_first": 0,
    "cloned_learning_rate": 0.0005, "cloned_entropy": 0.0, "within_points": 2.0,
}  # fmt: skip
PATIENCE_SECONDS = 900.0
"""Far more than it takes; whoever waits longer waits for nothing."""


@pytest.fixture
def place(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with the demo's tables, pairs of a company, and tiny settings of all kinds."""
    configs = workplace / "configs"
    tabular = (configs / "tabular.yaml").read_text(encoding="utf-8")
    write_configs(configs, iterations=1, ladder=LADDER)
    (configs / "tabular.yaml").write_text(tabular, encoding="utf-8")
    write_text_configs(workplace / "text")
    for name in ("sft.yaml", "rm.yaml", "ppo_text.yaml"):
        shutil.copy(workplace / "text" / name, configs / name)
    for name in ("POLICY_DIR", "BANK_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    run("prepare-data")
    write_pairs(workplace / "data")
    return workplace


def run(*arguments: str) -> str:
    """Run a command as a process that must succeed, and give what it printed."""
    done = subprocess.run([*SELF, *arguments], capture_output=True, text=True, check=False)
    logs = "\n".join(path.read_text() for path in sorted(Path.cwd().glob("var/jobs/*/local/*.log")))
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{logs}"
    return done.stdout


@pytest.mark.slow
def test_all_models_are_trained_although_the_command_is_killed(place: Path) -> None:
    """The jobs that ran outlive it; the same command finds them, and puts all models where serving looks."""
    first = subprocess.Popen(
        [*SELF, "train-all"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    end = time.monotonic() + PATIENCE_SECONDS
    while not _runs_something():
        assert first.poll() is None, first.communicate()[0]
        assert time.monotonic() < end, "no job began"
        time.sleep(0.1)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    (name,) = (path.name for path in RUNS.iterdir())

    output = run("train-all")

    assert f"goes on    run {name}" in output
    assert ends(read_state(RUNS / name).run) == dict.fromkeys(SIX, ("succeeded", 1))
    version = artifacts.load(place / "models/risk_accept/artifacts").version
    assert f"models       models/risk_accept/artifacts  version {version}" in output
    assert read_ladder(place / "checkpoints").champion
    models = {stage: read_model(place / "checkpoints", stage) for stage in (SFT, RM, PPO)}
    assert [len(models[stage].layers) for stage in (SFT, RM, PPO)] == [1, 2, 2]


def test_predictors_trained_side_by_side_are_those_that_are_trained_together(place: Path) -> None:
    """To the last bit: two processes and a join, or one command."""
    run("train-all", "--only", "risk", "--only", "accept", "--run", "parts")
    run("train-risk", "--out", "together")

    both = artifacts.load(place / "together").version
    assert artifacts.load(place / "models/risk_accept/artifacts").version == both


def test_a_file_of_settings_is_what_a_job_trains_with(place: Path) -> None:
    """It was sent with the tables: a job looks at no other."""
    tabular = place / "configs" / "tabular.yaml"
    tabular.write_text(yaml.safe_dump(yaml.safe_load(tabular.read_text()) | {"preset": "classic"}))

    run("train-all", "--only", "risk", "--run", "one")

    log = (RUNS / "one" / "local" / "churn-saver-one-risk-1.log").read_text()
    assert "one model of two, and nothing serves from it" in " ".join(log.split())
    part = (RUNS / "one" / "trees" / "risk" / "1" / "models/risk_accept/risk" / "PART_risk.json").read_text()
    assert '"preset": "classic"' in part


def _runs_something() -> bool:
    """Say whether a run has a job that lives."""
    states = list(RUNS.glob(f"*/{STATE}"))
    return bool(states) and any(
        one.state == "running" for one in read_state(states[0].parent).run.standings.values()
    )
