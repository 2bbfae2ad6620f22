"""The customers of a portfolio as the simulator and the optimum see them: scores and bills, no names.

A score is taken as the mean over the levels in which the customer may be, so the usual risk is
calibrated from it. Knows nothing of money spent, of contacts or of time. Source: the predictors'
scores of a table.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.config import EnvSettings
from churn_saver.domain.action import N_OFFERS, OFFER_PERCENTS
from churn_saver.errors import InputError
from churn_saver.policy.levels import RiskLevels
from churn_saver.policy.reward import contact_values

MIN_CUSTOMERS = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Population:
    """n customers, as columns."""

    usual_logit: Floats
    """Log-odds of the 30-day churn risk at the level 'usual', without protection, (n,)."""
    accept: Floats
    """Chance to accept each offer when rested, (n, 4), not falling along the ladder."""
    bill_minor: NDArray[np.int64]
    """Monthly bill, (n,), minor units, above 0."""

    def __post_init__(self) -> None:
        """Refuse columns that are no population; the first offending row is named."""
        n = len(self.bill_minor)
        if self.usual_logit.shape != (n,) or self.accept.shape != (n, N_OFFERS):
            raise InputError(
                f"a population of {n} bills has risks of shape {self.usual_logit.shape} and acceptances of "
                f"shape {self.accept.shape}, wanted {(n,)} and {(n, N_OFFERS)}"
            )
        _refuse(
            ~np.isfinite(self.usual_logit), self.usual_logit, "risk", "a probability; check the predictor"
        )
        _refuse(
            self.bill_minor <= 0, self.bill_minor, "bill_minor", "more than 0; leave out who pays nothing"
        )
        for offer in range(N_OFFERS):
            name, column = f"accept_prob_{offer}", self.accept[:, offer]
            _refuse(~((column >= 0.0) & (column <= 1.0)), column, name, "a probability; check the predictor")
        falls = np.flatnonzero((np.diff(self.accept, axis=1) < 0.0).any(axis=1))
        if len(falls):
            raise InputError(
                f"acceptance falls with the offer in row {falls[0]} of the population "
                f"({self.accept[falls[0]].tolist()} for {OFFER_PERCENTS} %), wanted it not to fall: train "
                "the acceptance model with its monotone constraint (make train-risk)"
            )

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.bill_minor)

    @classmethod
    def of_scores(
        cls, churn_risk: Floats, accept: Floats, bill_minor: NDArray[np.int64], env: EnvSettings
    ) -> "Population":
        """Take the predictors' scores as a population.

        Args:
            churn_risk: 30-day probability, (n,): the mean over the levels.
            accept: Chance to accept each offer, (n, 4).
            bill_minor: Monthly bill, (n,), minor units.
            env: Levels and their transitions.

        Raises:
            InputError: a score or bill that cannot be used, fewer than two customers, or acceptances
                that fall with the offer; names the row.
        """
        risk = np.asarray(churn_risk, dtype=np.float64)
        _refuse(~((risk >= 0.0) & (risk <= 1.0)), risk, "churn_risk", "a probability; check the predictor")
        if len(risk) < MIN_CUSTOMERS:
            raise InputError(
                f"the population has {len(risk)} customers, wanted {MIN_CUSTOMERS} or more: a budget is "
                "shared; use a larger table"
            )
        usual = RiskLevels.of(env).calibrated_logit(risk)
        return cls(usual, np.asarray(accept, dtype=np.float64), np.asarray(bill_minor, dtype=np.int64))

    def take(self, rows: NDArray[np.int64]) -> "Population":
        """Give the customers at the row numbers, in their order."""
        return Population(self.usual_logit[rows], self.accept[rows], self.bill_minor[rows])

    def by_stake(self, env: EnvSettings) -> NDArray[np.int64]:
        """Order the rows by what one contact at the usual level is worth at best, least first, (n,).

        It tells nearly what a customer is worth spending on, so samples taken evenly along it look alike.
        """
        n, risk = len(self), 1.0 / (1.0 + np.exp(-self.usual_logit))
        values = contact_values(risk, risk, self.accept, np.zeros(n), self.bill_minor, env.horizon_days, env)
        return np.argsort(values.gain[:, 1:].max(axis=1), kind="stable")

    def spread(self, wanted: int, env: EnvSettings) -> "Population":
        """Pick customers evenly along the order of their stakes, so that small panels look alike.

        Raises:
            InputError: more were wanted than there are.
        """
        if not 1 <= wanted <= len(self):
            raise InputError(f"a panel of {wanted} was wanted of {len(self)} customers: use a larger table")
        places = ((np.arange(wanted) + 0.5) * len(self) / wanted).astype(np.int64)
        return self.take(self.by_stake(env)[places])


def _refuse(bad: NDArray[np.bool_], column: NDArray[np.generic], name: str, wanted: str) -> None:
    rows = np.flatnonzero(bad)
    if len(rows):
        raise InputError(
            f"{name} is {column[rows[0]]} in row {rows[0]} of the population "
            f"({len(rows)} such rows), wanted {wanted}"
        )
