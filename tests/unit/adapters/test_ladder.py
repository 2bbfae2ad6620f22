"""The ladder on disk."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from churn_saver.adapters.ladder import (
    LADDER,
    NETWORKS,
    RUNGS,
    Ladder,
    LadderRow,
    champion,
    read_ladder,
    trained,
    write_ladder,
)
from churn_saver.adapters.policies import policy_file, write_policy
from churn_saver.errors import ArtifactError, InputError
from tests.trained import served

ROW = LadderRow("knapsack", 1.0, 78.8, 78.1, 79.3, 12.5, True, 7.96, 5, 2e-5, True)


def row(name: str, **changes: Any) -> LadderRow:
    """Give a rung's row, the figures made up."""
    return replace(ROW, name=name, **changes)


def bench(folder: Path, winner: str = "ppo_price") -> Ladder:
    """Leave a folder as training and measuring do: two policies and the ladder."""
    files = {
        name: write_policy(folder / policy_file(name), served(observation))
        for name, observation in (("ppo", "full"), ("ppo_price", "full_price"))
    }
    rows = (row("never"), row("knapsack"), row("ppo"), row("ppo_price", budget_factor=0.0625), row("optimum"))
    ladder = Ladder(winner, rows, files)
    write_ladder(folder, ladder)
    return ladder


def test_the_rungs_are_those_of_serve_yaml() -> None:
    """Without the word for whichever won."""
    assert set(RUNGS) == {
        "never", "random", "propensity_rule", "risk_value", "greedy", "knapsack", "exact", "uplift",
        *NETWORKS,
    }  # fmt: skip


def test_a_ladder_comes_back(tmp_path: Path) -> None:
    """To the last digit, from the same bytes each time."""
    ladder = bench(tmp_path)
    first = (tmp_path / LADDER).read_bytes()
    write_ladder(tmp_path, ladder)

    assert read_ladder(tmp_path) == ladder
    assert (tmp_path / LADDER).read_bytes() == first
    assert json.loads(first)["schema"] == 1


def test_prices_of_the_exact_policy_are_optional(tmp_path: Path) -> None:
    """They come back as they were; a ladder written before there were any has none."""
    ladder = replace(bench(tmp_path), exact_prices=((100.0, 7.5), (800.0, 1.0)))
    write_ladder(tmp_path, ladder)
    raw = json.loads((tmp_path / LADDER).read_bytes())

    assert raw["exact_prices"] == [[100.0, 7.5], [800.0, 1.0]]
    assert read_ladder(tmp_path) == ladder
    del raw["exact_prices"]
    (tmp_path / LADDER).write_text(json.dumps(raw))
    assert read_ladder(tmp_path) == replace(ladder, exact_prices=())


def test_the_champion_is_read_by_its_hash(tmp_path: Path) -> None:
    """The policy that was measured, with its version."""
    ladder = bench(tmp_path)

    name, policy = champion(tmp_path)

    assert name == "ppo_price"
    assert policy is not None
    assert policy.network.observation == "full_price"
    assert policy.version == ladder.files["ppo_price"][:16]


def test_a_champion_without_weights_needs_no_file(tmp_path: Path) -> None:
    """Its name is all there is to know."""
    bench(tmp_path, "knapsack")

    assert champion(tmp_path) == ("knapsack", None)


def test_a_policy_that_was_trained_again_is_refused(tmp_path: Path) -> None:
    """It is another one than was measured."""
    bench(tmp_path)
    write_policy(tmp_path / policy_file("ppo_price"), served("full_price", seed=1))

    with pytest.raises(
        ArtifactError, match=r"ppo_policy_ppo_price\.safetensors has SHA-256 .*made anew since"
    ):
        champion(tmp_path)


def test_any_trained_rung_can_be_read(tmp_path: Path) -> None:
    """If the ladder vouches for it."""
    ladder = bench(tmp_path)

    assert trained(tmp_path, ladder, "ppo").network.observation == "full"
    with pytest.raises(
        ArtifactError, match=r"ladder\.json vouches for ppo, ppo_price, wanted 'ppo_nine'\. Train"
    ):
        trained(tmp_path, ladder, "ppo_nine")
    with pytest.raises(ArtifactError, match=r"ladder\.json vouches for no trained rung, wanted 'ppo'"):
        trained(tmp_path, replace(ladder, champion="never", files={}), "ppo")


