"""Small, seeded, realistic tables to try everything with, and the truth that they are drawn from.

Nobody in them exists. The truth is known, so that benchmarks can compute regret: churn is a
logistic function of contract, tenure, spend and tickets with interactions; who accepts which
offer is `accept_truth`. Knows nothing of folders: writes bytes, not files.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.data import demo_words as words
from churn_saver.domain.action import N_OFFERS, OFFER_PERCENTS

CONTRACTS = ("Month-to-month", "One year", "Two year")
PAYMENTS = ("Electronic check", "Mailed check", "Bank transfer", "Credit card")
LEAST_PROPENSITY = 0.05
_SPEND_LOW, _SPEND_HIGH, _SPEND_TAIL = 18.0, 120.0, 0.6
"""Currency units a month; exponent of a bounded Pareto law."""
_LONGEST_TENURE = 72


@dataclass(frozen=True, slots=True)
class _Population:
    tenure: NDArray[np.int64]
    spend: NDArray[np.float64]
    contract: NDArray[np.int64]
    tickets: NDArray[np.int64]


def churn_table(rng: np.random.Generator, n: int = 7000) -> pl.DataFrame:
    """Draw churn_train: 26 % leave; the true probabilities reach an AUC of 0.86 (Bayes)."""
    people = _population(rng, n)
    churned = rng.random(n) < churn_truth(people.tenure, people.spend, people.contract, people.tickets)
    return pl.DataFrame(
        {
            "customer_id": _ids(n),
            "tenure_months": people.tenure,
            "monthly_spend": people.spend,
            "support_tickets": people.tickets,
            "contract_type": [CONTRACTS[i] for i in people.contract],
            "churned": churned.astype(np.int8),
        }
    )


def accept_table(rng: np.random.Generator, n: int = 20_000) -> pl.DataFrame:
    """Draw accept_train: who is at risk was offered more, with known and recorded propensity.

    The true probabilities reach an AUC of 0.74 (Bayes).
    """
    people = _population(rng, n)
    risk = churn_truth(people.tenure, people.spend, people.contract, people.tickets)
    score = np.log(risk / (1 - risk)) + rng.normal(0, 0.3, n)
    churn_risk = np.round(1 / (1 + np.exp(-score)), 4).clip(0.001, 0.999)
    weights = np.exp(0.3 * (churn_risk - 0.3)[:, None] * np.arange(N_OFFERS))
    share = weights / weights.sum(axis=1, keepdims=True)
    chances = LEAST_PROPENSITY + (1 - N_OFFERS * LEAST_PROPENSITY) * share
    level = (rng.random(n)[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    truth = accept_truth(churn_risk, people.tenure)[np.arange(n), level]
    return pl.DataFrame(
        {
            "customer_id": _ids(n),
            "offer_pct": np.array(OFFER_PERCENTS)[level],
            "churn_risk": churn_risk,
            "tenure_months": people.tenure,
            "accepted": (rng.random(n) < truth).astype(np.int8),
            "propensity": np.round(chances[np.arange(n), level], 6),
        }
    )


def customers_table(rng: np.random.Generator, n: int = 7000) -> pl.DataFrame:
    """Draw customers to decide about; some never said where they live or were never contacted."""
    people = _population(rng, n)
    by_contract = np.array([[0.45, 0.23, 0.16, 0.16], [0.2, 0.2, 0.3, 0.3], [0.1, 0.2, 0.35, 0.35]])
    method = (rng.random(n)[:, None] > by_contract.cumsum(axis=1)[people.contract, :-1]).sum(axis=1)
    zone = rng.integers(0, len(words.TIME_ZONES), n)
    has_zone = rng.random(n) < 0.6
    days = np.floor(rng.exponential(45, n)).astype(np.int64).clip(0, 365)
    was_contacted = rng.random(n) < 0.7
    return pl.DataFrame(
        {
            "customer_id": _ids(n),
            "name": [words.FIRST_NAMES[i] for i in rng.integers(0, len(words.FIRST_NAMES), n)],
            "tenure_months": people.tenure,
            "monthly_spend": people.spend,
            "contract_type": [CONTRACTS[i] for i in people.contract],
            "payment_method": [PAYMENTS[i] for i in method],
            "support_tickets": people.tickets,
            "time_zone": [
                words.TIME_ZONES[i] if known else None for i, known in zip(zone, has_zone, strict=True)
            ],
            "contacts_last_7d": (was_contacted & (days < 7)).astype(np.int64),
            "days_since_last_contact": pl.Series(days).zip_with(
                pl.Series(was_contacted), pl.repeat(None, n, dtype=pl.Int64, eager=True)
            ),
        }
    )


def rlhf_pairs(rng: np.random.Generator, n: int = 200) -> list[dict[str, str]]:
    """Draw preference pairs: slots instead of facts, the chosen text states the offer of the prompt."""
    return [_pair(rng) for _ in range(n)]


def churn_truth(
    tenure_months: NDArray[np.int64],
    monthly_spend: NDArray[np.float64],
    contract: NDArray[np.int64],
    support_tickets: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Give the true probability of churn.

    Shapes: all (n,) → (n,).  Units: months, currency units, index into `CONTRACTS`, tickets.
    """
    monthly = contract == 0
    logit = (
        -1.58
        + 1.5 * monthly
        - 1.3 * (contract == 2)
        - 0.68 * np.log1p(tenure_months)
        + 0.022 * (monthly_spend - 45)
        + 0.3 * support_tickets * (1 + monthly)
        + 0.7 * ((tenure_months <= 6) & (monthly_spend > 60))
    )
    probability: NDArray[np.float64] = 1 / (1 + np.exp(-logit))
    return probability


