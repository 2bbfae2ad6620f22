"""Judge a decided text once more, directly before it goes out, by the rules of this moment.

A text was shielded when it was decided. Since then a phrase may have been banned, or a row of the books
changed by hand: what is about to be sent is held against the facts that the books keep of its decision.
Knows no sender, and keeps nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from churn_saver import shield
from churn_saver.domain.action import OFFER_PERCENTS, Action
from churn_saver.domain.artefacts import Artefact, tried
from churn_saver.domain.proposal import LIVE
from churn_saver.domain.slots import CONTRACTS, Facts
from churn_saver.domain.waiting import Waiting
from churn_saver.errors import Erased, InputError
from churn_saver.store import DecisionRecord, Store


@dataclass(frozen=True, slots=True)
class Recheck:
    """The shield with what it needs to know of a decision that was recorded."""

    store: Store
    rules: shield.Rules
    """Of the settings as they are now; the channel is the message's own."""

    def __call__(self, message: Waiting) -> tuple[str, ...]:
        """Give the codes of all rules that a text breaks; empty: it may be sent.

        Raises:
            Erased: the customer was forgotten in between.
            InputError: the row of the decision was changed, so that nobody can say what it promised.
            Unusable: the shield's classifier raised.
            LedgerUnavailable: the ledger does not answer.
        """
        record = self.store.decision(message.decision_id)
        rules = replace(
            self.rules,
            channel=message.channel or self.rules.channel,
            unreviewed=record.message_source == LIVE,
        )
        facts = facts_of_record(record)
        return tried(Artefact.TOXICITY, lambda: shield.violations(message.message, facts, rules))


def facts_of_record(record: DecisionRecord) -> Facts:
    """Give what the text of a recorded contact may state.

    Raises:
        Erased: its personal fields are gone.
        InputError: what the books hold of it is not what a decision writes.
    """
    if record.features is None:
        raise Erased(
            f"the text of decision {record.decision_id!r} cannot be judged: its customer was erased. "
            "It is not sent."
        )
    try:
        told: Mapping[str, float | str] = json.loads(record.features)
        tenure, contract = told.get("tenure_months"), told.get("contract_type")
        percent = OFFER_PERCENTS[Action.of_choice(record.choice).offer_idx]
        return Facts(
            name=record.name,
            tenure_months=None if tenure is None else int(tenure),
            offer_percent=percent,
            contract=None if contract is None else CONTRACTS[int(contract)],
            valid_until=record.valid_until if percent else None,
        )
    # Their texts would repeat what stands there.
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise InputError(
            f"the text of decision {record.decision_id!r} cannot be judged: its row was changed by hand "
            f"({type(error).__name__}). Bring the ledger back from a copy, or erase the customer."
        ) from None
