"""Work out the figures of a decision report from the decisions themselves.

Pure: a frame with the columns of decisions.parquet in, figures out; the screen and the page show
these and work out none of their own. Money is in minor units but for `expected_value`, which is in
currency units in the frame too. What nobody knows (no score, no worth) is None, never 0.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.domain.action import OFFER_PERCENTS
from churn_saver.domain.customer import FIELDS, Customers, View
from churn_saver.errors import InputError

QUANTILES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
PROTECTED = tuple(entry.name for entry in FIELDS if entry.view is View.PROTECTED)
HOLDOUT_ARM = "holdout"
_WORD = re.compile(r"[a-z0-9_]+")
_NEEDED = (
    "customer_id", "contact", "offer_percentage", "reserved_minor", "churn_risk", "accept_prob",
    "expected_value", "reason", "arm", "policy", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferLine:
    """All contacts with one offer."""

    percent: int
    customers: int
    reserved_minor: int
    expected_spend_minor: float | None
    expected_value: float | None
    mean_risk: float | None
    mean_accept: float | None


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """How many customers are not contacted for one reason."""

    reason: str
    """Name of the flag in small letters; see `domain.action.Reason`."""
    customers: int


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Contacts and discounts in one group of a protected column."""

    column: str
    word: str
    """The column's word, 'not given' where it is empty."""
    customers: int
    contacted: int
    discounted: int
    """Contacted with a discount above 0 %."""
    mean_risk: float | None

    @property
    def contact_rate(self) -> float:
        """Share of the group that is contacted."""
        return self.contacted / self.customers

    @property
    def discount_rate(self) -> float:
        """Share of the group that is offered a discount."""
        return self.discounted / self.customers


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run."""

    customers: int
    contacted: int
    held_out: int
    """Customers in the holdout arm: scored, never contacted."""
    limit_minor: int
    reserved_minor: int
    """Most that the contacts of this run can cost."""
    expected_spend_minor: float | None
    """Contact cost, and the discount times its chance to be accepted."""
    expected_value: float | None
    """Expected margin kept against doing nothing, expected cost taken off, currency units."""
    ledger_minor: int | None
    """Reserved and spent in the whole campaign by the ledger's own sum; None: not asked."""
    offers: tuple[OfferLine, ...]
    """One line an offer of the ladder, in its order, empty ones too."""
    reasons: tuple[ReasonLine, ...]
    """Most frequent first; a customer with several reasons is counted at each."""
    groups: tuple[GroupLine, ...]
    mean_risk: float | None
    mean_risk_contacted: float | None
    mean_risk_others: float | None
    risk_quantiles: tuple[tuple[float, float], ...]
    """(share of customers at or below, churn risk); empty without scores."""
    policies: tuple[str, ...]
    currency: str

    @property
    def not_contacted(self) -> int:
        """Customers without a contact."""
        return self.customers - self.contacted


def summarise(
    frame: pl.DataFrame,
    limit_minor: int,
    contact_cost_minor: int,
    ledger_minor: int | None = None,
    protected: pl.DataFrame | None = None,
) -> Summary:
    """Work out the figures of one run.

    Args:
        frame: Decisions, one row a customer, columns as in decisions.parquet.
        limit_minor: Limit of the campaign.
        contact_cost_minor: Part of each reservation that is spent when the message is sent.
        ledger_minor: Reserved and spent in the whole campaign by the ledger's own sum.
        protected: customer_id and protected columns, for contact and offer rates by group.

    Raises:
        InputError: the frame lacks a column; names all that are missing.
    """
    missing = [name for name in _NEEDED if name not in frame.columns]
    if missing:
        raise InputError(
            f"decisions lack the columns {', '.join(missing)}, found {', '.join(frame.columns)}; "
            "hand in the frame that decisions.parquet is written from"
        )
    known = _with_unknown_as_null(frame, contact_cost_minor)
    contacts, others = known.filter("contact"), known.filter(~pl.col("contact"))
    return Summary(
        customers=len(known),
        contacted=len(contacts),
        held_out=int((known["arm"] == HOLDOUT_ARM).sum()),
        limit_minor=limit_minor,
        reserved_minor=int(known["reserved_minor"].sum()),
        expected_spend_minor=_total(contacts["expected_spend"]),
        expected_value=_total(contacts["expected_value"]),
        ledger_minor=ledger_minor,
        offers=tuple(_offer_line(contacts, percent) for percent in OFFER_PERCENTS),
        reasons=_reasons(others),
        groups=() if protected is None else _groups(known, protected),
        mean_risk=_mean(known["churn_risk"]),
        mean_risk_contacted=_mean(contacts["churn_risk"]),
        mean_risk_others=_mean(others["churn_risk"]),
        risk_quantiles=_quantiles(known["churn_risk"]),
        policies=tuple(known["policy"].drop_nulls().unique().sort().to_list()),
        currency=str(known["currency"][0]) if len(known) else "",
    )