def accept_truth(churn_risk: NDArray[np.float64], tenure_months: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the true probability to accept each rung of the offer ladder.

    a = σ(1.6·ln((tenure + 1)/12) − 5·(risk − 0.25)) is how well disposed a customer is;
    p_k = 0.05 + 0.3a + (0.15 + 0.2a)·(1 − e^(−k/τ))/(1 − e^(−15/τ)), τ = 3 + 17·risk per cent.
    So p rises with each offer by less and less, and the riskier the customer the longer it goes on rising:
    the best offer differs from customer to customer.

    Shapes: (n,), (n,) → (n, 4).
    """
    disposed = 1 / (1 + np.exp(5 * (churn_risk - 0.25) - 1.6 * np.log((tenure_months + 1) / 12)))
    scale = (3 + 17 * churn_risk)[:, None]
    percent = np.array(OFFER_PERCENTS, dtype=np.float64)
    reach = -np.expm1(-percent / scale) / -np.expm1(-percent[-1] / scale)
    truth: NDArray[np.float64] = (0.05 + 0.3 * disposed)[:, None] + (0.15 + 0.2 * disposed)[:, None] * reach
    return truth


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """Write a table as UTF-8 CSV."""
    return frame.write_csv().encode()


def jsonl_bytes(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Write one JSON object a line, UTF-8."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _population(rng: np.random.Generator, n: int) -> _Population:
    settled = np.ceil(rng.exponential(30, n)).clip(1, _LONGEST_TENURE).astype(np.int64)
    tenure = np.where(rng.random(n) < 0.2, rng.integers(1, 4, n), settled)
    floor = (_SPEND_LOW / _SPEND_HIGH) ** _SPEND_TAIL
    spend = np.round(_SPEND_LOW * (1 - rng.random(n) * (1 - floor)) ** (-1 / _SPEND_TAIL), 2)
    draw, two_years = rng.random(n), 0.02 + 0.006 * tenure
    contract = np.where(draw < two_years, 2, np.where(draw < two_years + 0.1 + 0.002 * tenure, 1, 0))
    tickets = rng.poisson(0.6 + 0.4 * (contract == 0) + 0.008 * spend)
    return _Population(tenure, spend, contract, tickets)


def _ids(n: int) -> list[str]:
    return [f"C{number:05d}" for number in range(1, n + 1)]


def _pair(rng: np.random.Generator) -> dict[str, str]:
    def one_of(options: Sequence[str]) -> str:
        return options[int(rng.integers(len(options)))]

    percent, tone, contract = int(rng.choice(OFFER_PERCENTS)), one_of(words.TONES), one_of(CONTRACTS)
    offer = f"{percent}% off the next bill" if percent else "none"
    body = one_of(words.WITH_OFFER if percent else words.WITHOUT_OFFER)
    return {
        "prompt": f"Write a retention message. Tenure: {one_of(words.TENURE_BANDS)}. Contract: {contract}. "
        f"Offer: {offer}. Channel: email. Tone: {tone}. Language: English.",
        "chosen": f"{one_of(words.OPENINGS[tone])} {body} {one_of(words.NEXT_STEPS)}",
        "rejected": one_of(list(words.REJECTED.values())),
    }
