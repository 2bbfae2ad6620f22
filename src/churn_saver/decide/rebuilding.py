"""What a recorded decision was made on, rebuilt from its record, so that it can be decided again.

What the gates left open is taken as recorded, since nobody knows the books of another day. Whoever asks
with a change hands in premises with that change; the way from there to a choice is the one that every
decision goes. Reads nothing and writes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_CHOICES, N_OFFERS, NO_CONTACT, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import FIELD_BY_NAME, ContactHistory, Customers
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import ArtifactError, Erased
from churn_saver.journey import Appraisal, Decider, Rules, Situation
from churn_saver.journey.appraisal import valued
from churn_saver.journey.chosen import Chosen
from churn_saver.journey.exploring import explored
from churn_saver.journey.proposing import code_of, proposals_of
from churn_saver.journey.rungs import choose
from churn_saver.policy.standing import Standing
from churn_saver.store import DecisionRecord
from churn_saver.tabular.predictors import Predictors

NO_MODELS = "none"
UNPROTECTED = frozenset({"4"})
"""Versions of the code whose decisions are made again too, as they made them: a contact's worth did not yet
know what offers accepted earlier still protect."""
_ARMS = int(Reason.HOLDOUT | Reason.MESSAGE_BLOCKED)


@dataclass(frozen=True, slots=True)
class Premises:
    """What a decision was made on; of n rows, n times the same but for what somebody changed."""

    customers: Customers
    situation: Situation
    gates: Standing
    predictors: Predictors | None
    rules: Rules
    """With who decided then, and nobody who writes live."""
    price: float
    """λ of this very customer, which may lie just under the table's."""
    withheld: NDArray[np.int64]
    """`Reason` flags for which a wanted contact did not fit, (n,); 0: nothing stood against one."""
    heeds_protection: bool
    """As of `valued`."""

    def appraised(self) -> Appraisal:
        """Score and value it."""
        return valued(
            self.customers,
            self.situation,
            self.gates,
            self.predictors,
            self.rules,
            heeds_protection=self.heeds_protection,
        )

    def own_choice(self, appraisal: Appraisal) -> Chosen:
        """Let the rung choose, before exploration draws."""
        return choose(appraisal, self.price, self.rules)

    def wanted(self, appraisal: Appraisal) -> Chosen:
        """Let the rung choose, and exploration draw."""
        return explored(self.own_choice(appraisal), appraisal)

    def proposed(self, chosen: Chosen, appraisal: Appraisal, price: float) -> Proposals:
        """Go the rest of the way: holdout, what did not fit, text.

        Args:
            chosen: From `wanted`.
            appraisal: From `appraised`.
            price: λ to be recorded.
        """
        return proposals_of(chosen, appraisal, price, self.rules, self.withheld)

    def take(self, rows: NDArray[np.int64]) -> "Premises":
        """Give the rows at the row numbers, in their order."""
        gates = Standing(*(getattr(self.gates, name)[rows] for name in Standing.__slots__))
        situation = replace(self.situation, history=self.situation.history.take(rows))
        return replace(
            self,
            customers=self.customers.take(rows),
            situation=situation,
            gates=gates,
            withheld=self.withheld[rows],
        )


def premises_of(
    record: DecisionRecord, campaign: Campaign | None, predictors: Predictors | None, rules: Rules
) -> Premises:
    """Rebuild what a decision was made on.

    Args:
        record: As the books have it.
        campaign: Its own; None: it had none.
        predictors: At hand.
        rules: Settings at hand, with bank and decider.

    Raises:
        Erased: its personal fields are gone.
        ArtifactError: something it was made with is not at hand; names each hash.
    """
    if record.features is None:
        raise Erased(
            f"decision {record.decision_id!r} cannot be made again: its customer was erased, and what was "
            "personal in it with them. Its numbers stand: GET /decisions/ID."
        )
    models = None if record.models == NO_MODELS else predictors
    rung, _, version = record.policy.partition("@")
    decider = rules.decider if version or rung == rules.decider.rung else Decider(rung)
    seated = replace(rules, decider=decider, live=None)
    _require(record, models, seated)
    told: Mapping[str, float | str] = json.loads(str(record.features))
    decided_at = record.next_decision_at - timedelta(days=1 + record.delay_days)
    return Premises(
        _customers(record, told),
        Situation(_history(record, told), campaign, 0, decided_at),
        _gates(record, campaign, told),
        models,
        seated,
        float(told["price"]),
        _withheld(record),
        heeds_protection=_version(record) not in UNPROTECTED,
    )


