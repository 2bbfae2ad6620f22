"""What is an id of a customer, and when two are the same: one rule for all doors and for the books.

Knows no customer.
"""

import unicodedata

from churn_saver.domain.customer import MAX_ID_LENGTH
from churn_saver.errors import InputError, quoted


def checked_id(raw: str) -> str:
    """Take a customer's id as tables, requests and commands mean it: one spelling, nothing around it.

    Letters that Unicode can write in two ways become one (NFC), so that nobody is two customers; capitals and
    leading zeros are the caller's own.

    Raises:
        InputError: blank, too long, or with a sign in it that nobody sees.
    """
    one = unicodedata.normalize("NFC", raw.strip())
    unseen = any(unicodedata.category(sign).startswith("C") for sign in one)
    if not 1 <= len(one) <= MAX_ID_LENGTH or unseen:
        raise InputError(
            f"customer id is {quoted(raw)}, wanted 1 to {MAX_ID_LENGTH} characters, none of them invisible"
        )
    return one


def spellings(customer_id: str) -> tuple[str, ...]:
    """Give the ways in which an id may stand in books older than `checked_id`; its own form first."""
    if customer_id.isascii():
        return (customer_id,)
    forms = (unicodedata.normalize(form, customer_id) for form in ("NFC", "NFD"))
    return tuple(dict.fromkeys((*forms, customer_id)))
