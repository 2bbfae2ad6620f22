"""Training, frontier and ladder of the decision policy by their commands, and how they refuse."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from churn_saver.adapters.ladder import NETWORKS, RUNGS, champion, read_ladder
from churn_saver.adapters.policies import policy_file, read_policy
from churn_saver.adapters.tensors import pack
from churn_saver.adapters.trainings import FORMAT, training_file, write_training
from churn_saver.cli import app, main
from tests.tiny_configs import write_configs, write_table

TABLE = "customer_id,tenure_months,monthly_spend,contract_type\n" + "".join(
    f"C{i:03d},{1 + i % 24},{20 + i},Month-to-month\n" for i in range(60)
)
LADDER = {
    "seeds": 2, "seeds_elsewhere": 1, "iterations": 1, "cloned_iterations": 1, "cloned_values_first": 0,
    "cloned_learning_rate": 0.0005, "cloned_entropy": 0.0,
    "within_points": 2.0,
}  # fmt: skip


@pytest.fixture
def place(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the working folder with tiny settings and the demo's tables."""
    monkeypatch.delenv("POLICY_DIR", raising=False)
    write_configs(workplace / "configs", iterations=1, ladder=LADDER)
    run("prepare-data")
    return workplace


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


Shown = pytest.CaptureFixture[str]


