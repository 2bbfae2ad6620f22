"""Policies judged on logs: by hand, on a trial whose truth is known, and where a log shows nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters.evaluation_report import Evaluation
from churn_saver.adapters.log_files import read_log
from churn_saver.errors import InputError, SupportError, TableError
from churn_saver.evidence.estimators import Caution
from churn_saver.evidence.logged import Floats, Whole
from churn_saver.pipeline.booked import Asked
from churn_saver.pipeline.evaluating import Ground, Question, ground_of_books, ground_of_file, judged
from tests.builders import NOON
from tests.logbooks import logbook

SIX = (
    "customer_id,arm,propensity,reward\n"
    "1,a,0.5,1\n2,b,0.5,0\n3,b,0.25,1\n4,a,0.75,1\n5,b,0.25,0\n6,b,0.5,1\n"
)  # fmt: skip


def ground(folder: Path, text: str = SIX, **how: Any) -> Ground:
    """Stand on a log that is written out."""
    path = folder / "log.csv"
    path.write_text(text)
    return ground_of_file(read_log(path, **how), path.name, "reward")


def test_six_rows_by_hand(tmp_path: Path) -> None:
    """Of always b the weights are 0, 2, 4, 0, 4, 2: IPS (4 + 2)/6, SNIPS 6/12, effective rows 12²/40.

    Who logged earned 4/6, with every weight 1.
    """
    found = judged(ground(tmp_path), Question("arm:b", "logged"))

    assert found.value.ips.value == pytest.approx(1.0)
    assert found.value.snips.value == pytest.approx(0.5)
    assert found.value.effective_rows == pytest.approx(3.6)
    assert found.other is not None
    assert [getattr(found.other, name).value for name in ("ips", "snips", "dr")] == pytest.approx([4 / 6] * 3)
    assert found.difference is not None
    assert found.difference.ips.value == pytest.approx(1 / 3)
    assert (found.source, found.arms, found.policy) == ("log.csv", ("a", "b"), "arm:b")


def test_a_cut_weight_by_hand(tmp_path: Path) -> None:
    """At most 3: the weights are 0, 2, 3, 0, 3, 2, so IPS is (3 + 2)/6 and two rows were cut."""
    found = judged(ground(tmp_path), Question("arm:b", clip=3.0))

    assert found.value.ips.value == pytest.approx(5 / 6)
    assert found.value.sides[0].weights.clipping.rows == 2
    assert Caution.CLIPPED in found.value.cautions


def test_uniform_is_any_arm_that_the_row_allows(tmp_path: Path) -> None:
    """½ of each where both are open, 1 where one is: weights 1, 1, 2, ⅔, 1, 1 make IPS (1 + 2 + ⅔ + 1)/6."""
    lines = SIX.replace("5,b,0.25,0", "5,b,1,0").splitlines()
    gates = ["allowed", "a|b", "a|b", "a|b", "a|b", "b", "a|b"]
    text = "\n".join(f"{line},{gate}" for line, gate in zip(lines, gates, strict=True))
    found = judged(ground(tmp_path, text), Question("uniform"))

    assert found.value.ips.value == pytest.approx((1 + 2 + 2 / 3 + 1) / 6)


def test_probabilities_of_others_are_taken_as_they_are(tmp_path: Path) -> None:
    """Those of always b."""
    path = tmp_path / "p.csv"
    path.write_text("a,b\n" + "0,1\n" * 6)
    found = judged(ground(tmp_path), Question(f"file:{path}"))

    assert found.value.ips.value == pytest.approx(1.0)


VISITS = {"Mens E-Mail": 0.5, "No E-Mail": 0.2, "Womens E-Mail": 0.35}
"""Share of those with a short history who visit; of the others a tenth less."""


def trial(folder: Path, seed: int, rows: int = 3_000) -> tuple[Path, dict[str, float]]:
    """Write a trial of three arms, drawn alike, as a public one comes; and what each is worth."""
    rng = np.random.default_rng(seed)
    old = rng.random(rows) < 0.4
    arm = rng.choice(list(VISITS), rows)
    chance = np.array([VISITS[one] for one in arm]) - 0.1 * old
    frame = pl.DataFrame(
        {
            "recency": rng.integers(1, 13, rows),
            "history_segment": np.where(old, "1) $0 - $100", "2) $100 - $200"),
            "segment": arm,
            "visit": (rng.random(rows) < chance).astype(int),
        }
    )
    frame.write_csv(folder / "trial.csv")
    return folder / "trial.csv", {one: share - 0.1 * old.mean() for one, share in VISITS.items()}


@pytest.mark.parametrize("seed", range(3))
def test_a_trial_of_three_arms_goes_through_unchanged(tmp_path: Path, seed: int) -> None:
    """Without ids or propensities; every interval holds the truth, and the difference is found."""
    path, worth = trial(tmp_path, seed)
    log = read_log(path, mapping={"arm": "segment", "reward": "visit"})
    stand = ground_of_file(log, path.name, "visit")
    found = judged(stand, Question("arm:Mens E-Mail", "arm:No E-Mail"))

    assert found.other is not None
    assert found.difference is not None
    for one, true in (
        (found.value, worth["Mens E-Mail"]),
        (found.other, worth["No E-Mail"]),
        (found.difference, worth["Mens E-Mail"] - worth["No E-Mail"]),
    ):
        for name in ("ips", "snips", "dr"):
            estimate = getattr(one, name)
            assert estimate.low <= true <= estimate.high, (name, estimate, true)
    assert found.difference.dr.low > 0.1
    assert Caution.ESTIMATED in found.value.cautions


def test_an_arm_that_the_log_never_shows_is_named_with_its_rows(tmp_path: Path) -> None:
    """And the arms are told by their words."""
    text = "\n".join(line + (",allowed" if line.startswith("customer") else ",a|b|c") for line in SIX.split())
    match = r"arm:c wants arm 2 in 6 of 6 rows .* never drew it there.* Arms: 0 is a, 1 is b, 2 is c$"

    with pytest.raises(SupportError, match=match):
        judged(ground(tmp_path, text), Question("arm:c"))


def test_what_was_certain_shows_nothing_of_another_policy(tmp_path: Path) -> None:
    """Rows are counted and the first are named."""
    with pytest.raises(
        SupportError, match=r"arm:a wants another arm in 1 of 6 rows .* probability 1 \(lines"
    ):
        judged(ground(tmp_path, SIX.replace("2,b,0.5", "2,b,1")), Question("arm:a"))


def test_a_policy_that_wants_what_a_row_does_not_allow_is_refused(tmp_path: Path) -> None:
    """A log of others says nothing of what to do instead."""
    lines = SIX.replace("5,b,0.25", "5,b,1").splitlines()
    gates = ["allowed", *["a|b"] * 4, "b", "a|b"]
    text = "\n".join(f"{line},{gate}" for line, gate in zip(lines, gates, strict=True))

    with pytest.raises(TableError, match=r"arm:a:6: .*wanted nothing for arms that the row does not allow"):
        judged(ground(tmp_path, text), Question("arm:a"))


def test_few_rows_are_not_enough_without_logged_propensities(tmp_path: Path) -> None:
    """What would be a caution is a refusal."""
    text = SIX.replace("propensity", "age")

    with pytest.raises(SupportError, match=r"has no propensities, and with estimated ones .* wanted 50 or"):
        judged(ground(tmp_path, text), Question("arm:b"))


def test_estimated_propensities_that_do_not_balance_are_refused(tmp_path: Path) -> None:
    """Whoever is 1 always gets b and everybody else a: always b has nothing to go by among the others."""
    rng = np.random.default_rng(0)
    old = rng.integers(0, 2, 2_000)
    odd = rng.random(2_000) < 0.004
    rows = [f"{'b' if one != flip else 'a'},{one},1" for one, flip in zip(old, odd, strict=True)]

    with pytest.raises(SupportError, match=r"has no propensities, and (estimated ones do not balance|with)"):
        judged(ground(tmp_path, "arm,old,reward\n" + "\n".join(rows)), Question("arm:b"))


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("arm:c", r"arm 'c' is not in the log, wanted one of: a, b"),
        ("knapsack", r"policy 'knapsack' cannot be asked about a log of others: .* file:PROBABILITIES"),
    ],
)
def test_a_policy_that_there_is_not_is_named(tmp_path: Path, name: str, match: str) -> None:
    """With what there is."""
    with pytest.raises(InputError, match=match):
        judged(ground(tmp_path), Question(name))


ASKED = Asked("retained", 30, 1.0, NOON.replace(year=2027))


def on_books(policy: str, against: str | None = None) -> Evaluation:
    """Judge on books in which arm 10 is closed to every other customer; a rung always wants arm 5."""

    def ask(name: str, book: object, rows: Whole) -> Floats:
        assert name == "greedy"
        return np.tile(np.eye(5)[2], (len(rows), 1))

    rows: list[dict[str, object]] = [
        {"choice": arm, "probability": 0.2 if open_ else 0.25, "retained_at" if kept else "churned_at": 30,
         "excluded": (0, 0, 0, 0 if open_ else 16, 0)}
        for open_ in (True, False) for arm in (0, 1, 2, 3, 4) for kept in (True, False) if open_ or arm != 3
    ]  # fmt: skip
    return judged(ground_of_books(logbook(rows), ASKED, ask), Question(policy, against))


def test_in_the_books_an_arm_is_taken_where_it_is_open() -> None:
    """Ten of 18 rows are open: always 10 wants it there, and no contact in the eight others.

    Of the open rows two have arm 10, one kept: weight 5. Of the others two have none, one kept: weight 4.
    IPS = (5 + 4)/18.
    """
    found = on_books("arm:10")

    assert found.value.ips.value == pytest.approx(9 / 18)
    assert found.arms == ("none", "0", "5", "10", "15")
    assert (found.source, found.reward) == ("campaign:spring", "share of customers who stay 30 days")


def test_in_the_books_a_rung_is_asked_again() -> None:
    """Arm 5 everywhere: one kept row of weight 5 and one of weight 4."""
    found = on_books("greedy", "logged")

    assert found.value.ips.value == pytest.approx(9 / 18)
    assert found.other is not None
    assert found.other.dr.value == pytest.approx(0.5)
