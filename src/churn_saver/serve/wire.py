"""What callers send: the two documented requests, read into the core's own `Customers`.

Names, words and bounds come from `domain.customer.FIELDS`, so a request and a table mean the same.
A field may be sent under its canonical name, an alias or the original Telco name, in any case;
a field that nobody knows is refused, since a typing error would otherwise cost a feature silently.
Knows nothing of models, budgets or the store.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from zoneinfo import available_timezones

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator

from churn_saver.domain import customer as known
from churn_saver.domain.countries import country_code
from churn_saver.domain.customer import Customers, View
from churn_saver.domain.identifiers import checked_id
from churn_saver.domain.money import to_minor
from churn_saver.domain.names import clean_name
from churn_saver.errors import InputError
from churn_saver.serve.fields import WANTED, given

Number = TypeVar("Number", np.float32, np.float64)


def identifier(raw: str) -> str:
    """Take an id by `domain.identifiers.checked_id`.

    Raises:
        ValueError: blank, or with a sign in it that nobody sees, or too long.
    """
    try:
        return checked_id(raw)
    except InputError:
        raise ValueError(
            "has an invisible character in it, or too many" if raw.strip() else "blank"
        ) from None


def _event(raw: str | None) -> str | None:
    return None if raw is None else identifier(raw)


def _name(raw: str | None) -> str | None:
    try:
        return None if raw is None else clean_name(raw)
    except InputError as error:
        raise ValueError(str(error)) from None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(name: str | None) -> str | None:
    if name is not None and name not in _zones():
        raise ValueError("unknown time zone")
    return name


def _country(raw: str | None) -> str | None:
    try:
        return None if raw is None else country_code(raw)
    except InputError:
        raise ValueError("unknown country") from None


class CustomerRequest(BaseModel):
    """What both documented requests may hold besides the fields of `domain.customer.FIELDS`."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    customer_id: Annotated[str, AfterValidator(identifier)] = Field(
        min_length=1,
        max_length=known.MAX_ID_LENGTH,
        description="Your own id of the customer. The cooldown, the caps and the holdout belong to it.",
    )
    name: Annotated[str | None, AfterValidator(_name)] = Field(
        None, description=f"For the greeting: {WANTED['name']}. Without it the greeting is 'Hello'."
    )
    event_id: Annotated[str | None, AfterValidator(_event)] = Field(
        None,
        max_length=known.MAX_ID_LENGTH,
        description="Your own id of what happened. The same customer and event are decided once: for 48 "
        "hours the same request gets the same answer again, as under an Idempotency-Key.",
    )
    time_zone: Annotated[str | None, AfterValidator(_zone)] = Field(
        None,
        description="IANA zone of the recipient: quiet hours are in it. Without it the country tells, and "
        "without both the company's zone.",
    )
    country: Annotated[str | None, AfterValidator(_country)] = Field(
        None,
        max_length=16,
        description=f"Where the recipient lives: {WANTED['country']}. Without a time zone a message goes out "
        "in hours that are day in all zones of the country.",
    )
    channel: Literal["email", "sms", "push"] | None = Field(
        None,
        description="How you will send the message; null: as the service is set. The text is written for it, "
        "the decision is the same on each.",
    )
    opted_in: bool | None = Field(
        None,
        description="Consent as you know it: false is kept, rules out this contact and all later ones, and "
        "holds back what waits to be sent; true never takes that back.",
    )
    churn_risk: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Your own probability that the customer leaves within 30 days; else predicted.",
    )
    contacts_last_7d: float | None = Field(
        None,
        ge=0,
        le=known.MAX_CONTACTS,
        multiple_of=1,
        description="Messages you sent in the last 7 days; the larger of this and our own count holds.",
    )
    days_since_last_contact: float | None = Field(
        None,
        ge=0,
        le=known.MAX_DAYS_SINCE_CONTACT,
        description="Days since your last message; the smaller of this and our own holds. null: never.",
    )

    @model_validator(mode="before")
    @classmethod
    def _under_our_names(cls, raw: object) -> object:
        """Rename what is sent under another accepted name; what nobody knows is left to be refused."""
        if not isinstance(raw, dict):
            return raw
        names, renamed = _accepted(cls), {}
        for sent, value in raw.items():
            name = names.get(known.column_key(sent), sent)
            if name in renamed:
                raise ValueError(f"{name} is there twice, under different names")
            renamed[name] = value
        return renamed


@lru_cache(maxsize=8)
def _accepted(kind: type[CustomerRequest]) -> Mapping[str, str]:
    """Map every accepted name, folded by `column_key`, to the name in the model's schema."""
    shown = {name: info.alias or name for name, info in kind.model_fields.items()}
    names = {known.column_key(name): name for name in shown.values()}
    for entry in known.FIELDS:
        names |= {known.column_key(name): shown[entry.name] for name in (entry.name, *entry.aliases)}
    return names


_NEEDED = ("tenure_months", "monthly_spend")
_CHURNED = known.Field("churned", View.TABLE, "Yes or No", ("no", "yes"), {"0": "no", "1": "yes"})
"""Accepted, so that a row of the Telco table can be sent as it is, and ignored: it is the outcome."""


def _request(title: str, doc: str, original_names: bool) -> type[CustomerRequest]:
    """Build a request; with `original_names` fields are shown under their first alias."""
    fields: dict[str, Any] = {
        entry.name: given(
            entry, entry.aliases[0] if original_names and entry.aliases else entry.name, entry.name in _NEEDED
        )
        for entry in known.FIELDS
    }
    fields["churned"] = given(_CHURNED, "Churn" if original_names else "churned", needed=False)
    return create_model(title, __base__=CustomerRequest, __doc__=doc, **fields)


if TYPE_CHECKING:

    class RetainRequest(CustomerRequest):
        """POST /retain."""

    class PredictRequest(CustomerRequest):
        """POST /predict."""

else:
    RetainRequest = _request("RetainRequest", "One event of one customer.", original_names=False)
    PredictRequest = _request(
        "PredictRequest", "One customer, with as many columns as are known.", original_names=True
    )


def to_customers(request: CustomerRequest) -> Customers:
    """Turn a request into a table of one row.

    Args:
        request: Of either kind.
    """
    return to_table([request])


def to_table(requests: Sequence[CustomerRequest]) -> Customers:
    """Turn requests into a table, row by row; a field that nobody sent has no column.

    Args:
        requests: Of either kind, (n,).
    """
    columns = {entry.name: [getattr(one, entry.name) for one in requests] for entry in known.FIELDS}
    return Customers(
        ids=[one.customer_id for one in requests],
        names=[one.name for one in requests],
        bill_minor=np.array([to_minor(bill, "monthly_spend") for bill in columns["monthly_spend"]], np.int64),
        fields={
            name: _column(values, np.float32)
            for name, values in columns.items()
            if any(value is not None for value in values)
        },
        churn_risk=_column([one.churn_risk for one in requests], np.float64),
        contacts_last_7d=_column([one.contacts_last_7d for one in requests], np.float64),
        days_since_last_contact=_column([one.days_since_last_contact for one in requests], np.float64),
        time_zones=[one.time_zone for one in requests],
        countries=[one.country for one in requests],
        channels=[one.channel for one in requests],
        opted_in=[one.opted_in for one in requests],
    )


def _column(values: Sequence[float | None], kind: type[Number]) -> NDArray[Number]:
    return np.array([np.nan if value is None else value for value in values], dtype=kind)
