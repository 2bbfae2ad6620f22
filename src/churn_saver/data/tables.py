"""The documented tables as typed schemas, and the one reader for all of them.

    churn_train   who left: trains the risk model
    accept_train  which offer was accepted: trains the acceptance model
    customers     whom to decide about
    rlhf_pairs    which of two texts is the better message
    messages      a company's own drafts

Column names may be written in any case, with spaces or under an alias (`tenure`,
`MonthlyCharges`), or mapped by the caller. Knows nothing of folders: bytes are handed in.
"""

import io
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from churn_saver.data.checking.checked import Checked
from churn_saver.data.checking.streaming import Step, steps
from churn_saver.data.meaning.columns import (
    Column,
    Rule,
    Table,
    any_clears,
    country,
    draft,
    field,
    flag,
    identifier,
    instant,
    matching,
    nothing_refused,
    number,
    offer_percent,
    one_of,
    passage,
    person,
    required,
    yes_or_no,
    zone,
)
from churn_saver.data.reading.parsing import Sizes, header
from churn_saver.domain.customer import FIELDS, MAX_CONTACTS, MAX_DAYS_SINCE_CONTACT

__all__ = ["ACCEPT_TRAIN", "CHURN_TRAIN", "CUSTOMERS", "MESSAGES", "PAIRS", "TABLES"]
__all__ += ["Checked", "Table", "header", "read"]
MAX_MESSAGE_LENGTH = 1_000


def _other_fields(*taken: str) -> tuple[Column, ...]:
    return tuple(field(entry.name) for entry in FIELDS if entry.name not in taken)


_CHURN_RISK = number("churn_risk", "a probability from 0 to 1", 0, 1)
_PROPENSITY = number("propensity", "a probability above 0, up to 1", 0, 1, include_low=False)

CHURN_TRAIN = Table(
    "churn_train",
    (
        identifier("customer_id"),
        required(field("tenure_months")),
        required(field("monthly_spend")),
        required(field("support_tickets"), blank_ok=True),
        required(field("contract_type")),
        *_other_fields("tenure_months", "monthly_spend", "support_tickets", "contract_type"),
        required(flag("churned", aliases=("churn",))),
        flag("contacted"),
        _PROPENSITY,
        instant("logged_at"),
    ),
)
ACCEPT_TRAIN = Table(
    "accept_train",
    (
        identifier("customer_id", unique=False),
        required(offer_percent("offer_pct")),
        required(_CHURN_RISK),
        required(field("tenure_months")),
        required(flag("accepted")),
        _PROPENSITY,
        instant("logged_at"),
        *_other_fields("tenure_months"),
    ),
)
CUSTOMERS = Table(
    "customers",
    (
        identifier("customer_id"),
        person("name"),
        required(field("tenure_months")),
        required(field("monthly_spend")),
        *_other_fields("tenure_months", "monthly_spend"),
        _CHURN_RISK,
        number("contacts_last_7d", f"a whole number from 0 to {MAX_CONTACTS:,}", 0, MAX_CONTACTS, whole=True),
        number(
            "days_since_last_contact", f"days from 0 to {MAX_DAYS_SINCE_CONTACT:,}", 0, MAX_DAYS_SINCE_CONTACT
        ),
        zone("time_zone"),
        country("country"),
        one_of("channel", "email", "sms", "push"),
        yes_or_no("opted_in"),
        flag("churned", aliases=("churn",)),
    ),
)


PAIRS = Table(
    "rlhf_pairs",
    (required(passage("prompt")), required(passage("chosen")), required(passage("rejected"))),
    (
        Rule(
            "rejected",
            "another text than chosen",
            pl.col("chosen").str.strip_chars() == pl.col("rejected").str.strip_chars(),
        ),
    ),
)
MESSAGES = Table(
    "messages",
    (
        identifier("message_id"),
        required(draft("text", MAX_MESSAGE_LENGTH)),
        replace(offer_percent("offer_pct"), refuses=nothing_refused, clears=any_clears),
        matching("tone", "a word or two of at most 40 letters, such as warm", r"[\p{L} -]{1,40}"),
        one_of("channel", "email", "sms", "push"),
        matching(
            "language", "a language tag such as en or pt-BR", r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"
        ),
        field("contract_type"),
        one_of("review", "draft", "approved", "rejected"),
    ),
)
"""Drafts that a company wrote itself, one a row.

    message_id     required, found once
    text           required, 1 to 1,000 characters; facts stand in slots, those of `domain.slots`:
                   {name} {tenure} {offer} {plan} {duration} {valid_until}; no other brace
    offer_pct      0, 5, 10 or 15: the offer it is written for; blank: any
    tone           a word or two, such as warm or matter-of-fact
    channel        email, sms or push; blank: any
    language       a tag such as en or pt-BR
    contract_type  Month-to-month, One year or Two year; blank: any
    review         draft, approved or rejected; blank: approved, it is the company's own
"""
TABLES = {
    "churn": CHURN_TRAIN,
    "accept": ACCEPT_TRAIN,
    "customers": CUSTOMERS,
    "pairs": PAIRS,
    "messages": MESSAGES,
}
"""What a table is called where a person names it."""


def read(
    raw: bytes, file: str, table: Table, mapping: Mapping[str, str] | None = None, sizes: Sizes | None = None
) -> Checked:
    """Read and check a documented table as a whole.

    Args:
        raw: CSV (UTF-8; comma, semicolon or tab), JSON lines or Parquet, plain or gzip.
        file: Name of the file, for faults.
        table: What to expect.
        mapping: Canonical name → the file's own name, where names alone do not tell.
        sizes: How much is read at a time; it makes no difference to what is found.

    Raises:
        TableError: the file is no table, a required column is missing, or two columns mean the same.
        InputError: the mapping names a column that is not there.
    """
    every = list(steps(io.BytesIO(raw), file, table, mapping or {}, sizes or Sizes()))
    if every[-1].whole:
        # It says so once, not once for each part.
        return replace(_joined(every), faults=every[-1].checked.faults)
    return _joined(every)


def _joined(every: list[Step]) -> Checked:
    last = every[-1]
    parts = [step.checked for step in every]
    return Checked(
        pl.concat([part.frame for part in parts], rechunk=True).select(last.columns),
        pl.concat([part.rejects for part in parts], rechunk=True),
        tuple(fault for part in parts for fault in part.faults),
        last.checked.ignored,
    )
