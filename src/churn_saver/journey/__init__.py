"""The journey: customers, and what is known of them, to proposals. One pure path for one and for a million.

    appraise   scores, standing, worth of every choice        needs the models, not the price
    seated     who decides in the campaign, at which price    needs the campaign, not the customers
    propose    choice at the price of budget, arm, text       needs the price, not the models
    retain     appraise and propose

It knows no clock, no file and no database: `now` and all state are handed in, every draw is a
keyed hash. Nothing here reserves money; `decide` settles a proposal or comes back with less.
"""

from churn_saver.domain.customer import Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.journey.appraisal import Appraisal, Rules, Situation, appraise
from churn_saver.journey.decider import Decider
from churn_saver.journey.proposing import propose
from churn_saver.journey.seating import Seat, seated
from churn_saver.tabular.predictors import Predictors

__all__ = [
    "Appraisal",
    "Decider",
    "Rules",
    "Seat",
    "Situation",
    "appraise",
    "propose",
    "retain",
    "seated",
]


def retain(
    customers: Customers,
    situation: Situation,
    predictors: Predictors | None,
    price: float,
    rules: Rules,
) -> Proposals:
    """Go the whole way for n customers.

    Args:
        customers: Checked customers.
        situation: What the store knows of them, and the moment.
        predictors: None: no artefact serves, or the kill switch is on; the propensity rule decides.
        price: λ, margin that one unit of budget must bring, on the scale of who decides.
        rules: Settings, with who decides: from `seated`.
    """
    return propose(appraise(customers, situation, predictors, rules), price, rules)
