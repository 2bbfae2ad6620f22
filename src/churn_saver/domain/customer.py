"""Customers as columns, and the one list of fields that tables, requests and features share.

A column is float32 with NaN where the caller sent nothing; a word is stored as its index in the
field's vocabulary. Rows are customers, so one request is a table of one row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from churn_saver.domain.action import N_OFFERS
from churn_saver.errors import InputError

MAX_TENURE_MONTHS = 1_200
MAX_MONTHLY_SPEND = 1_000_000.0
MAX_ID_LENGTH = 128
MAX_CONTACTS = 10_000
MAX_DAYS_SINCE_CONTACT = 36_500


class View(Enum):
    """Which callers send a field; the risk model is trained on each view of every row."""

    RETAIN = "retain"
    """In both documented requests."""
    PREDICT = "predict"
    """In /predict's request only."""
    TABLE = "table"
    """Only in whole tables."""
    PROTECTED = "protected"
    """Reported on, an input only with `allow_protected`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input field: a number within bounds, or one word of a vocabulary."""

    name: str
    view: View
    wanted: str
    """What a valid value is, for error messages."""
    words: tuple[str, ...] = ()
    """Canonical words in order; empty for a number."""
    synonyms: Mapping[str, str] = field(default_factory=dict)
    low: float = 0.0
    high: float = 1e9
    aliases: tuple[str, ...] = ()
    """Other column names that mean the same, compared as `column_key` does."""


_YES_NO = ("no", "yes")
_BOOL = {"0": "no", "1": "yes", "false": "no", "true": "yes"}
_NO_LINE = {"no internet service": "no", "no phone service": "no", **_BOOL}


def _flag(name: str, alias: str, view: View = View.TABLE) -> Field:
    return Field(name, view, "Yes or No", _YES_NO, _NO_LINE, aliases=(alias,))


FIELDS: tuple[Field, ...] = (
    Field(
        "tenure_months",
        View.RETAIN,
        f"months from 0 to {MAX_TENURE_MONTHS}",
        high=MAX_TENURE_MONTHS,
        aliases=("tenure",),
    ),
    Field(
        "monthly_spend",
        View.RETAIN,
        f"currency units from 0 to {MAX_MONTHLY_SPEND:,.0f}",
        high=MAX_MONTHLY_SPEND,
        aliases=("monthly_charges",),
    ),
    Field(
        "contract_type",
        View.PREDICT,
        "Month-to-month, One year or Two year",
        ("month-to-month", "one year", "two year"),
        {
            "monthly": "month-to-month",
            "month to month": "month-to-month",
            "1 year": "one year",
            "one-year": "one year",
            "2 year": "two year",
            "two-year": "two year",
        },
        aliases=("contract",),
    ),
    Field(
        "payment_method",
        View.PREDICT,
        "Electronic check, Mailed check, Bank transfer or Credit card",
        ("electronic check", "mailed check", "bank transfer", "credit card"),
        {"bank transfer (automatic)": "bank transfer", "credit card (automatic)": "credit card"},
    ),
    Field("total_charges", View.TABLE, "currency units of 0 or more", high=1e9),
    Field("support_tickets", View.TABLE, "a count from 0 to 10,000", high=10_000),
    _flag("paperless_billing", "PaperlessBilling"),
    _flag("phone_service", "PhoneService"),
    _flag("multiple_lines", "MultipleLines"),
    Field(
        "internet_service",
        View.TABLE,
        "DSL, Fiber optic or No",
        ("no", "dsl", "fiber optic"),
        {"fibre optic": "fiber optic", "fiber": "fiber optic", "fibre": "fiber optic"},
        aliases=("InternetService",),
    ),
    _flag("online_security", "OnlineSecurity"),
    _flag("online_backup", "OnlineBackup"),
    _flag("device_protection", "DeviceProtection"),
    _flag("tech_support", "TechSupport"),
    _flag("streaming_tv", "StreamingTV"),
    _flag("streaming_movies", "StreamingMovies"),
    Field("gender", View.PROTECTED, "Female or Male", ("female", "male")),
    _flag("senior_citizen", "SeniorCitizen", View.PROTECTED),
    _flag("partner", "Partner", View.PROTECTED),
    _flag("dependents", "Dependents", View.PROTECTED),
)
FIELD_BY_NAME: Mapping[str, Field] = {entry.name: entry for entry in FIELDS}


