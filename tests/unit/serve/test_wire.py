"""Requests: read strictly, under any accepted name, into the core's own customers."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from churn_saver.domain.customer import FIELD_BY_NAME, FIELDS, MAX_ID_LENGTH
from churn_saver.serve.wire import CustomerRequest, PredictRequest, RetainRequest, to_customers, to_table
from tests.serving import PREDICT, RETAIN, TELCO


def read(kind: type[CustomerRequest], base: dict[str, Any], **changes: Any) -> CustomerRequest:
    """Read a documented request with changes."""
    return kind.model_validate({**base, **changes})


def test_the_documented_event_becomes_one_customer() -> None:
    """89.99 is 8,999 minor units; risk and contacts are the caller's own."""
    found = to_customers(RetainRequest.model_validate(RETAIN))

    assert (list(found.ids), list(found.names), found.bill_minor.tolist()) == (["C12345"], [None], [8_999])
    assert found.churn_risk.tolist() == [0.75]
    assert found.contacts_last_7d.tolist() == [0.0]
    assert found.days_since_last_contact.tolist() == [30.0]
    assert sorted(found.fields) == ["monthly_spend", "tenure_months"]
    assert found.fields["tenure_months"].dtype == np.float32


def test_the_documented_customer_becomes_one_customer() -> None:
    """Words are stored as their index; what was not sent is NaN or has no column."""
    found = to_customers(PredictRequest.model_validate(PREDICT))

    assert list(found.names) == ["Sam"]
    assert {name: column.tolist() for name, column in found.fields.items()} == {
        "tenure_months": [12.0],
        "monthly_spend": [pytest.approx(89.99, abs=1e-5)],
        "contract_type": [0.0],
        "payment_method": [0.0],
    }
    assert np.isnan(found.churn_risk).all()
    assert np.isnan(found.contacts_last_7d).all()
    assert np.isnan(found.days_since_last_contact).all()


def test_a_row_of_the_telco_table_is_read_under_its_own_names() -> None:
    """All 18 input columns arrive (support_tickets is not in that table); Churn is ignored."""
    found = to_customers(PredictRequest.model_validate(TELCO))

    assert list(found.ids) == ["7590-VHVEG"]
    assert set(found.fields) == {entry.name for entry in FIELDS} - {"support_tickets"}
    assert found.fields["internet_service"].tolist() == [1.0]
    assert found.fields["multiple_lines"].tolist() == [0.0]


def test_both_requests_take_each_others_fields() -> None:
    """The same customer in both vocabularies is the same customer."""
    event = read(RetainRequest, RETAIN, name="Sam", contract="two year", time_zone="Europe/Berlin")
    columns = read(PredictRequest, RETAIN, name="Sam", Contract="Two  Year", timeZone="Europe/Berlin")

    assert repr(to_customers(event)) == repr(to_customers(columns))
    assert event.time_zone == "Europe/Berlin"


@pytest.mark.parametrize("entry", [entry for entry in FIELDS if entry.words], ids=lambda entry: entry.name)
def test_every_word_of_every_field_is_accepted(entry: Any) -> None:
    """Canonical words and synonyms, in capitals: a word is stored as its place in the vocabulary."""
    for code, word in enumerate(entry.words):
        found = to_customers(read(RetainRequest, RETAIN, **{entry.name: word.upper()}))
        assert found.fields[entry.name].tolist() == [code]
    for other, word in entry.synonyms.items():
        found = to_customers(read(RetainRequest, RETAIN, **{entry.name: other}))
        assert found.fields[entry.name].tolist() == [entry.words.index(word)]


@pytest.mark.parametrize(("sent", "code"), [(True, 1), (False, 0), (1, 1), (0, 0), (1.0, 1), ("Yes", 1)])
def test_a_yes_or_no_field_takes_every_usual_form(sent: object, code: int) -> None:
    """Telco itself writes SeniorCitizen as 0 and 1 and Partner as Yes and No."""
    found = to_customers(read(PredictRequest, PREDICT, SeniorCitizen=sent))

    assert found.fields["senior_citizen"].tolist() == [code]


def test_null_means_not_sent() -> None:
    """A field that is null has no column."""
    found = to_customers(
        read(PredictRequest, PREDICT, contract=None, name=None, churn_risk=None, gender=None)
    )

    assert "contract_type" not in found.fields
    assert list(found.names) == [None]


def test_names_are_cleaned_and_ids_stripped() -> None:
    """White space around an id and invisible characters in a name say nothing about anybody."""
    found = to_customers(read(PredictRequest, PREDICT, customer_id=" C1 ", name="\u202eSam\u0007  Lee"))

    assert (list(found.ids), list(found.names)) == (["C1"], ["Sam Lee"])


def test_one_field_under_two_names_is_refused() -> None:
    """Nobody can say which of the two was meant."""
    with pytest.raises(ValidationError, match="tenure is there twice"):
        read(PredictRequest, PREDICT, tenure_months=13)