def test_a_missing_ladder_names_what_makes_it(tmp_path: Path) -> None:
    """One command."""
    with pytest.raises(ArtifactError, match=r"ladder\.json cannot be read .*Next step: make bench-policy"):
        champion(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(schema=2), r"schema is '2', wanted 1: it was written by another version"),
        (lambda raw: raw.pop("files"), r"the ladder lacks files"),
        (
            lambda raw: raw.update(more=1),
            r"the ladder holds more, wanted champion, rows, files, exact_prices, schema alone",
        ),
        (lambda raw: raw.update(rows={}), r"rows, files and champion are of other types"),
        (lambda raw: raw["rows"][1].pop("gain_pct"), r"rows\[1\] lacks gain_pct"),
        (lambda raw: raw["rows"][1].update(seeds=0.5), r"rows\[1\]\.seeds is '0\.5', wanted a whole number"),
        (
            lambda raw: raw["rows"][1].update(low=float("nan")),
            r"rows\[1\]\.low is 'nan', wanted a finite number",
        ),
        (
            lambda raw: raw["rows"][1].update(name="ppo2"),
            r"rows\[1\]: name is 'ppo2', wanted one of: knapsack",
        ),
        (lambda raw: raw["files"].update(ppo=1), r"files\.ppo is '1', wanted a SHA-256 in hex"),
        (lambda raw: raw["files"].update(greedy="x"), r"files names greedy, wanted trained rungs: ppo"),
        (lambda raw: raw["files"].pop("ppo_price"), r"files lacks the champion, ppo_price"),
        (
            lambda raw: raw.update(champion="exact"),
            r"champion is 'exact', wanted a rung with a row: knapsack",
        ),
        (lambda raw: raw.update(champion="optimum"), r"champion is 'optimum', wanted a rung with a row"),
        (
            lambda raw: raw.update(champion="never", rows=[]),
            r"champion is 'never', wanted a rung with a row: there is",
        ),
        (
            lambda raw: raw.update(exact_prices=[[100, 2.0], [100.0, 1]]),
            r"exact_prices is '.*', wanted budgets above 0 that rise, each with a price of 0 or more",
        ),
        (lambda raw: raw.update(exact_prices=[[0, 2.0]]), r"exact_prices is .*, wanted budgets above 0"),
        (lambda raw: raw.update(exact_prices=[[1, -0.5]]), r"exact_prices is .*, wanted budgets above 0"),
        (lambda raw: raw.update(exact_prices=[[1, float("inf")]]), r"exact_prices is .*, wanted budgets"),
        (lambda raw: raw.update(exact_prices=[[1, True]]), r"exact_prices holds '\[1, True\]', wanted pairs"),
        (lambda raw: raw.update(exact_prices=[1.0]), r"exact_prices holds '1\.0', wanted pairs of budget"),
        (lambda raw: raw.update(exact_prices={}), r"exact_prices holds '\{\}', wanted pairs of budget"),
    ],
)
def test_what_is_no_ladder_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    """By the field that is wrong, with the file and the fix."""
    bench(tmp_path)
    raw = json.loads((tmp_path / LADDER).read_bytes())
    change(raw)
    (tmp_path / LADDER).write_text(json.dumps(raw))

    with pytest.raises(ArtifactError, match=rf"ladder\.json: {message}.*\. Measure again: make bench-policy"):
        read_ladder(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"ladder\.json is not JSON"),
        ("[" * 9_999, r"is not JSON"),
        ("[]", r"the ladder is '\[\]', wanted"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Half a file, one that is nested without end, a list."""
    (tmp_path / LADDER).write_text(text)

    with pytest.raises(ArtifactError, match=message):
        read_ladder(tmp_path)


def test_figures_that_are_none_are_refused() -> None:
    """Before they are written."""
    with pytest.raises(InputError, match=r"^regret_pct of ppo is nan, wanted a number$"):
        row("ppo", regret_pct=float("nan"))