def choices(frame: pl.DataFrame) -> NDArray[np.int8]:
    """Give the decisions as choices 0..4 of `domain.action`, (n,)."""
    ladder = {percent: 1 + rung for rung, percent in enumerate(OFFER_PERCENTS)}
    column = frame.select(
        pl.when("contact").then(pl.col("offer_percentage").replace_strict(ladder, default=0)).otherwise(0)
    )
    return column.to_series().cast(pl.Int8).to_numpy()


def protected_columns(customers: Customers) -> pl.DataFrame | None:
    """Give the protected columns of a table as words; None where nobody sent one."""
    columns: dict[str, Sequence[str | None]] = {}
    for entry in FIELDS:
        codes = customers.column(entry.name)
        if entry.view is View.PROTECTED and not np.isnan(codes).all():
            columns[entry.name] = [
                None if code != code else entry.words[int(code)] for code in codes.tolist()
            ]
    return pl.DataFrame({"customer_id": list(customers.ids), **columns}) if columns else None


def _with_unknown_as_null(frame: pl.DataFrame, contact_cost_minor: int) -> pl.DataFrame:
    """Turn NaN and infinite figures into null, and add what each contact is expected to spend."""
    figures = [pl.col(name).cast(pl.Float64) for name in ("churn_risk", "accept_prob", "expected_value")]
    known = frame.with_columns(pl.when(figure.is_finite()).then(figure) for figure in figures)
    discount = pl.col("reserved_minor") - contact_cost_minor
    expected = (
        pl.when(discount > 0).then(contact_cost_minor + pl.col("accept_prob") * discount)
        .otherwise(pl.col("reserved_minor").cast(pl.Float64))
    )  # fmt: skip
    return known.with_columns(expected_spend=expected)


def _offer_line(contacts: pl.DataFrame, percent: int) -> OfferLine:
    chosen = contacts.filter(pl.col("offer_percentage") == percent)
    return OfferLine(
        percent=percent,
        customers=len(chosen),
        reserved_minor=int(chosen["reserved_minor"].sum()),
        expected_spend_minor=_total(chosen["expected_spend"]),
        expected_value=_total(chosen["expected_value"]),
        mean_risk=_mean(chosen["churn_risk"]),
        mean_accept=_mean(chosen["accept_prob"]),
    )


def _reasons(others: pl.DataFrame) -> tuple[ReasonLine, ...]:
    """Count every reason; what joins several in one cell does not matter."""
    counted: Counter[str] = Counter()
    for cell, n in others.group_by(pl.col("reason").fill_null("")).len().iter_rows():
        for word in set(_WORD.findall(cell)):
            counted[word] += n
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ReasonLine(reason, n) for reason, n in ordered)


def _groups(known: pl.DataFrame, protected: pl.DataFrame) -> tuple[GroupLine, ...]:
    columns = [name for name in PROTECTED if name in protected.columns]
    joined = known.join(protected.select("customer_id", *columns), on="customer_id", how="left")
    lines = []
    for column in columns:
        word = pl.col(column).cast(pl.String).fill_null("not given").alias("word")
        counted = joined.group_by(word).agg(
            customers=pl.len(),
            contacted=pl.col("contact").sum(),
            discounted=(pl.col("contact") & (pl.col("offer_percentage").fill_null(0) > 0)).sum(),
            mean_risk=pl.col("churn_risk").mean(),
        )
        lines += [GroupLine(column, **row) for row in counted.sort("word").iter_rows(named=True)]
    return tuple(lines)


def _quantiles(risk: pl.Series) -> tuple[tuple[float, float], ...]:
    scores = risk.drop_nulls().to_numpy()
    if not len(scores):
        return ()
    return tuple((share, float(np.quantile(scores, share))) for share in QUANTILES)


def _total(column: pl.Series) -> float | None:
    """Add up; None where a single one is not known, 0 where there is nothing to add."""
    return None if column.null_count() else float(column.sum())


def _mean(column: pl.Series) -> float | None:
    known = column.drop_nulls()
    return float(known.to_numpy().mean()) if len(known) else None
