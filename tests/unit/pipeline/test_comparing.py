"""A challenger judged on the books: all that the gate looks at, and what it cannot see."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import ArtifactError
from churn_saver.evidence.promotion import is_passed
from churn_saver.pipeline.booked import Asked
from churn_saver.pipeline.comparing import HOLDOUT, Compared, Terms, compared
from churn_saver.pipeline.gains import ARMS, Sides
from tests.builders import NOON
from tests.logbooks import logbook
from tests.offpolicy_logs import always

EACH = 400


def books(
    stay: tuple[int, int] = (380, 300), women: tuple[int, int] = (190, 150), **campaign: object
) -> Logbook:
    """Give 400 customers of either policy, half of them women, and 40 held out; all contacted by "new".

    Args:
        stay: How many stay with the new one and with the old one.
        women: How many of them are women.
        campaign: As in `logbook`.
    """
    rows: list[dict[str, object]] = []
    for place in range(2 * EACH):
        side, number = place % 2, place // 2
        is_woman = number < EACH // 2
        left = women[side] if is_woman else stay[side] - women[side]
        known = {"retained_at": 30} if number % (EACH // 2) < left else {"churned_at": 12}
        own = {
            "policy": ("new@1", "old")[side],
            "features": {"bill_minor": 6_000, "senior_citizen": float(is_woman)},
        }
        rows.append({**own, **known, "choice": 1 - side, "arm_probability": 0.95, "decided_at": 0})
    held = {
        "reasons": int(Reason.HOLDOUT),
        "arm_probability": 0.05,
        "policy": "old",
        "retained_at": 30,
        "decided_at": 0,
    }
    rows[2:2] = [held] * 40
    return logbook(rows, limit_minor=10_000_000, **campaign)


def terms(**changes: Any) -> Terms:
    """Judge by who stays, no group losing more than .05."""
    asked = Asked("retained", 30, 1.0, NOON + timedelta(days=80))
    plain: dict[str, Any] = {
        "asked": asked, "level": 0.95, "least": 0.0, "bounds": {"senior_citizen": {"difference": 0.05}},
        "override": None, "replays": 20,
    }  # fmt: skip
    return Terms(**(plain | changes))


def sides(log: Logbook, share: float | None = 0.5, champion: str = "old") -> Sides:
    """Compare "new@1" with the old one, or with another that never served."""
    policies = np.array(log.policies)
    drawn = None if share is None else np.full(len(log), share)
    return Sides("new@1", champion, policies == "new@1", policies == champion, drawn)


def same(name: str) -> Sequence[str]:
    """Make a decision again, and find nothing else."""
    return () if name else ("no name",)


def nobody(name: str, log: Logbook, rows: np.ndarray) -> np.ndarray:
    """Refuse to be asked: both served."""
    raise AssertionError(f"{name} was asked about {len(rows)} of {len(log)} decisions")


def judged(log: Logbook, again: Any = same, share: float | None = 0.5, **changes: Any) -> Compared:
    """Ask the gate."""
    return compared(log, sides(log, share), terms(**changes), nobody, again, {"protocol": None})


def reasons(found: Compared) -> Mapping[str, str]:
    """Give what does not hold, and why."""
    return {one.name: one.reason for one in found.verdict.conditions if not one.holds}


def test_a_better_challenger_passes_with_everything_written_down() -> None:
    """.95 against .75 stay, groups alike, nothing broken: the document is evidence, and names both."""
    found = judged(books())
    written = found.document

    assert reasons(found) == {}
    assert is_passed(written)
    assert (written["challenger"], written["champion"], written["campaign"]) == ("new@1", "old", "spring")
    assert (written["reward"], written["days"], written["protocol"]) == ("retained", 30, None)
    assert found.counts["customers of the challenger"] == EACH
    assert found.counts["left out: held out"] == 40
    assert found.evidence.ratios.keys() == {ARMS, HOLDOUT}  # type: ignore[union-attr]


def test_a_worse_or_equal_challenger_does_not_pass() -> None:
    """The two changed round, and the two alike."""
    assert "value" in reasons(judged(books((300, 380), (150, 190))))
    assert "value" in reasons(judged(books((300, 300), (150, 150))))


def test_a_group_that_loses_stops_it_and_an_override_is_written_down() -> None:
    """Women stay less often by .2, men far more often: worse off are the first.

    The override stands in the document, and lets it pass.
    """
    log = books((360, 300), (160, 200))

    assert reasons(judged(log)) == {"fairness": "Worse than the bound: senior_citizen: loss of yes."}
    found = judged(log, override="agreed with the council on 2 March")

    assert found.verdict.passes
    assert "agreed with the council on 2 March" in str(found.document["conditions"])


def test_a_column_that_nobody_has_and_a_measure_that_differs_stop_it() -> None:
    """No customer has a city; all of the new one's customers are contacted, so contact rates are alike."""
    found = judged(books(), bounds={"city": {"difference": 0.05}, "senior_citizen": {"contact_rate": 0.05}})

    assert reasons(found) == {
        "fairness": "Nobody can tell yet: city: no customer's record has this column: leave it out, or "
        "decide on it."
    }
    assert reasons(judged(books(), bounds={"senior_citizen": {"contact_rate": 0.05}})) == {}
    assert (
        "nothing was spent"
        in reasons(judged(books(), bounds={"senior_citizen": {"cost_share": 0.1}}))["fairness"]
    )


