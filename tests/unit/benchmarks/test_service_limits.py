"""Figures out of counts, worked by hand, and what of them is promised."""

import pytest

from benchmarks.service_k6 import Answers, Told
from benchmarks.service_limits import (
    LIMITS,
    broken,
    cpu_ms,
    load_figures,
    normal_again,
    overload_figures,
    ratios,
    written,
)

TIMES = {"med": 10.0, "p(95)": 40.0, "p(99)": 120.0, "max": 150.0}
NONE = Answers(0, 0, 0, 0, 0, 0, {}, {})
KEPT: dict[str, object] = {
    "errors": 0, "p95_ms": 50.0, "p99_ms": 150.0, "goodput_ratio": 0.9, "reject_p99_ms": 50.0,
    "overload_errors": 0, "normal_again_s": 10.0, "ledger_faults": 0,
}  # fmt: skip


def test_figures_of_the_load() -> None:
    """2,000 in 10 seconds are 200 a second; refused, degraded, wrong and never sent are all errors."""
    ours = Answers(2_000, 200, 1, 10, 2, 3, TIMES, {})
    bare = Answers(500, 50, 0, 0, 1, 0, {"med": 1.0, "p(95)": 2.0, "p(99)": 3.0}, {})
    found = load_figures(ours, bare, 10, [20.0, 18.0, 30.0])

    assert found == {
        "rps": 200.0, "p50_ms": 10.0, "p95_ms": 40.0, "p99_ms": 120.0, "errors": 16, "bare_p50_ms": 1.0,
        "bare_p95_ms": 2.0, "bare_p99_ms": 3.0, "bare_errors": 1, "p95_ratio": 20.0,
        "refused": 1, "degraded": 10, "dropped": 3,
    }  # fmt: skip


def test_figures_of_the_overload() -> None:
    """450 answered in 10 seconds where 50 a second can be: 0.9."""
    burst = Answers(450, 0, 1_000, 6, 1, 2, TIMES, {"p(99)": 12.0})
    found = overload_figures(50.0, burst, 10, steady(0, 5), Answers(125, 0, 3, 7, 4, 5, TIMES, {}))

    assert found["goodput_ratio"] == pytest.approx(0.9)
    assert found["reject_p99_ms"] == 12.0
    assert found["overload_errors"] == 1 + 2 + 4 + 5
    assert found["overload_degraded"] == 6 + 7
    assert found["normal_again_s"] == 0.0
    assert (found["overload_ok"], found["overload_refused"]) == (450, 1_000)


def test_what_did_not_happen_has_no_figure() -> None:
    """No capacity, nobody refused, nothing told, no round: null, not zero."""
    burst = overload_figures(0.0, NONE, 10, [], NONE)

    assert [burst[key] for key in ("goodput_ratio", "reject_p99_ms", "normal_again_s")] == [None, None, None]
    assert load_figures(NONE, NONE, 10, [])["p95_ratio"] is None


def test_rounds_are_compared_one_by_one() -> None:
    """40 over 2 and 60 over 4; a round in which one of both answered nothing is none."""
    ours = [{"p(95)": 40.0}, {"p(95)": 60.0}, {"p(95)": 50.0}, {}]
    bare = [{"p(95)": 2.0}, {"p(95)": 4.0}, {}, {"p(95)": 2.0}]

    assert ratios(ours, bare) == [20.0, 15.0]


def test_processor_time_per_answer() -> None:
    """1.5 seconds for 500 answers are 3 ms; None where the system does not tell."""
    assert cpu_ms(2.0, 3.5, 500) == pytest.approx(3.0)
    assert cpu_ms(None, 3.5, 500) is None
    assert cpu_ms(2.0, 3.5, 0) is None


def steady(first: int, last: int, ok: bool = True, ms: float = 30.0) -> list[Told]:
    """Give twenty equal answers for each second, the last one not included."""
    return [Told(second + i / 20, ok, ms) for second in range(first, last) for i in range(20)]


def test_normal_is_the_first_of_three_normal_seconds() -> None:
    """Refusals for two seconds, one slow second after the third: normal from the fourth on."""
    told = [*steady(0, 2, ok=False), *steady(2, 3), *steady(3, 4, ms=151.0), *steady(4, 9)]

    assert normal_again(told) == 4.0


def test_one_slow_answer_of_twenty_is_still_normal() -> None:
    """Two are not."""
    one = [Told(1.0, True, 200.0), *steady(0, 4)[1:]]
    two = [Told(0.0, True, 200.0), *one[:19], Told(0.99, False, 1.0), *steady(1, 5)]

    assert normal_again(one) == 0.0
    assert normal_again(two) == 1.0


def test_never_normal_again() -> None:
    """Two good seconds at the end are too few to say so."""
    assert normal_again([*steady(0, 5, ok=False), *steady(5, 7)]) is None


def test_every_limit_is_kept_at_its_edge_and_missed_beyond() -> None:
    """The edge itself is promised; a little more (less, of the goodput) is not."""
    assert set(KEPT) == set(LIMITS)
    assert broken(KEPT) == []
    for key, value in KEPT.items():
        worse = float(str(value)) + (-0.01 if key == "goodput_ratio" else 0.01)

        assert broken(KEPT | {key: worse}) == [f"{key} (MISSED)"]


def test_what_was_not_measured_is_not_kept() -> None:
    """A figure that is null breaks its promise."""
    assert broken(KEPT | {"reject_p99_ms": None}) == ["reject_p99_ms (NOT MEASURED)"]


def test_the_report_ends_with_what_is_promised() -> None:
    """Each with limit and verdict, and at what load it is promised."""
    lines = written(KEPT | {"p95_ms": 51.0, "rps": 200.0}).splitlines()

    assert "promised at 200 rps with 100,000 customers known" in lines
    promised = lines[lines.index("promised at 200 rps with 100,000 customers known") + 1 :]
    assert len(promised) == len(LIMITS)
    assert [line.split()[0] for line in promised if line.endswith("MISSED")] == ["p95_ms"]
