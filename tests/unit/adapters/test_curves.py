"""Curves as TensorBoard reads them."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from churn_saver.adapters.curves import TAGS, Curves
from churn_saver.errors import ConfigError, InputError
from churn_saver.train.learning import CurvePoint
from tests.policy_reports import point


def _read(folder: Path) -> Any:
    """Read a run as TensorBoard does."""
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder))
    found.Reload()
    return found


def _values(folder: Path, tag: str) -> list[tuple[int, float]]:
    return [(event.step, float(event.tensor_proto.float_val[0])) for event in _read(folder).Tensors(tag)]


def test_every_curve_is_read_back_under_its_group(tmp_path: Path) -> None:
    """Steps are iterations; what each curve means stands beside it."""
    with Curves(tmp_path) as curves:
        curves.write(point(1, reward=2.5, price=0.5))
        curves.write(point(2, reward=3.5, price=0.25))
        curves.regret(2, 4.25)

    found = _read(tmp_path)

    assert set(found.PluginTagToContent("scalars")) == {
        f"{group}/{name}" for name, (group, _) in TAGS.items()
    }
    assert _values(tmp_path, "campaign/reward") == [(1, 2.5), (2, 3.5)]
    assert _values(tmp_path, "multipliers/price") == [(1, 0.5), (2, 0.25)]
    assert _values(tmp_path, "campaign/regret_pct") == [(2, 4.25)]
    assert found.SummaryMetadata("multipliers/price").summary_description == "λ of the budget"


def test_every_figure_of_the_learner_is_a_curve() -> None:
    """But for what counts along: iteration and decisions."""
    learned = set(asdict(CurvePoint(*range(14))))

    assert learned - TAGS.keys() == {"iteration", "decisions"}
    assert TAGS.keys() - learned == {"regret_pct"}


def test_curves_of_another_training_are_written_likewise(tmp_path: Path) -> None:
    """Names, groups and meanings are handed in; what is no curve of that training is left out."""
    with Curves(tmp_path, tags={"beta": ("drafts", "Weight of the divergence")}) as curves:
        curves.write({"iteration": 1, "beta": 0.5, "reward": 2.0})

    found = _read(tmp_path)

    assert list(found.PluginTagToContent("scalars")) == ["drafts/beta"]
    assert found.SummaryMetadata("drafts/beta").summary_description == "Weight of the divergence"


def test_what_was_not_measured_is_left_out(tmp_path: Path) -> None:
    """NaN, as long as no episode has ended."""
    with Curves(tmp_path) as curves:
        curves.write(point(1, reward=float("nan")))
        curves.write(point(2, reward=1.0))

    assert _values(tmp_path, "campaign/reward") == [(2, 1.0)]


def test_a_point_can_be_seen_before_the_end(tmp_path: Path) -> None:
    """Nothing waits in a buffer: a killed run keeps what it wrote."""
    with Curves(tmp_path) as curves:
        curves.write(point(1, reward=1.5))

        assert _values(tmp_path, "campaign/reward") == [(1, 1.5)]


def test_a_resumed_run_goes_on_where_it_is_told(tmp_path: Path) -> None:
    """The first session was killed after 4, its checkpoint is of 2: 3 and 4 are drawn anew, once."""
    with Curves(tmp_path, clock=lambda: 1_000.0) as first:
        for iteration in (1, 2, 3, 4):
            first.write(point(iteration, reward=float(iteration)))
    with Curves(tmp_path, 3, clock=lambda: 2_000.0) as second:
        for iteration in (3, 4, 5):
            second.write(point(iteration, reward=10.0 * iteration))

    assert _values(tmp_path, "campaign/reward") == [(1, 1.0), (2, 2.0), (3, 30.0), (4, 40.0), (5, 50.0)]


def test_a_torn_end_harms_no_later_session(tmp_path: Path) -> None:
    """The first file ends within a record."""
    with Curves(tmp_path, clock=lambda: 1_000.0) as first:
        first.write(point(1, reward=1.0))
        first.write(point(2, reward=2.0))
    first.file.write_bytes(first.file.read_bytes()[:-7])
    with Curves(tmp_path, 2, clock=lambda: 2_000.0) as second:
        second.write(point(2, reward=20.0))

    assert _values(tmp_path, "campaign/reward") == [(1, 1.0), (2, 20.0)]


def test_a_fault_closes_the_file(tmp_path: Path) -> None:
    """And what was written before it stays."""
    curves = Curves(tmp_path)

    def train() -> None:
        with curves:
            curves.write(point(1, reward=1.0))
            raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError, match=r"^ours$"):
        train()

    assert curves.closed
    assert _values(tmp_path, "campaign/reward") == [(1, 1.0)]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "taken").write_text("")

    with pytest.raises(InputError, match=r"taken.*cannot be written.*Name another folder"):
        Curves(tmp_path / "taken")


def test_without_tensorboard_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before anything is written."""
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)

    with pytest.raises(ConfigError, match=r"need tensorboard.*pip install 'churn-saver\[rl\]'"):
        Curves(tmp_path / "run")

    with pytest.raises(ConfigError, match=r"pip install 'churn-saver\[text\]'"):
        Curves(tmp_path / "run", extra="text")
    assert not (tmp_path / "run").exists()


def test_any_mapping_with_an_iteration_will_do(tmp_path: Path) -> None:
    """What is no curve is left out."""
    told: Mapping[str, float] = {"iteration": 7, "kl": 0.5, "decisions": 9}
    with Curves(tmp_path) as curves:
        curves.write(told)

    assert list(_read(tmp_path).PluginTagToContent("scalars")) == ["update/kl"]
    assert _values(tmp_path, "update/kl") == [(7, 0.5)]
