"""The one definition of x."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.domain.customer import FIELDS, Customers, View
from churn_saver.errors import InputError
from churn_saver.tabular.features import (
    encode,
    feature_names,
    fields_of,
    missing_fields,
    names_of,
    require_known,
    seen_by,
)
from tests.builders import customers


def column(*values: float) -> np.ndarray:
    """Write a field's column."""
    return np.array(values, dtype=np.float32)


def drawn(seed: int, n: int) -> Customers:
    """Draw customers with every field, a fifth of the cells absent."""
    rng = np.random.default_rng(seed)
    fields = {}
    for field in FIELDS:
        values = rng.integers(0, len(field.words), n) if field.words else rng.gamma(2, 30, n)
        fields[field.name] = np.where(rng.random(n) < 0.2, np.nan, values).astype(np.float32)
    return customers(n, fields=fields)


def test_a_field_of_words_is_one_column_a_word() -> None:
    """A two-year contract is 0, 0, 1; an absent one is NaN in all three columns; numbers stay."""
    who = customers(2, fields={"contract_type": column(2, np.nan), "tenure_months": column(7, 8)})
    names = names_of(("tenure_months", "contract_type"))

    x = encode(who, names)

    assert names == (
        "tenure_months", "contract_type=month-to-month", "contract_type=one year", "contract_type=two year",
    )  # fmt: skip
    np.testing.assert_array_equal(x, [[7, 0, 0, 1], [8, np.nan, np.nan, np.nan]])


def test_a_yes_or_no_field_is_one_column() -> None:
    """No is 0, yes is 1, absent is NaN."""
    who = customers(3, fields={"tech_support": column(0, 1, np.nan)})

    np.testing.assert_array_equal(encode(who, ("tech_support",))[:, 0], [0, 1, np.nan])


def test_a_field_nobody_sent_is_absent() -> None:
    """A customer without the column encodes to NaN, not to 0."""
    x = encode(customers(1, fields={}), ("total_charges", "payment_method=mailed check"))

    assert np.isnan(x).all()
    assert x.dtype == np.float32


def test_protected_fields_are_inputs_only_when_allowed() -> None:
    """23 columns without, 27 with gender, age, partner and dependents."""
    plain, all_of_them = feature_names(False), feature_names(True)

    assert len(plain) == 23
    assert set(all_of_them) - set(plain) == {"gender", "senior_citizen", "partner", "dependents"}


def test_fields_of_names_inverts_names_of_fields() -> None:
    """Every field comes back once, in its order."""
    assert fields_of(feature_names(True)) == tuple(field.name for field in FIELDS)


def test_a_caller_sends_only_the_fields_of_its_view() -> None:
    """/retain sends two fields, /predict two more, a table all of them."""
    who = drawn(0, 3)

    assert set(seen_by(who, View.RETAIN).fields) == {"tenure_months", "monthly_spend"}
    assert set(seen_by(who, View.PREDICT).fields) - set(seen_by(who, View.RETAIN).fields) == {
        "contract_type", "payment_method",
    }  # fmt: skip
    assert seen_by(who, View.TABLE).fields.keys() == who.fields.keys()
    assert seen_by(who, View.PROTECTED).fields.keys() == who.fields.keys()


def test_missing_fields_are_named_once() -> None:
    """A field is missing when its column is not there or holds no value."""
    who = customers(2, fields={"tenure_months": column(1, 2), "contract_type": column(np.nan, np.nan)})

    missing = missing_fields(who, names_of(("tenure_months", "contract_type", "tech_support")))

    assert missing == ("contract_type", "tech_support")


def test_an_unknown_column_is_refused() -> None:
    """The message names the column and the command that makes fresh models."""
    require_known(feature_names(True))

    with pytest.raises(InputError, match=r"unknown features shoe_size, .* `make train-risk`"):
        require_known(("tenure_months", "shoe_size"))


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.booleans())
def test_a_row_alone_has_the_bits_it_has_in_a_table(seed: int, row: int, allow_protected: bool) -> None:
    """Alone, in a run of rows and in the whole table a customer encodes to the same bits."""
    who, names = drawn(seed, 41), feature_names(allow_protected)

    whole = encode(who, names).view(np.uint32)
    alone = encode(who.take(np.array([row])), names).view(np.uint32)
    part = encode(who, names, slice(row, 41)).view(np.uint32)

    np.testing.assert_array_equal(whole[[row]], alone)
    np.testing.assert_array_equal(whole[row:], part)


@given(st.integers(0, 2**32 - 1))
def test_exactly_one_word_column_is_hot(seed: int) -> None:
    """The columns of a field of words sum to 1 where it is known and are all NaN where not."""
    who = drawn(seed, 20)

    x = encode(who, names_of(("payment_method",)))

    known = ~np.isnan(who.fields["payment_method"])
    assert (x[known].sum(axis=1) == 1).all()
    assert np.isnan(x[~known]).all()