def refused(shown: Shown, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run a command as from a shell that must end with one message of its own and exit code 1; give it."""
    shown.readouterr()
    monkeypatch.setattr(sys, "argv", ["churn-saver", *arguments])
    with pytest.raises(SystemExit, match=r"^1$"):
        main()
    said = shown.readouterr()
    assert said.err.startswith("churn-saver: ")
    assert said.err.count("churn-saver: ") == 1
    assert "Traceback" not in said.err + said.out
    return said.err


def files(folder: Path) -> set[str]:
    """List all files below a folder, by their path in it."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_policy_is_trained_with_page_and_curves(place: Path) -> None:
    """One iteration on the demo's customers; the same again is the same policy."""
    output = run("train-ppo", "--iterations", "1", "--seed", "3")
    first = (place / "checkpoints" / policy_file("ppo")).read_bytes()
    run("train-ppo", "--iterations", "1", "--seed", "3", "--out", "again")

    found = files(place / "checkpoints")
    assert {policy_file("ppo"), "ppo.html", "ppo.json"} < found
    assert sum(name.startswith("curves/ppo/events.out") for name in found) == len(found) - 3 == 1
    assert (place / "again" / policy_file("ppo")).read_bytes() == first
    assert "churn_train.csv (demo)" in output
    assert hashlib.sha256(first).hexdigest()[:16] in output


def test_the_frontier_is_printed_and_drawn(place: Path) -> None:
    """Of a small panel of the demo's customers."""
    output = run("optimum", "--customers", "6")

    assert files(place / "checkpoints") == {"frontier.html", "frontier.json", "frontier.png"}
    assert len(json.loads((place / "checkpoints" / "frontier.json").read_bytes())["gain"]) == 10
    assert "price λ" in output


def test_the_ladder_is_measured_and_its_champion_decides(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two seeds of every rung at one budget; what is written is what `decide` then opens."""
    output = run("bench", "--workers", "2")

    out = place / "checkpoints"
    policies = {policy_file(name) for name in NETWORKS}
    trainings = {
        f"ladder/{training_file(name)}"
        for rung, factor in (("ppo_price", 0), ("ppo", 1), ("ppo_nine", 1), ("ppo_cloned", 1))
        for name in (f"{rung}_{factor}_0", f"{rung}_{factor}_1")
    }
    written = {"ladder.json", "ladder.html", "ladder.png", "ladder_detail.json"}
    assert files(out) == policies | trainings | written
    ladder = read_ladder(out)
    measured = {"never", "random", "propensity_rule", "risk_value", "greedy", "knapsack", "exact", *NETWORKS}
    assert {row.name for row in ladder.rows} == measured | {"optimum"}
    assert all(row.seeds == 2 for row in ladder.rows)
    assert ladder.champion in RUNGS
    assert champion(out)[0] == ladder.champion
    assert [budget for budget, _ in ladder.exact_prices] == [300.0]
    detail = json.loads((out / "ladder_detail.json").read_bytes())
    assert len(detail["measured"]) == 2 * len(measured)
    for name in NETWORKS:
        raw = (out / policy_file(name)).read_bytes()
        assert ladder.files[name] == hashlib.sha256(raw).hexdigest()
        gains = {m["seed"]: m["gain_pct"] for m in detail["measured"] if m["rung"] == name}
        chosen = read_policy(out / policy_file(name), None).provenance["seed"]
        assert gains[chosen] == max(gains.values())
    page = (out / "ladder.html").read_text()
    assert "Myopic knapsack" in page
    assert "champion" in output

    monkeypatch.setenv("POLICY_DIR", str(out))
    (place / "t.csv").write_text(TABLE)
    serve = yaml.safe_load((place / "configs" / "serve.yaml").read_text())
    for name in ("ppo", "ppo_price", "exact"):
        (place / "configs" / "serve.yaml").write_text(yaml.safe_dump(serve | {"policy": name}))
        run("campaign", "open", "--id", name, "--limit", "180", "--customers", "60")
        run("decide", "t.csv", "--out", f"run-{name}", "--plan")
        run("campaign", "close", name)


def test_a_bench_takes_no_state_of_another_training(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused by name, and with what to do; no ladder is written."""
    write_training(
        place / "checkpoints" / "ladder" / training_file("ppo_price_0_0"), {"a": np.zeros(1)}, {"seed": 9}
    )

    said = refused(capsys, monkeypatch, "bench", "--workers", "1")

    assert "ppo_policy_ppo_price_0_0.training.safetensors is of another training" in said
    assert "remove the file" in said
    assert not (place / "checkpoints" / "ladder.json").exists()


@pytest.mark.parametrize("command", ["train-ppo", "optimum", "bench"])
@pytest.mark.parametrize(
    ("budget", "told"), [("0", "is 0.0"), ("-3", "is -3.0"), ("nan", "is nan"), ("inf", "is inf")]
)
def test_a_budget_that_is_none_is_refused(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch, command: str, budget: str, told: str
) -> None:
    """By name and value, and nothing is written."""
    said = refused(capsys, monkeypatch, command, "--budget", budget)

    assert f"--budget: budget_per_customer {told}: Input should be" in said
    assert not (place / "checkpoints").exists()


@pytest.mark.parametrize("command", ["train-ppo", "optimum", "bench"])
def test_what_there_is_to_learn_from_is_looked_at_first(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """No table, a table of one, no predictors: each with the fix, and nothing is written."""
    write_table(place / "one", 1)

    assert "make prepare-data" in refused(capsys, monkeypatch, command, "--data", "nowhere")
    said = refused(capsys, monkeypatch, command, "--data", "one")
    assert "the population has 1 customers, wanted 2 or more: a budget is shared; use a larger table" in said
    monkeypatch.setenv("MODEL_DIR", "nowhere")
    said = refused(capsys, monkeypatch, command)
    assert "customers cannot be scored" in said
    assert "make train-risk" in said
    assert not (place / "checkpoints").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--observation", "ten"), "observation is 'ten': Input should be 'full_price', 'full' or 'nine'"),
        (("--iterations", "0"), "iterations is 0: Input should be greater than or equal to 1"),
        (("--cloned", "--observation", "nine"), "leave one of the two out"),
    ],
)
def test_a_policy_that_there_is_not_is_refused(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    """With what there is; nothing is written."""
    assert told in refused(capsys, monkeypatch, "train-ppo", *arguments)
    assert not (place / "checkpoints").exists()


def test_faults_of_the_settings_are_told_all_at_once(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative and NaN numbers, an unknown name, a panel larger than the table."""
    write_configs(place / "configs", learning_rate=-1.0, gae_lambda=float("nan"), epsilon=0.1)
    said = refused(capsys, monkeypatch, "train-ppo")
    for part in ("learning_rate is -1.0", "gae_lambda is nan", "epsilon is 0.1"):
        assert part in said
    assert len(said.splitlines()) == 3
    write_configs(place / "configs", {"annoyance": -0.1, "budget_per_customer": 0})
    said = refused(capsys, monkeypatch, "train-ppo")
    assert "annoyance is -0.1" in said
    assert "budget_per_customer is 0" in said
    write_configs(place / "configs", panels={"certificate": 4_000, "held_out": 6})

    said = refused(capsys, monkeypatch, "train-ppo")

    assert "panels.certificate of ppo.yaml is 4000, and half of the table has" in said
    assert not (place / "checkpoints").exists()


def test_states_of_another_observation_or_version_are_refused(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By name, with --fresh; the state stays as it was until it is to be forgotten."""
    state = place / "checkpoints" / training_file("ppo")
    write_training(state, {"a": np.zeros(1)}, {"settings": {"observation": "nine"}})
    before = state.read_bytes()
    said = refused(capsys, monkeypatch, "train-ppo", "--observation", "full")
    assert "is of another training" in said
    assert "--fresh" in said
    assert state.read_bytes() == before
    state.write_bytes(pack({}, {}, replace(FORMAT, version=2)))

    said = refused(capsys, monkeypatch, "train-ppo", "--observation", "full")

    assert "has version 2, wanted 1" in said
    assert files(place / "checkpoints") == {state.name}
    run("train-ppo", "--observation", "full", "--fresh")
    assert policy_file("ppo") in files(place / "checkpoints")


def test_an_unknown_rung_in_serve_yaml_is_refused(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the rungs that there are, before a ledger is made."""
    (place / "t.csv").write_text(TABLE)
    serve = yaml.safe_load((place / "configs" / "serve.yaml").read_text()) | {"policy": "ppo_best"}
    (place / "configs" / "serve.yaml").write_text(yaml.safe_dump(serve))

    said = refused(capsys, monkeypatch, "decide", "t.csv")

    assert "serve.yaml: policy is 'ppo_best': Input should be" in said
    assert "'knapsack'" in said
    assert not (place / "var").exists()


@pytest.mark.parametrize("command", ["train-ppo", "optimum", "bench"])
def test_without_the_extra_packages_the_extra_is_named(
    place: Path, capsys: Shown, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Instead of a traceback."""
    monkeypatch.setitem(sys.modules, "torch", None)

    said = refused(capsys, monkeypatch, command)

    assert "torch cannot be imported, wanted for the decision policy" in said
    assert "pip install 'churn-saver[rl]'" in said
