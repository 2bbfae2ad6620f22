"""A shadow beside the champion: counted by hand, and valued by what is on record."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.domain.logbook import Logbook
from churn_saver.evidence.conditions import Unread
from churn_saver.evidence.shadowed import Beside, Worth
from churn_saver.pipeline.booked import Asked
from churn_saver.pipeline.shadows import beside
from churn_saver.store.shadows import Kept
from tests.builders import NOON
from tests.logbooks import logbook
from tests.shadowing import shadowed

ASKED = Asked("retained", 30, 1.0, NOON + timedelta(days=80))
HELD = int(Reason.HOLDOUT)


def kept(names: list[str], needs: list[int], **changes: Any) -> Kept:
    """Give what the shadow would have done about these decisions, and what each itself can cost."""
    return Kept(shadowed("a" * 64, names, **changes), np.array(needs, dtype=np.int64))


def found(log: Logbook, own: Kept, by_champion: list[bool] | None = None) -> Beside:
    """Judge it; all decisions are the champion's unless told."""
    flags = np.ones(len(log), dtype=np.bool_) if by_champion is None else np.array(by_champion)
    made = beside(log, own, flags, ASKED, 0.95)
    assert made is not None
    return made


def test_agreement_contacts_and_cost_are_counted() -> None:
    """Six decisions: one held out, one the challenger's, one without a shadow; three are left to count.

    Of those the champion wanted 0, 3, 3; the shadow 0, 3, 1, but its second did not fit the budget.
    """
    log = logbook(
        [
            {"choice": 0},
            {"choice": 3},
            {"choice": 3},
            {"choice": 0, "intended": 3, "reasons": HELD},
            {"choice": 4},
            {"choice": 2},
        ]
    )
    names = [name for place, name in enumerate(log.decision_ids) if place != 5]
    own = kept(
        names,
        [0, 1_000, 900, 0, 1_450],
        intended=np.array([0, 3, 1, 3, 3], dtype=np.int8),
        choice=np.array([0, 0, 1, 0, 3], dtype=np.int8),
        needs_minor=np.array([0, 0, 100, 0, 1_000]),
    )
    made = found(log, own, [True, True, True, True, False, True])

    assert (made.decisions, made.unasked) == (3, 1)
    assert made.alike == {"none": (1, 1), "10": (1, 2)}
    assert (made.contacts, made.reserved_minor) == ((1, 2), (100, 1_900))


def test_a_version_that_was_never_asked_is_not_judged() -> None:
    """No row, no figure."""
    log = logbook([{}])

    assert beside(log, kept([], []), np.ones(1, dtype=np.bool_), ASKED, 0.95) is None


def books(n: int = 600, seed: int = 3) -> Logbook:
    """Give decisions that contact half of the customers at random; of those .9 stay, of the others .5."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for choice in rng.integers(0, 2, n).tolist():
        stays = rng.random() < 0.5 + 0.4 * choice
        known = {"retained_at": 30} if stays else {"churned_at": 12}
        rows.append({"choice": choice, "probability": 0.5, "excluded": (0, 0, 1, 1, 1), **known})
    return logbook(rows, limit_minor=10_000_000)


def always(log: Logbook, choice: int) -> Kept:
    """Give a shadow that would have done one thing for everybody."""
    n = len(log)
    return kept(
        list(log.decision_ids), [0] * n, chances=np.tile(np.eye(5)[choice], (n, 1)),
        intended=np.full(n, choice, dtype=np.int8), probability=(log.intended == choice).astype(float),
    )  # fmt: skip


def test_its_value_is_found_without_asking_it_again() -> None:
    """One that always contacts would keep .9, IPS by hand: the sum of y·1{contacted}/.5 over n."""
    log = books()
    worth = found(log, always(log, 1)).worth
    stayed = ~np.isnat(log.retained_at)
    by_hand = float((stayed & (log.choice == 1)).sum() / 0.5 / len(log))

    assert isinstance(worth, Worth)
    assert worth.own.ips.value == pytest.approx(by_hand)
    assert worth.own.dr.low < 0.9 < worth.own.dr.high
    assert worth.served == pytest.approx(float(stayed.mean()))
    assert worth.gain.dr.low > 0
    assert worth.gain.dr.low < 0.2 < worth.gain.dr.high


def test_the_gain_of_who_does_what_was_done_is_nothing() -> None:
    """Chances as those that logged: the value is the mean reward, whatever came of it."""
    log = books()
    n = len(log)
    same = kept(
        list(log.decision_ids), [0] * n, chances=np.tile([0.5, 0.5, 0.0, 0.0, 0.0], (n, 1)),
        probability=np.full(n, 0.5), intended=log.intended,
    )  # fmt: skip
    worth = found(log, same).worth

    assert isinstance(worth, Worth)
    assert worth.own.ips.value == pytest.approx(worth.served)
    assert worth.gain.ips.value == pytest.approx(0.0, abs=1e-12)


def test_only_decisions_with_a_shadow_are_valued() -> None:
    """The first 200 were made before it had the role."""
    log = books()
    later = always(log, 1)
    part = Kept(
        later.shadowed.named(["", *[""] * 199, *log.decision_ids[200:]]).recorded(), later.needs_minor[200:]
    )
    made = found(log, part)

    assert (made.decisions, made.unasked) == (400, 200)
    assert isinstance(made.worth, Worth)
    assert made.worth.own.rows == 400


def test_without_support_or_outcomes_there_is_no_value() -> None:
    """Each says why: no choice was left to chance; nobody said what came of it; no decision is in the log."""
    certain = logbook([{"retained_at": 30}] * 40)
    silent = logbook([{}] * 40)
    other = kept(["f" * 32], [0])
    told = [found(log, own).worth for log, own in (
        (certain, always(certain, 1)), (silent, always(silent, 0)), (silent, other),
    )]  # fmt: skip

    assert all(isinstance(one, Unread) for one in told)
    assert "no decision that counts" in str(told[1])
    assert "asked about no decision that is in the log" in str(told[2])
