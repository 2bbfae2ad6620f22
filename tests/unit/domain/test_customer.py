"""Customers as columns, the field list, and what may be a name."""

import numpy as np
import pytest

from churn_saver.domain.customer import (
    FIELD_BY_NAME,
    FIELDS,
    ContactHistory,
    Customers,
    column_key,
    word_codes,
)
from churn_saver.errors import InputError


def customers(n: int, **changes: object) -> Customers:
    """Give n plain customers."""
    plain: dict[str, object] = {
        "ids": [f"C{i}" for i in range(n)],
        "names": [None] * n,
        "bill_minor": np.full(n, 5_000),
        "fields": {"tenure_months": np.arange(n, dtype=np.float32)},
        "churn_risk": np.full(n, np.nan),
        "contacts_last_7d": np.full(n, np.nan),
        "days_since_last_contact": np.full(n, np.nan),
        "time_zones": [None] * n,
        "countries": ["DE", "FR", "US", "JP"][:n],
        "channels": [None] * n,
        "opted_in": [None] * n,
    }
    return Customers(**(plain | changes))  # type: ignore[arg-type]


def test_field_names_and_aliases_are_unambiguous() -> None:
    """No two fields answer to the same folded column name."""
    keys = [
        column_key(name) for entry in FIELDS for name in {column_key(n) for n in (entry.name, *entry.aliases)}
    ]

    assert len(keys) == len(set(keys))


def test_words_have_their_index_under_every_spelling() -> None:
    """Telco's own spellings are among the synonyms."""
    codes = word_codes(FIELD_BY_NAME["payment_method"])

    assert codes["bank transfer (automatic)"] == codes["bank transfer"] == 2
    assert word_codes(FIELD_BY_NAME["online_security"])["no internet service"] == 0


def test_columns_of_unequal_length_are_refused() -> None:
    """A batch is a table."""
    with pytest.raises(InputError, match=r"lengths \[1, 2\]"):
        customers(2, names=[None])


def test_rows_are_taken_in_their_order() -> None:
    """Every column follows, and an absent field is all NaN."""
    taken = customers(4).take(np.array([3, 1]))

    assert (list(taken.ids), list(taken.countries)) == (["C3", "C1"], ["JP", "FR"])
    assert taken.column("tenure_months").tolist() == [3.0, 1.0]
    assert np.isnan(taken.column("support_tickets")).all()


def test_unseen_customers_have_no_history() -> None:
    """Nothing counted, never contacted, due; and rows can be taken."""
    history = ContactHistory.unseen(3).take(np.array([0, 2]))

    assert history.contacts_7d.tolist() == [0, 0]
    assert np.isinf(history.days_since_contact).all()
    assert history.days_since_accepted.tolist() == [[np.inf] * 4] * 2
    assert history.due.all()
    assert history.readable
