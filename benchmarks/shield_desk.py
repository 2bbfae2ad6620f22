"""What benchmarks/shield.py delivers messages with: the shipped parts, drawn customers, tables."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the planted sets lie with the tests

from churn_saver.adapters import artifacts
from churn_saver.config import ServeSettings, environment
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import ContactHistory, Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.domain.slots import CONTRACTS
from churn_saver.journey import Rules, Situation, retain
from churn_saver.message.bank import Bank
from churn_saver.opening import campaign_for, defaults_folder, open_bank, read_settings
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.shield import Rules as ShieldRules
from tests.planted.good_messages import NAMES

PART = 5_000
"""Customers decided about at a time."""
PRICE = 1.0
EXPLORED = 0.8
"""Share of decisions that take a random action, so that every offer is delivered."""
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


class Desk:
    """Everything that messages are made and judged with, opened once."""

    def __init__(self) -> None:
        self.env, self.serve, _ = read_settings(environment({}))
        self.predictors = artifacts.load(defaults_folder())
        self.bank: Bank | None = open_bank(environment({}))[0]
        self.judge, lacks = open_toxicity()
        self._rules: dict[tuple[str, bool], ShieldRules] = {}
        if lacks:
            sys.exit(str(lacks[0].fault))

    def settings(self, channel: str) -> ServeSettings:
        """Give serve.yaml for a channel, decided by the knapsack."""
        return self.serve.model_copy(update={"channel": channel, "policy": "knapsack"})

    def shield(self, channel: str, judge: bool = True) -> ShieldRules:
        """Give the shield's rules for a channel."""
        if (channel, judge) not in self._rules:
            self._rules[channel, judge] = ShieldRules.of(
                self.settings(channel), self.judge if judge else None
            )
        return self._rules[channel, judge]

    def retained(self, customers: Customers, channel: str) -> Proposals:
        """Decide and write, as the service does, in a campaign without bounds."""
        rules = Rules.of(self.env, self.settings(channel), bank=self.bank, judge=self.judge)
        campaign: Campaign = campaign_for(
            self.env,
            self.serve,
            NOON - timedelta(days=1),
            campaign_id="bench",
            limit_minor=10**12,
            customers=1_000,
        )
        campaign = replace(campaign, holdout_share=0.0, exploration_share=EXPLORED)
        situation = Situation(ContactHistory.unseen(len(customers)), campaign, 10**12, NOON)
        return retain(customers, situation, self.predictors, PRICE, rules)


def tables(rng: Random) -> Iterator[Customers]:
    """Draw customers without end: names of many scripts, some without one; some lack a tenure or contract."""
    while True:

        def column(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
            return np.array(values, dtype=np.float32)

        nan = float("nan")
        bills = [rng.randint(1_800, 12_000) for _ in range(PART)]
        yield Customers(
            ids=[f"C{rng.randrange(10**9):09d}" for _ in range(PART)],
            names=[rng.choice((None, *NAMES, *NAMES)) for _ in range(PART)],
            bill_minor=np.array(bills),
            fields={
                "tenure_months": column([rng.choice((nan, *[rng.randint(0, 120)] * 9)) for _ in range(PART)]),
                "monthly_spend": column([bill / 100 for bill in bills]),
                "contract_type": column([rng.choice((nan, *range(len(CONTRACTS)))) for _ in range(PART)]),
            },
            churn_risk=np.array([rng.uniform(0.2, 0.95) for _ in range(PART)]),
            contacts_last_7d=np.full(PART, nan),
            days_since_last_contact=np.full(PART, nan),
            time_zones=[None] * PART,
            countries=[None] * PART,
            channels=[None] * PART,
            opted_in=[None] * PART,
        )


def together(rows: list[Customers]) -> Customers:
    """Put customers of one row each into one table."""
    names = sorted({name for row in rows for name in row.fields})
    return Customers(
        ids=[row.ids[0] for row in rows],
        names=[row.names[0] for row in rows],
        bill_minor=np.concatenate([row.bill_minor for row in rows]),
        fields={name: np.concatenate([row.column(name) for row in rows]) for name in names},
        churn_risk=np.concatenate([row.churn_risk for row in rows]),
        contacts_last_7d=np.concatenate([row.contacts_last_7d for row in rows]),
        days_since_last_contact=np.concatenate([row.days_since_last_contact for row in rows]),
        time_zones=[row.time_zones[0] for row in rows],
        countries=[row.countries[0] for row in rows],
        channels=[row.channels[0] for row in rows],
        opted_in=[row.opted_in[0] for row in rows],
    )
