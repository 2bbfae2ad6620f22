"""Read every delivered message once more against what the ledger recorded."""

import polars as pl

from churn_saver import shield
from churn_saver.domain.customer import Customers
from churn_saver.domain.slots import facts_of


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
    sent = frame.filter("contact").select("customer_id", "message", "offer_percentage", "valid_until")
    found = []
    for customer_id, message, percent, valid_until in sent.iter_rows():
        facts = facts_of(customers, row_of[customer_id], percent, valid_until)
        found.append(shield.violations(message, facts, rules))
    return [codes for codes in found if codes]
