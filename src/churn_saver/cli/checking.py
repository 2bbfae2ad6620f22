"""Read every delivered message once more against what the ledger recorded."""

from datetime import date

import numpy as np
import polars as pl

from churn_saver import shield
from churn_saver.domain.customer import FIELD_BY_NAME, Customers
from churn_saver.domain.slots import Facts


def blocked_messages(frame: pl.DataFrame, customers: Customers, rules: shield.Rules) -> list[tuple[str, ...]]:
    """Judge the delivered messages by the recorded offers and the table's own facts.

    Args:
        frame: Decisions as read back from the ledger.
        customers: The table that was decided for.
        rules: Of the shield.

    Returns:
        Violations of each message that the shield would stop; empty when all pass.
    """
    row_of = {name: row for row, name in enumerate(customers.ids)}
    tenures, contracts = customers.column("tenure_months"), customers.column("contract_type")
    words = FIELD_BY_NAME["contract_type"].words
    sent = frame.filter("contact").select("customer_id", "message", "offer_percentage", "valid_until")
    found = []
    for customer_id, message, percent, valid_until in sent.iter_rows():
        row = row_of[customer_id]
        tenure, contract = tenures[row], contracts[row]
        facts = Facts(
            name=customers.names[row],
            tenure_months=None if np.isnan(tenure) else int(tenure),
            offer_percent=int(percent),
            contract=None if np.isnan(contract) else words[int(contract)],
            valid_until=valid_until if isinstance(valid_until, date) else None,
        )
        found.append(shield.violations(message, facts, rules))
    return [codes for codes in found if codes]