def test_no_column_at_all_is_no_pass() -> None:
    """Nobody stated whose groups are to be looked at."""
    assert "no column was named" in reasons(judged(books(), bounds={}))["fairness"]


def test_a_sample_of_the_challengers_own_decisions_is_made_again() -> None:
    """Twenty of 400, the first and the last among them, all its own; one that differs stops it."""
    log, seen = books(), []

    def again(name: str) -> Sequence[str]:
        seen.append(name)
        return ("choice",) if len(seen) == 7 else ()

    found = judged(log, again)
    rows = [list(log.decision_ids).index(name) for name in seen]

    assert len(seen) == 20
    assert {log.policies[row] for row in rows} == {"new@1"}
    assert (rows[0], rows[-1]) == (0, len(log) - 2)
    assert reasons(found) == {
        "replay": f"1 of 20 decisions of new@1, made again, differ; the first is {seen[6]}"
    }


def test_a_decision_that_cannot_be_made_again_stops_it() -> None:
    """Its reason is told once."""

    def again(name: str) -> Sequence[str]:
        raise ArtifactError("predictors abc are not at hand")

    assert "predictors abc are not at hand" in reasons(judged(books(), again))["replay"]


def test_arms_of_the_wrong_size_stop_it_and_so_does_a_share_that_nobody_knows() -> None:
    """400 of 800 where a fifth was to be the challenger's; and no share written down."""
    assert (
        "Challenger against champion: The arms do not have the sizes"
        in reasons(judged(books(), share=0.2))["sample_ratio"]
    )
    assert "nobody wrote down which share" in reasons(judged(books(), share=None))["sample_ratio"]


def test_a_broken_limit_stops_it() -> None:
    """400 contacts of 1.00 each are more than 399.99."""
    log = books()
    log.contact_spent_minor[:] = np.where(log.choice > 0, 100, 0)
    poor = replace(log, campaign=replace(log.campaign, limit_minor=39_999))

    assert reasons(judged(log)) == {}
    assert "budget 1 times" in reasons(judged(poor))["caps"]


def test_what_cannot_be_compared_fails_wherever_it_is_needed() -> None:
    """Ten days after the first decision nobody's window is over: no gain, no losses, no sizes."""
    early = Asked("retained", 30, 1.0, NOON + timedelta(days=10))
    found = judged(books(), asked=early)

    assert reasons(found).keys() == {"value", "fairness", "sample_ratio"}
    assert "has no customer who can be judged" in reasons(found)["value"]


def test_who_never_served_is_asked_about_the_decisions_of_the_others() -> None:
    """A policy that always contacts against the one that logged; its losses come from the same rows.

    The holdout alone shows sizes, and decisions of the campaign are made again.
    """
    rng = np.random.default_rng(1)
    choice = rng.integers(0, 2, 600)
    rows = [
        {"choice": int(one), "probability": 0.5, "excluded": (0, 0, 1, 1, 1), "arm_probability": 0.95,
         "retained_at" if rng.random() < 0.5 + 0.4 * one else "churned_at": 30,
         "features": {"senior_citizen": float(rng.integers(0, 2))}}
        for one in choice
    ]  # fmt: skip
    rows = [row if "retained_at" in row else {**row, "churned_at": 12} for row in rows]
    held = {"reasons": int(Reason.HOLDOUT), "arm_probability": 0.05, "retained_at": 30}
    log = logbook([*rows, *[held] * 32], limit_minor=10_000_000)
    nothing = np.zeros(len(log), dtype=np.bool_)
    unserved = Sides("greedy", "logged", nothing, nothing, None)

    def ask(name: str, of: Logbook, asked: np.ndarray) -> np.ndarray:
        assert (name, len(of)) == ("greedy", 632)
        return always(1, len(asked), 5)

    found = compared(log, unserved, terms(), ask, same, {})

    assert reasons(found) == {}
    assert found.document["counts"]["decisions"] == 600  # type: ignore[index]
    assert found.evidence.replays.decided_by == "the campaign"  # type: ignore[union-attr]
    assert found.evidence.ratios.keys() == {HOLDOUT}  # type: ignore[union-attr]


def test_a_log_without_a_holdout_shows_no_sizes() -> None:
    """Nobody was drawn into anything, so nothing can be said of the draw."""
    log = logbook([{"retained_at": 30}] * 40)
    nothing = np.zeros(40, dtype=np.bool_)
    unserved = Sides("greedy", "logged", nothing, nothing, None)

    found = compared(log, unserved, terms(), lambda name, of, rows: always(0, len(rows), 5), same, {})

    assert "no arms were drawn" in reasons(found)["sample_ratio"]


@pytest.mark.parametrize("replays", [1, 2, 399, 400, 401])
def test_as_many_are_made_again_as_are_asked_for_or_there_are(replays: int) -> None:
    """Each once."""
    seen: list[str] = []

    def again(name: str) -> Sequence[str]:
        seen.append(name)
        return ()

    judged(books(), again, replays=replays)

    assert len(seen) == len(set(seen)) == min(replays, EACH)