BAD = [
    ("customer_id", "  "),
    ("customer_id", "C" * (MAX_ID_LENGTH + 1)),
    ("customer_id", "C\u00001"),
    ("customer_id", 12345),
    ("name", "<b>Sam</b>"),
    ("name", "S" * 81),
    ("name", ["Sam"]),
    ("time_zone", "Mars/Olympus"),
    ("time_zone", "../../etc/passwd"),
    ("country", "Germany"),
    ("country", "ß"),
    ("country", 49),
    ("country", "D" * 60_000),
    ("channel", "pigeon"),
    ("channel", "SMS"),
    ("opted_in", "yes"),
    ("churn_risk", 1.01),
    ("churn_risk", float("nan")),
    ("contacts_last_7d", -1),
    ("contacts_last_7d", 1.5),
    ("days_since_last_contact", float("inf")),
    ("days_since_last_contact", 40_000),
    ("tenure_months", -1),
    ("tenure_months", 1_201),
    ("tenure_months", None),
    ("tenure_months", True),
    ("monthly_spend", -0.01),
    ("monthly_spend", "89.99"),
    ("monthly_spend", float("-inf")),
    ("monthly_spend", 10**400),
    ("monthly_spend", {}),
    ("contract_type", "weekly"),
    ("contract_type", 1),
    ("payment_method", "cash"),
    ("payment_method", "c" * 60_000),
    ("partner", "perhaps"),
    ("partner", 2),
    ("senior_citizen", 67),
    ("churned", "soon"),
    ("teunre", 12),
]


@pytest.mark.parametrize(("field", "value"), BAD)
@pytest.mark.parametrize(("kind", "base"), [(RetainRequest, RETAIN), (PredictRequest, PREDICT)])
def test_what_cannot_be_used_is_refused_by_the_name_of_its_field(
    kind: type[CustomerRequest], base: dict[str, Any], field: str, value: object
) -> None:
    """The one fault found stands at the field, under the name that the request documents."""
    info = kind.model_fields.get(field)
    shown = info.alias or field if info else field
    with pytest.raises(ValidationError, match=r"1 validation error") as caught:
        kind.model_validate({**base, shown: value})

    assert caught.value.errors()[0]["loc"] == (shown,)


@given(
    tenure=st.floats(0, FIELD_BY_NAME["tenure_months"].high),
    spend=st.floats(0, FIELD_BY_NAME["monthly_spend"].high),
    contract=st.sampled_from([None, *FIELD_BY_NAME["contract_type"].words]),
)
@settings(max_examples=50)
def test_every_valid_number_arrives_as_it_is(tenure: float, spend: float, contract: str | None) -> None:
    """float32 in the columns, minor units within half a cent in the bill."""
    found = to_customers(
        read(RetainRequest, RETAIN, tenure_months=tenure, monthly_spend=spend, contract_type=contract)
    )

    assert found.fields["tenure_months"][0] == np.float32(tenure)
    assert abs(found.bill_minor[0] - 100 * spend) <= 0.5 + 1e-6
    assert ("contract_type" in found.fields) == (contract is not None)


def test_a_table_is_what_its_rows_are() -> None:
    """Row by row the same values, whatever the others sent; a field that nobody sent has no column."""
    said = {"time_zone": "Asia/Tokyo", "country": "jp", "channel": "push", "opted_in": False}
    bodies = [PREDICT, TELCO | {"churn_risk": 0.25}, RETAIN | said]
    requests = [PredictRequest.model_validate(body) for body in bodies]
    table = to_table(requests)

    assert "support_tickets" not in table.fields
    for row, request in enumerate(requests):
        alone, here = to_customers(request), table.take(np.array([row]))
        for name in ("ids", "names", "time_zones", "countries", "channels", "opted_in"):
            assert getattr(here, name) == getattr(alone, name)
        for name in table.fields:
            np.testing.assert_array_equal(here.column(name), alone.column(name))
        for name in ("bill_minor", "churn_risk", "contacts_last_7d", "days_since_last_contact"):
            np.testing.assert_array_equal(getattr(here, name), getattr(alone, name))


@pytest.mark.parametrize("event", ["", "  ", "a\u200bb", "e" * 129, 5])
def test_an_event_id_is_an_id(event: object) -> None:
    """As a customer's; without one a request is no event that is known by name."""
    with pytest.raises(ValidationError, match="event_id"):
        RetainRequest.model_validate(RETAIN | {"event_id": event})
    assert RetainRequest.model_validate(RETAIN).event_id is None


def test_channel_and_country_reach_the_customer() -> None:
    """The channel as it was sent, the country by its code; without them neither is known."""
    said = to_customers(read(RetainRequest, RETAIN, channel="sms", country=" de "))
    unsaid = to_customers(read(RetainRequest, RETAIN))

    assert (said.channels, said.countries) == (["sms"], ["DE"])
    assert (unsaid.channels, unsaid.countries) == ([None], [None])