def column_key(name: str) -> str:
    """Fold a column name so that `MonthlyCharges`, `monthly charges` and `monthly_charges` agree."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def word_key(word: str) -> str:
    """Fold a word so that case and doubled spaces do not matter."""
    return " ".join(word.lower().split())


def word_codes(entry: Field) -> dict[str, int]:
    """Map every accepted spelling of a word field, folded by `word_key`, to its index."""
    codes = {word: code for code, word in enumerate(entry.words)}
    return codes | {other: codes[word] for other, word in entry.synonyms.items() if word in codes}


@dataclass(frozen=True, slots=True)
class Customers:
    """n customers, as columns, already checked at the edge."""

    ids: Sequence[str]
    """Customer ids, (n,)."""
    names: Sequence[str | None]
    """Cleaned names, (n,)."""
    bill_minor: NDArray[np.int64]
    """Next monthly bill in minor units, (n,)."""
    fields: Mapping[str, NDArray[np.float32]]
    """Columns by `Field.name`, each (n,), NaN where absent; a field nobody sent has no column."""
    churn_risk: NDArray[np.float64]
    """The caller's own 30-day churn probability, (n,), NaN: predict it."""
    contacts_last_7d: NDArray[np.float64]
    """The caller's own count, (n,), NaN: not said."""
    days_since_last_contact: NDArray[np.float64]
    """The caller's own figure, (n,), NaN: not said."""
    time_zones: Sequence[str | None]
    """IANA zone of the recipient, (n,)."""
    countries: Sequence[str | None]
    """ISO 3166 alpha-2 code of where the recipient lives, (n,); looked at where the zone is not known."""
    channels: Sequence[str | None]
    """How the caller will send a message, email, sms or push, (n,); None: as serve.yaml says."""
    opted_in: Sequence[bool | None]
    """Consent as the caller states it, (n,); None: not said."""

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        named = (getattr(self, name) for name in self.__slots__ if name != "fields")
        sizes = {len(column) for column in (*named, *self.fields.values())}
        if len(sizes) != 1:
            raise InputError(f"customer columns have lengths {sorted(sizes)}, wanted one length")

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.ids)

    def column(self, name: str) -> NDArray[np.float32]:
        """Give a field's column, all NaN where nobody sent it."""
        found = self.fields.get(name)
        return np.full(len(self), np.nan, dtype=np.float32) if found is None else found

    def take(self, rows: NDArray[np.int64]) -> "Customers":
        """Give the customers at the row numbers, in their order."""
        return Customers(
            ids=[self.ids[i] for i in rows],
            names=[self.names[i] for i in rows],
            bill_minor=self.bill_minor[rows],
            fields={name: column[rows] for name, column in self.fields.items()},
            churn_risk=self.churn_risk[rows],
            contacts_last_7d=self.contacts_last_7d[rows],
            days_since_last_contact=self.days_since_last_contact[rows],
            time_zones=[self.time_zones[i] for i in rows],
            countries=[self.countries[i] for i in rows],
            channels=[self.channels[i] for i in rows],
            opted_in=[self.opted_in[i] for i in rows],
        )


@dataclass(frozen=True, slots=True)
class ContactHistory:
    """What the store knows of n customers, as columns; the caller can tighten it, never loosen it."""

    readable: bool
    """False when the store could not be read: every gate then counts as closed."""
    suppressed: NDArray[np.bool_]
    opted_out: NDArray[np.bool_]
    contacts_7d: NDArray[np.int64]
    contacts_30d: NDArray[np.int64]
    contacts_period: NDArray[np.int64]
    """Contacts in the campaign's current fixed 30-day period, (n,)."""
    days_since_contact: NDArray[np.float64]
    """Days since the last contact, (n,), inf: never."""
    days_since_accepted: NDArray[np.float64]
    """Days since each offer of the ladder was last accepted, in any campaign, (n, 4), inf: never."""
    units_used: NDArray[np.int64]
    """Allowance units accepted or reserved in the campaign, (n,)."""
    usual_risk: NDArray[np.float64]
    """Median of the customer's own stored scores, (n,), NaN: never seen."""
    decisions_made: NDArray[np.int64]
    """Decisions already recorded for the customer in the campaign, (n,)."""
    due: NDArray[np.bool_]
    """A batch may decide now: `next_decision_at` of the customer's last decision in the campaign
    has come, or there is none, (n,). An event on the service decides anew whatever this says."""

    @classmethod
    def unseen(cls, n: int, readable: bool = True) -> "ContactHistory":
        """Say what is known of n customers that the store has never seen."""
        zeros = np.zeros(n, dtype=np.int64)
        return cls(
            readable=readable,
            suppressed=np.zeros(n, dtype=np.bool_), opted_out=np.zeros(n, dtype=np.bool_),
            contacts_7d=zeros, contacts_30d=zeros, contacts_period=zeros,
            days_since_contact=np.full(n, np.inf), days_since_accepted=np.full((n, N_OFFERS), np.inf),
            units_used=zeros,
            usual_risk=np.full(n, np.nan), decisions_made=zeros, due=np.ones(n, dtype=np.bool_),
        )  # fmt: skip

    def take(self, rows: NDArray[np.int64]) -> "ContactHistory":
        """Give the rows at the row numbers, in their order."""
        return ContactHistory(
            self.readable,
            *(getattr(self, name)[rows] for name in self.__slots__ if name != "readable"),
        )
