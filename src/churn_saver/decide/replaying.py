"""Make a recorded decision again, out of its record, and say where the two differ: nowhere, to the bit.

What the gates left open is taken as recorded, since nobody knows the books of another day; scores, worths,
choice, draws, text and money are worked out anew. That needs the very predictors, policy, settings and
bank, each named in the record by its hash, and the personal fields, which erasure takes away. A live text
was written once and is not made again. Writes nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_CHOICES, N_OFFERS, NO_CONTACT, Reason
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.customer import FIELD_BY_NAME, ContactHistory, Customers
from churn_saver.domain.proposal import LIVE, Proposals
from churn_saver.errors import ArtifactError, Erased
from churn_saver.journey import Decider, Rules, Situation
from churn_saver.journey.appraisal import valued
from churn_saver.journey.exploring import explored
from churn_saver.journey.proposing import code_of, proposals_of
from churn_saver.journey.rungs import choose
from churn_saver.policy.standing import Standing
from churn_saver.store import DecisionRecord
from churn_saver.tabular.predictors import Predictors

_NUMBERS = (
    "choice", "intended", "reasons", "probability", "arm_probability", "message_probability", "churn_risk",
    "accept_prob", "expected_value", "retention_prob", "needs_minor", "contact_minor", "delay_days",
)  # fmt: skip
_WORDED = ("message", "message_source", "message_entry", "message_probability", "violations")
"""What a live writer has a part in."""
_ARMS = int(Reason.HOLDOUT | Reason.MESSAGE_BLOCKED)
NO_MODELS = "none"
UNPROTECTED = frozenset({"4"})
"""Versions of the code whose decisions are made again too, as they made them: a contact's worth did not yet
know what offers accepted earlier still protect."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of making a decision again."""

    compared: tuple[str, ...]
    """Names of `DecisionRecord` that were made again."""
    differing: tuple[str, ...]
    """Of these, those that are not as recorded; empty: the same to the bit."""


def replay(
    record: DecisionRecord, campaign: Campaign | None, predictors: Predictors | None, rules: Rules
) -> Replayed:
    """Make a decision again.

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
    made = _made(record, campaign, models, seated)
    found, kept = _columns(made), _recorded(record)
    compared = tuple(name for name in found if record.message_source != LIVE or name not in _WORDED)
    return Replayed(compared, tuple(name for name in compared if found[name] != kept[name]))


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
    if record.choice == NO_CONTACT and not record.violations:
        at_hand.pop("bank", None)
    lacking = [f"{what} {was} (here {here})" for what, (was, here) in at_hand.items() if was != here]
    if lacking:
        raise ArtifactError(
            f"decision {record.decision_id!r} was made with what is not at hand: {', '.join(lacking)}. "
            "Name the folders that hold it in MODEL_DIR, POLICY_DIR, BANK_DIR and CONFIG_DIR."
        )


def _made(
    record: DecisionRecord, campaign: Campaign | None, predictors: Predictors | None, rules: Rules
) -> Proposals:
    told: Mapping[str, float | str] = json.loads(str(record.features))
    customers = _customers(record, told)
    history = replace(
        ContactHistory.unseen(1),
        usual_risk=_number(told, "usual_risk"),
        units_used=_number(told, "units_used").astype(np.int64),
        days_since_accepted=np.array(
            [[float(told.get(f"days_since_accepted_{offer}", np.inf)) for offer in range(N_OFFERS)]]
        ),
        decisions_made=np.array([record.number]),
    )
    excluded = np.array(record.excluded, dtype=np.int64).reshape(1, N_CHOICES)
    gates = Standing(
        excluded,
        excluded == 0,
        np.array([campaign is not None and campaign.holds_out(record.customer_id)]),
        _number(told, "fatigue"),
        np.array([float(told.get("days_since_contact", np.inf))]),
    )
    decided_at = record.next_decision_at - timedelta(days=1 + record.delay_days)
    situation = Situation(history, campaign, 0, decided_at)
    heeds = _version(record) not in UNPROTECTED
    appraisal = valued(customers, situation, gates, predictors, rules, heeds_protection=heeds)
    chosen = explored(choose(appraisal, float(told["price"]), rules), appraisal)
    return proposals_of(chosen, appraisal, record.price, rules, _withheld(record))


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


def _columns(made: Proposals) -> dict[str, object]:
    """Give what was made, by the names of a record."""
    numbers = {name: _plain(getattr(made, name)) for name in _NUMBERS}
    return numbers | {
        "excluded": tuple(made.excluded[0].tolist()),
        "message": made.texts[0],
        "message_source": made.message_sources[0],
        "message_entry": made.message_entries[0],
        "violations": tuple(made.violations[0]),
        "send_at": made.send_at[0],
        "valid_until": made.valid_until[0],
        "next_decision_at": made.next_decision_at[0],
        "features": made.features[0],
        "policy": made.versions.policy,
    }


def _recorded(record: DecisionRecord) -> dict[str, object]:
    tuples: dict[str, Sequence[object]] = {"excluded": record.excluded, "violations": record.violations}
    kept = {name: getattr(record, name) for name in DecisionRecord.__slots__}
    return kept | {name: tuple(values) for name, values in tuples.items()}


def _plain(column: NDArray[np.float64]) -> object:
    value = column.tolist()[0]
    return None if value != value else value