def _require(record: DecisionRecord, predictors: Predictors | None, rules: Rules) -> None:
    """Refuse to make a decision with something else than it was made with."""
    at_hand = {
        "predictors": (record.models, predictors.version if predictors else NO_MODELS),
        "policy": (record.policy, rules.decider.label),
    }
    names = ("code", "settings", "bank")
    pairs = zip(record.code.split("+"), code_of(rules).split("+"), strict=False)
    at_hand |= dict(zip(names, pairs, strict=False))
    if _version(record) in UNPROTECTED:
        at_hand.pop("code", None)
    if f"settings.{rules.former_settings}" in record.code.split("+"):
        at_hand.pop("settings", None)
    if record.choice == NO_CONTACT and not record.violations:
        at_hand.pop("bank", None)
    lacking = [f"{what} {was} (here {here})" for what, (was, here) in at_hand.items() if was != here]
    if lacking:
        raise ArtifactError(
            f"decision {record.decision_id!r} was made with what is not at hand: {', '.join(lacking)}. "
            "Name the folders that hold it in MODEL_DIR, POLICY_DIR, BANK_DIR and CONFIG_DIR."
        )


def _history(record: DecisionRecord, told: Mapping[str, float | str]) -> ContactHistory:
    return replace(
        ContactHistory.unseen(1),
        usual_risk=_number(told, "usual_risk"),
        units_used=_number(told, "units_used").astype(np.int64),
        days_since_accepted=np.array(
            [[float(told.get(f"days_since_accepted_{offer}", np.inf)) for offer in range(N_OFFERS)]]
        ),
        decisions_made=np.array([record.number]),
    )


def _gates(record: DecisionRecord, campaign: Campaign | None, told: Mapping[str, float | str]) -> Standing:
    excluded = np.array(record.excluded, dtype=np.int64).reshape(1, N_CHOICES)
    return Standing(
        excluded,
        excluded == 0,
        np.array([campaign is not None and campaign.holds_out(record.customer_id)]),
        _number(told, "fatigue"),
        np.array([float(told.get("days_since_contact", np.inf))]),
    )


def _version(record: DecisionRecord) -> str:
    return record.code.partition("+")[0]


def _customers(record: DecisionRecord, told: Mapping[str, float | str]) -> Customers:
    nothing = np.full(1, np.nan)
    return Customers(
        ids=[record.customer_id],
        names=[record.name],
        bill_minor=_number(told, "bill_minor").astype(np.int64),
        fields={name: _number(told, name).astype(np.float32) for name in told if name in FIELD_BY_NAME},
        churn_risk=_number(told, "given_risk"),
        contacts_last_7d=nothing,
        days_since_last_contact=nothing,
        time_zones=_text(told, "time_zone"),
        countries=_text(told, "country"),
        channels=_text(told, "channel"),
        opted_in=[None],
    )


def _withheld(record: DecisionRecord) -> NDArray[np.int64]:
    """Give the reasons for which a wanted contact did not fit, (1,); 0: nothing was withheld."""
    fell_away = record.choice == NO_CONTACT != record.intended and not record.reasons & _ARMS
    return np.array([record.reasons if fell_away else 0])


def _number(told: Mapping[str, float | str], name: str) -> NDArray[np.float64]:
    return np.array([float(told.get(name, np.nan))])


def _text(told: Mapping[str, float | str], name: str) -> list[str | None]:
    return [str(told[name]) if name in told else None]
