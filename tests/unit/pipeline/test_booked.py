"""Books as a log: which decisions count, and what they were worth."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from churn_saver.domain.action import Reason
from churn_saver.errors import InputError
from churn_saver.pipeline.booked import ARMS, Asked, Booked, booked, open_where_allowed
from tests.builders import NOON
from tests.logbooks import logbook

KEPT: dict[str, Any] = {"probability": 0.8, "retained_at": 40}
LEFT: dict[str, Any] = {"probability": 0.1, "choice": 3, "churned_at": 10, "contact_spent_minor": 100}


def asked(reward: str = "retained", days: int = 30) -> Asked:
    """Ask 60 days after NOON, half of a bill being margin."""
    return Asked(reward, days, 0.5, NOON + timedelta(days=60))


def found(*rows: dict[str, Any], reward: str = "retained", days: int = 30) -> Booked:
    """Make a log of rows of a logbook."""
    return booked(logbook(rows), asked(reward, days))


def test_what_was_done_its_probability_and_what_came_of_it() -> None:
    """Somebody who left after the window was still there at its end."""
    made = found(KEPT, LEFT, {"probability": 0.1, "choice": 1, "churned_at": 45})

    assert made.log.arm.tolist() == [0, 3, 1]
    assert made.log.propensity is not None
    assert made.log.propensity.tolist() == [0.8, 0.1, 0.1]
    assert made.log.reward.tolist() == [1, 0, 1]
    assert made.rows.tolist() == [0, 1, 2]
    assert made.left_out == ()


def test_margin_is_what_was_kept_less_what_was_spent() -> None:
    """Of 89.99, half is margin. All 30 days: 44.995. Ten of them: 14.99833 less 1.00 and 9.00 is 4.99833.

    60 days, left on the 45th: 1.5 months, 67.4925.
    """
    spent = LEFT | {"offer_spent_minor": 900}
    made = found(KEPT, spent, reward="margin")
    longer = found({"probability": 0.1, "churned_at": 45}, reward="margin", days=60)

    np.testing.assert_allclose(made.log.reward, [44.995, 8999 * 0.5 / 300 - 10], rtol=1e-12)
    np.testing.assert_allclose(longer.log.reward, [67.4925], rtol=1e-12)


def test_what_does_not_count_is_counted_once_under_its_first_reason() -> None:
    """The holdout before all others; a leaver who is too young does not count either."""
    held = KEPT | {"reasons": int(Reason.HOLDOUT), "intended": 3}
    made = found(
        KEPT, held, held | {"features": None}, KEPT | {"features": None},
        KEPT | {"probability": np.nan},
        LEFT | {"decided_at": 31.0}, {"probability": 0.5}, {"probability": 0.5, "retained_at": 12},
    )  # fmt: skip

    assert made.rows.tolist() == [0]
    assert [count for _, count in made.left_out] == [2, 1, 1, 1, 2]
    assert [why.split()[0] for why, _ in made.left_out] == ["of", "of", "without", "younger", "of"]


@pytest.mark.parametrize("why", [Reason.MESSAGE_BLOCKED, Reason.BUDGET])
def test_a_contact_that_was_stopped_is_one_of_its_arm_that_came_to_nothing(why: Reason) -> None:
    """Drawn with .1, nothing sent and nothing spent: half of 89.99 is kept, all of it."""
    stopped = KEPT | {"probability": 0.1, "choice": 0, "intended": 3, "reasons": int(why)}
    made = found(stopped, LEFT, reward="margin")

    assert made.log.arm.tolist() == [3, 3]
    assert made.log.propensity is not None
    assert made.log.propensity.tolist() == [0.1, 0.1]
    np.testing.assert_allclose(made.log.reward, [44.995, 8999 * 0.5 / 300 - 1], rtol=1e-12)


def test_a_policy_that_is_often_stopped_is_not_flattered() -> None:
    """Of 400 customers half were drawn a contact; it keeps 9 of 10, and every second is blocked.

    Without a contact 6 of 10 stay. To want a contact is worth (.9 + .6)/2 = .75 by hand, and the mean of the
    rows of that arm says so; those that went out alone would say .9.
    """
    rows = []
    for k in range(400):
        contact, blocked = k % 2 == 0, k % 4 == 0
        stays = (k // 4) % 10 < (9 if contact and not blocked else 6)
        rows.append(
            {
                "probability": 0.5,
                "choice": 3 if contact and not blocked else 0,
                "intended": 3 if contact else 0,
            }
            | ({"retained_at": 40} if stays else {"churned_at": 3})
        )
    log = found(*rows).log

    assert log.reward[log.arm == 3].mean() == pytest.approx(0.75)
    assert log.reward[log.arm == 0].mean() == pytest.approx(0.6)


def test_gates_and_customers_are_those_of_the_books() -> None:
    """Choice 4 is closed; the first customer stands there twice."""
    row = KEPT | {"customer_id": "C1", "excluded": (0, 0, 0, 0, 256)}
    made = found(row, LEFT, row)

    assert made.log.allowed.tolist() == [[True] * 4 + [False], [True] * 5, [True] * 4 + [False]]
    assert made.log.unit[0] == made.log.unit[2] != made.log.unit[1]


def test_what_was_known_are_the_features_and_the_risk() -> None:
    """Words and numbers, missing where a row has none."""
    made = found(KEPT | {"features": {"country": "US"}}, LEFT | {"churn_risk": 0.25})
    columns = dict(zip(made.features, made.log.features.T.tolist(), strict=True))

    assert columns["tenure_months"] == [12, 12]
    assert columns["churn_risk"] == pytest.approx([0.4, 0.25])
    np.testing.assert_array_equal(columns["country=US"], [1, np.nan])


def test_without_a_decision_that_counts_it_is_said_why() -> None:
    """And what can be done."""
    with pytest.raises(InputError, match=r"no decision that counts, wanted some: 1 of which nobody has said"):
        found({"probability": 0.5})
    with pytest.raises(InputError, match=r"wanted some: it has none\. Import outcomes"):
        found()


def test_another_reward_and_no_day_are_refused() -> None:
    """With what there is."""
    with pytest.raises(InputError, match=r"--reward is 'clicks', wanted one of: retained, margin"):
        found(KEPT, reward="clicks")
    with pytest.raises(InputError, match=r"--days is 0, wanted 1 or more"):
        found(KEPT, days=0)


def test_an_arm_is_taken_where_it_is_open() -> None:
    """Else no contact."""
    allowed = np.array([[True] * 5, [True, True, True, False, True]])

    assert ARMS == ("none", "0", "5", "10", "15")
    assert open_where_allowed(3, allowed).tolist() == [3, 0]
