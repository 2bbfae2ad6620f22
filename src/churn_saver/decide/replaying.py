"""Make a recorded decision again, out of its record, and say where the two differ: nowhere, to the bit.

Scores, worths, choice, draws, text and money are worked out anew on rebuilt premises (`rebuilding`). That
needs the very predictors, policy, settings and bank, each named in the record by its hash, and the personal
fields, which erasure takes away. A live text was written once and is not made again. Writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from churn_saver.decide.rebuilding import Premises, premises_of
from churn_saver.domain.campaign import Campaign
from churn_saver.domain.proposal import LIVE, Proposals
from churn_saver.journey import Rules
from churn_saver.store import DecisionRecord
from churn_saver.tabular.predictors import Predictors

_NUMBERS = (
    "choice", "intended", "reasons", "probability", "arm_probability", "message_probability", "churn_risk",
    "accept_prob", "expected_value", "retention_prob", "needs_minor", "contact_minor", "delay_days",
)  # fmt: skip
_WORDED = ("message", "message_source", "message_entry", "message_probability", "violations")
"""What a live writer has a part in."""


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
    return replayed(record, premises_of(record, campaign, predictors, rules))


def replayed(record: DecisionRecord, premises: Premises) -> Replayed:
    """Make a decision again on its rebuilt premises, as `replay`."""
    appraisal = premises.appraised()
    made = premises.proposed(premises.wanted(appraisal), appraisal, record.price)
    found, kept = _columns(made), _recorded(record)
    compared = tuple(name for name in found if record.message_source != LIVE or name not in _WORDED)
    return Replayed(compared, tuple(name for name in compared if found[name] != kept[name]))


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
