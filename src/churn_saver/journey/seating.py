"""Whether the decider may decide in a campaign, and at which price; where it may not, the knapsack does.

What was measured (a trained policy, the exact one) serves at budgets per customer and under caps that
it was measured at, with a tenth to spare, and has a λ of its own; the other rungs take the campaign's.
Without predictors nothing has a worth, and the propensity rule decides. Knows no customer.
"""

from dataclasses import dataclass, replace

from churn_saver.domain.campaign import Campaign
from churn_saver.domain.money import shown
from churn_saver.errors import InputError
from churn_saver.journey.appraisal import Rules
from churn_saver.journey.decider import Decider
from churn_saver.journey.exact import EXACT, MOST_CUSTOMERS
from churn_saver.policy.certificate import SLACK, price_on
from churn_saver.policy.dynamics import N_DELAYS
from churn_saver.tabular.predictors import Predictors

POLICY_NOT_CERTIFIED_HERE = "policy_not_certified_here"
KNAPSACK, PROPENSITY_RULE = "knapsack", "propensity_rule"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who decides in one campaign."""

    rules: Rules
    """Settings, with whoever really decides."""
    price: float
    """λ, margin that one unit of budget must bring: the decider's own, else the campaign's."""
    fault: str | None = None
    """Why the knapsack decides in the place of another; None: who was asked for decides."""

    @property
    def rung(self) -> str:
        """Name of the rung that decides."""
        return self.rules.decider.rung

    @property
    def degraded(self) -> tuple[str, ...]:
        """Code of the fault, as it appears in responses."""
        return () if self.fault is None else (POLICY_NOT_CERTIFIED_HERE,)

    @property
    def has_own_price(self) -> bool:
        """Say whether λ is the decider's own, and says nothing to the knapsack."""
        return self.rules.decider.policy is not None or self.rung == EXACT


def seated(
    rules: Rules, campaign: Campaign | None, predictors: Predictors | None, customers: int = 1
) -> Seat:
    """Say who decides.

    Args:
        rules: Settings, with who was asked for.
        campaign: None: nobody is contacted, whoever decides.
        predictors: None: the propensity rule decides.
        customers: Of the table; a campaign's budget is for at least as many as it was opened for.

    Raises:
        InputError: a table too large for the exact policy.
    """
    price = campaign.price if campaign else 0.0
    if predictors is None:
        return Seat(replace(rules, decider=Decider(PROPENSITY_RULE)), price)
    asked = Seat(rules, price)
    if not asked.has_own_price:
        return asked
    if asked.rung == EXACT and customers > MOST_CUSTOMERS:
        raise InputError(
            f"policy '{EXACT}' decides for at most {MOST_CUSTOMERS:,} customers at a time, the table has "
            f"{customers:,}: set policy in serve.yaml to champion or knapsack, or hand in a smaller table"
        )
    if campaign is None:
        return asked
    budget = campaign.limit_minor / max(campaign.customers, customers)
    own = _own_price(rules.decider, campaign, budget)
    if own is None:
        return Seat(replace(rules, decider=Decider(KNAPSACK)), price, _fault(rules.decider, campaign, budget))
    return Seat(rules, own)


def _own_price(decider: Decider, campaign: Campaign, budget: float) -> float | None:
    """Give λ at a budget per customer; None: nothing was measured there."""
    if decider.policy is not None:
        certificate = decider.policy.certificate
        same_days = campaign.horizon_days == decider.policy.network.scaling.horizon_days
        covered = same_days and certificate.covers(budget, campaign.caps)
        return certificate.price_at(budget) if covered else None
    budgets = [point for point, _ in decider.exact_prices]
    within = bool(budgets) and budgets[0] / SLACK <= budget <= budgets[-1] * SLACK
    # No delay reaches the end of a longer cooldown, and the exact policy looks only there.
    covered = within and campaign.caps.cooldown_days <= N_DELAYS
    return price_on(decider.exact_prices, budget) if covered else None


def _fault(decider: Decider, campaign: Campaign, budget: float) -> str:
    measured = list(decider.exact_prices)
    if decider.policy is not None:
        rows = decider.policy.certificate.rows
        measured = [(row.budget_per_customer_minor, row.price) for row in rows if row.feasible]
    budgets = [shown(round(point)) for point, _ in measured]
    places = " to ".join(dict.fromkeys([budgets[0], budgets[-1]])) if budgets else "no budget"
    return (
        f"{decider.label} was measured at {places} per customer, under caps and days of its own; campaign "
        f"{campaign.campaign_id} has {shown(round(budget))} per customer, or other caps or days, so the "
        "knapsack decides. Train for it: make train-ppo, then make bench-policy"
    )
