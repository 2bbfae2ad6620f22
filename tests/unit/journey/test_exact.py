"""The exact policy as a rung: the states it takes customers to be in, and its answers within what is open."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from churn_saver.domain.campaign import Caps
from churn_saver.domain.customer import ContactHistory
from churn_saver.journey import Appraisal, appraise
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.exact import exact_choice
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.levels import RiskLevels
from churn_saver.policy.optimum import ExactPolicy
from churn_saver.policy.population import Population
from churn_saver.policy.state import States
from tests.builders import NOON, campaign, customers, predictors, rules, situation

RULES = rules()
LADDER = [0.1, 0.25, 0.5, 0.55]
PRICE = 1.5


def risk_at(usual: float, shift: float) -> float:
    """Shift a risk on the logit."""
    return float(1 / (1 + np.exp(-(np.log(usual / (1 - usual)) + shift))))


def appraised(risks: list[float], history: ContactHistory, bill: int = 8_999, **changes: Any) -> Appraisal:
    """Appraise customers on day 1 of a campaign."""
    n = len(risks)
    table = customers(n, churn_risk=np.array(risks), bill_minor=np.full(n, bill))
    where = situation(n, history=history, campaign=campaign(**changes.pop("campaign", {})), **changes)
    return appraise(table, where, predictors(), RULES)


def seen_at(usual: list[float], **columns: Any) -> ContactHistory:
    """Tell what is usual, and what else differs from a customer never met."""
    return replace(ContactHistory.unseen(len(usual)), usual_risk=np.array(usual), **columns)


def answers(made: Chosen) -> list[tuple[int, int]]:
    """Give choice and delay."""
    return list(zip(made.choice.tolist(), made.delay_days.tolist(), strict=True))


def best(
    usual: list[float], states: Sequence[tuple[int, ...]], bill: int = 8_999,
    protection: list[int] | None = None,
) -> list[tuple[int, int]]:  # fmt: skip
    """Ask the exact policy itself, in states of (day, level, wait, fatigue, units)."""
    n = len(usual)
    logits = np.log(np.array(usual)) - np.log1p(-np.array(usual))
    dynamics = Dynamics.of(Population(logits, np.tile(LADDER, (n, 1)), np.full(n, bill)), RULES.env)
    day, level, wait, fatigue, units = np.array(states).T
    found = ExactPolicy.of(dynamics, PRICE)(
        States(np.arange(n), day, level, np.array(protection or [0] * n), wait, fatigue, units)
    )
    choice = np.where(found.contact > 0, 1 + found.offer.argmax(axis=1), 0)
    return list(zip(choice.tolist(), found.delay.argmax(axis=1).tolist(), strict=True))


def test_the_answer_is_the_exact_policys_in_the_nearest_state() -> None:
    """Four levels of one usual risk (two of them not quite), one in the cooldown, one with a unit left.

    Shifts of env.yaml: −0.8, 0, 1.2, 2.4. 2½ days after a contact 5 days are to be waited: 7 − 2.
    """
    usual = [0.2] * 6
    risks = [risk_at(0.2, shift) for shift in (-0.7, 0.0, 1.2, 2.6, 1.2, 1.2)]
    history = seen_at(
        usual,
        days_since_contact=np.array([np.inf] * 4 + [2.5, np.inf]),
        contacts_period=np.array([0, 0, 0, 0, 1, 0]),
        units_used=np.array([0, 0, 0, 0, 0, 5]),
    )
    # A cooldown so early is of a contact on day 0; with 5 units used nobody is without a contact on day 1.
    states = [
        (1, 0, 0, 0, 6),
        (1, 1, 0, 0, 6),
        (1, 2, 0, 0, 6),
        (1, 3, 0, 0, 6),
        (1, 2, 5, 1, 6),
        (1, 2, 0, 0, 6),
    ]

    made = exact_choice(appraised(risks, history), PRICE, RULES)

    expected = best(usual, states)
    assert answers(made)[:5] == expected[:5]
    assert made.choice[5] in (0, 1, 2)
    assert expected[3][0] > 0
    assert (made.policy, made.probability.tolist()) == ("exact", [1.0] * 6)


def test_an_accepted_offer_protects_and_changes_the_answer_as_in_the_model() -> None:
    """15 % taken on day 0 leaves 22 days on day 8; another refused: as the exact policy in both states."""
    history = seen_at(
        [0.3, 0.3], contacts_period=np.array([1, 1]), units_used=np.array([3, 3]),
        days_since_contact=np.array([8.0, 8.0]),
        days_since_accepted=np.array([[np.inf, np.inf, np.inf, 8.0], [np.inf] * 4]),
    )  # fmt: skip
    appraisal = appraised([0.3, 0.3], history, now=NOON + timedelta(days=7))

    made = exact_choice(appraisal, PRICE, RULES)

    expected = best([0.3, 0.3], [(8, 1, 0, 1, 3)] * 2, protection=[22, 0])
    assert answers(made) == expected
    assert expected[0] != expected[1]


def test_who_was_never_seen_has_the_score_as_mean_over_the_levels() -> None:
    """The usual risk is calibrated from it; what is left over, −0.04 on the logit, is nearest to 'usual'."""
    levels = RiskLevels.of(RULES.env)
    logit = levels.calibrated_logit(np.array([0.45]))
    usual = [float(1 / (1 + np.exp(-logit[0])))]
    over = np.log(0.45 / 0.55) - logit[0]

    made = exact_choice(appraised([0.45], ContactHistory.unseen(1)), PRICE, RULES)

    assert over == pytest.approx(-0.04, abs=0.005)
    assert answers(made) == best(usual, [(1, 1, 0, 0, 6)])


@pytest.mark.parametrize(("free_minor", "most"), [(1_450, 4), (1_449, 3), (550, 2), (100, 1), (99, 0)])
def test_an_offer_that_is_closed_becomes_the_next_lower_one(free_minor: int, most: int) -> None:
    """With 8 days there is one contact, at price 0 with 15 %: 14.50 are held; 0.99 are enough for nothing."""
    history, days = seen_at([0.5]), {"horizon_days": 8}

    made = exact_choice(appraised([0.5], history, free_minor=free_minor, campaign=days), 0.0, RULES)

    assert made.choice.tolist() == [most]
    assert (made.delay_days[0] == 0) == (most == 0)


@pytest.mark.parametrize("fatigue", [0, 1, 2, 9])
@pytest.mark.parametrize("used", [0, 3, 6, 8])
@pytest.mark.parametrize("since", [0.0, 6.9, 7.0, np.inf])
def test_every_history_has_an_answer(fatigue: int, used: int, since: float) -> None:
    """Contacts and acceptances before the campaign, more of them than can be, an allowance lowered since."""
    history = seen_at(
        [0.5], contacts_period=np.array([fatigue]), units_used=np.array([used]),
        days_since_contact=np.array([since]), days_since_accepted=np.array([[since, np.inf, np.inf, since]]),
    )  # fmt: skip

    made = exact_choice(appraised([0.7], history), 0.0, RULES)

    assert 0 <= made.choice[0] <= 4
    assert 0 <= made.delay_days[0] <= 7


def test_the_campaigns_own_caps_and_days_hold() -> None:
    """Ten days long, and no allowance: no discount is ever wanted."""
    short = {"horizon_days": 10, "caps": Caps(1, 2, 2, 7, 0)}

    made = exact_choice(appraised([0.9], seen_at([0.5]), campaign=short), 0.0, RULES)

    assert made.choice.tolist() == [1]


def test_what_cannot_be_seen_is_left_alone() -> None:
    """No score, no bill, no campaign, no customer."""
    whole = appraised([0.9, 0.9], seen_at([0.5, 0.5]))
    blind = replace(whole, churn_risk=np.array([np.nan, 0.9]))
    nowhere = appraise(customers(1), situation(campaign=None), predictors(), RULES)

    assert (exact_choice(blind, 0.0, RULES).choice > 0).tolist() == [False, True]
    assert exact_choice(appraised([0.9], seen_at([0.5]), bill=0), 0.0, RULES).choice.tolist() == [0]
    assert exact_choice(nowhere, 0.0, RULES).choice.tolist() == [0]
    assert len(exact_choice(appraised([], seen_at([])), 0.0, RULES).choice) == 0


def test_without_numba_it_says_what_to_install() -> None:
    """Nothing of it is imported before it decides."""
    script = (
        "import sys\n"
        "sys.modules['numba'] = None\n"
        "from churn_saver.errors import ConfigError\n"
        "from churn_saver.journey import appraise\n"
        "from churn_saver.journey.exact import exact_choice\n"
        "from tests.builders import customers, predictors, rules, situation\n"
        "try:\n"
        "    exact_choice(appraise(customers(), situation(), predictors(), rules()), 1.0, rules())\n"
        "except ConfigError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "pip install 'churn-saver[rl]'" in done.stdout
