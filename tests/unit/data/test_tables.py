"""The documented tables."""

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.data.meaning.columns import schema_of
from churn_saver.data.tables import ACCEPT_TRAIN, CHURN_TRAIN, CUSTOMERS, MESSAGES, PAIRS, TABLES, Table, read
from churn_saver.errors import TableError

CHURN = "customer_id,tenure_months,monthly_spend,support_tickets,contract_type,churned\n"
ACCEPT = "customer_id,offer_pct,churn_risk,tenure_months,accepted\n"


def faults(text: str, table: Table) -> list[tuple[int, str]]:
    """Lines and columns of the faults of a CSV."""
    return [(fault.line, fault.column) for fault in read(text.encode(), "t.csv", table).faults]


def test_churn_train_as_documented() -> None:
    """Words become canonical, numbers Float64, 0/1 Int8; tickets may be blank."""
    checked = read(
        f"{CHURN}C1,12,89.99,,Month-to-month,1\nC2,0,0,3,two year,0\n".encode(), "t.csv", CHURN_TRAIN
    )

    assert checked.frame.rows() == [
        ("C1", 12.0, 89.99, None, "month-to-month", 1),
        ("C2", 0.0, 0.0, 3.0, "two year", 0),
    ]
    assert checked.frame.schema["churned"] == pl.Int8
    assert checked.faults == ()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("C1,x,50,0,One year,0", "tenure_months"),
        ("C1,-1,50,0,One year,0", "tenure_months"),
        ("C1,1201,50,0,One year,0", "tenure_months"),
        ("C1,,50,0,One year,0", "tenure_months"),
        ("C1,5,-0.01,0,One year,0", "monthly_spend"),
        ("C1,5,nan,0,One year,0", "monthly_spend"),
        ("C1,5,inf,0,One year,0", "monthly_spend"),
        ('C1,5,"89,99",0,One year,0', "monthly_spend"),
        ("C1,5,,0,One year,0", "monthly_spend"),
        ("C1,5,50,-1,One year,0", "support_tickets"),
        ("C1,5,50,0,Weekly,0", "contract_type"),
        ("C1,5,50,0,,0", "contract_type"),
        ("C1,5,50,0,One year,2", "churned"),
        ("C1,5,50,0,One year,", "churned"),
        (" ,5,50,0,One year,0", "customer_id"),
        (f"{'x' * 129},5,50,0,One year,0", "customer_id"),
        ("C0,5,50,0,One year,0", "customer_id"),
    ],
)
def test_churn_train_refuses(row: str, column: str) -> None:
    """Each bad cell is named by line and column, and good rows beside it stay."""
    text = f"{CHURN}C0,5,50,0,One year,1\n{row}\n"

    assert faults(text, CHURN_TRAIN) == [(3, column)]
    assert read(text.encode(), "t.csv", CHURN_TRAIN).frame["customer_id"].to_list() == ["C0"]


def test_unknown_word_lists_the_words() -> None:
    """The reader sees what is possible."""
    fault = read(f"{CHURN}C1,5,50,0,Weekly,0\n".encode(), "t.csv", CHURN_TRAIN).faults[0]

    assert str(fault) == (
        "t.csv:2: column 'contract_type' is 'Weekly', wanted Month-to-month, One year or Two year"
    )


def test_further_fields_are_optional_in_churn_train() -> None:
    """Any field of the domain is checked when it is there; other columns are listed."""
    header = CHURN.strip() + ",PaymentMethod,colour\n"
    checked = read(
        f"{header}C1,5,50,0,One year,0,Credit card (automatic),red\n".encode(), "t.csv", CHURN_TRAIN
    )

    assert checked.frame["payment_method"].to_list() == ["credit card"]
    assert checked.ignored == ("colour",)


def test_missing_column_is_named_beside_those_found() -> None:
    """The mapping that would help is written out."""
    text = CHURN.replace("tenure_months", "months_active")

    with pytest.raises(
        TableError, match=r"(?s)'tenure_months'.*Columns found.*--map tenure_months=months_active"
    ):
        read(text.encode(), "t.csv", CHURN_TRAIN)


def test_mapping_reads_another_name() -> None:
    """As `--map tenure=months_active` does."""
    text = CHURN.replace("tenure_months", "months_active") + "C1,5,50,0,One year,0\n"

    checked = read(text.encode(), "t.csv", CHURN_TRAIN, {"tenure": "months_active"})

    assert checked.frame["tenure_months"].to_list() == [5.0]


def test_fault_names_the_file_s_own_column() -> None:
    """The reader looks for it in his own file."""
    text = CHURN.replace("tenure_months", "Tenure") + "C1,no,50,0,One year,0\n"

    assert faults(text, CHURN_TRAIN) == [(2, "Tenure")]


def test_accept_train_as_documented() -> None:
    """A customer may have had several offers; propensity and time are optional."""
    header = ACCEPT.strip() + ",propensity,logged_at\n"
    rows = "C1,10,0.75,24,1,0.25,2025-01-31\nC1,0,0,24,0,,\n"

    checked = read(f"{header}{rows}".encode(), "t.csv", ACCEPT_TRAIN)

    assert checked.faults == ()
    assert checked.frame["offer_pct"].to_list() == [10.0, 0.0]
    assert checked.frame["accepted"].to_list() == [1, 0]
    assert checked.frame["propensity"].to_list() == [0.25, None]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("C1,7,0.5,5,1,0.5", "offer_pct"),
        ("C1,,0.5,5,1,0.5", "offer_pct"),
        ("C1,10,75,5,1,0.5", "churn_risk"),
        ("C1,10,-0.1,5,1,0.5", "churn_risk"),
        ("C1,10,0.5,5,,0.5", "accepted"),
        ("C1,10,0.5,5,1,0", "propensity"),
        ("C1,10,0.5,5,1,1.01", "propensity"),
    ],
)
def test_accept_train_refuses(row: str, column: str) -> None:
    """Each bad cell is named by line and column."""
    assert faults(f"{ACCEPT.strip()},propensity\nC0,5,0.5,5,1,0.5\n{row}\n", ACCEPT_TRAIN) == [(3, column)]


def test_offers_as_fractions_are_refused_once() -> None:
    """A whole column of 0.05 and 0.1 is one mistake."""
    assert faults(f"{ACCEPT}C1,0.05,0.5,5,1\nC2,0.1,0.5,5,0\n", ACCEPT_TRAIN) == [(0, "offer_pct")]


def test_customers_as_documented() -> None:
    """Three columns are enough; everything else is read when it is there."""
    header = (
        "customerID,name,tenure,MonthlyCharges,Contract,churn_risk,contacts_last_7d,days_since_last_contact"
    )
    more = "time_zone,Country,Channel,opted_in,Churn"
    text = f"{header},{more}\nC1,Zoë,24,89.99,One year,0.75,0,30,Europe/Berlin,de,SMS,Yes,No\n"

    checked = read(text.encode(), "t.csv", CUSTOMERS)

    assert checked.faults == ()
    assert checked.frame.row(0, named=True) == {
        "customer_id": "C1", "name": "Zoë", "tenure_months": 24.0, "monthly_spend": 89.99,
        "contract_type": "one year", "churn_risk": 0.75, "contacts_last_7d": 0.0,
        "days_since_last_contact": 30.0, "time_zone": "Europe/Berlin", "country": "DE", "channel": "sms",
        "opted_in": "yes", "churned": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("name", "<script>"),
        ("churn_risk", "1.5"),
        ("contacts_last_7d", "1.5"),
        ("contacts_last_7d", "-1"),
        ("days_since_last_contact", "-1"),
        ("time_zone", "Mars/Olympus"),
        ("country", "Germany"),
        ("channel", "pigeon"),
        ("opted_in", "maybe"),
        ("churned", "perhaps"),
    ],
)
def test_customers_refuses(name: str, cell: str) -> None:
    """Optional columns are checked as strictly as required ones."""
    assert faults(f"customer_id,tenure,monthly_spend,{name}\nC1,5,50,{cell}\n", CUSTOMERS) == [(2, name)]


def test_parquet_is_read_by_the_same_rules() -> None:
    """The line of a row is its number + 1, as in a CSV without blank lines."""
    buffer = io.BytesIO()
    pl.DataFrame({"customer_id": [1, 2], "tenure": [5, 2000], "monthly_spend": [50.0, 60.5]}).write_parquet(
        buffer
    )

    checked = read(buffer.getvalue(), "t.parquet", CUSTOMERS)

    assert checked.frame.rows() == [("1", 5.0, 50.0)]
    assert [(fault.line, fault.column, fault.value) for fault in checked.faults] == [(3, "tenure", "2000")]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_schema_accepts_its_own_required_columns_only(table: Table) -> None:
    """The pandera schema names every column once and marks what the table cannot do without."""
    schema = schema_of(table.columns)

    assert list(schema.columns) == [column.name for column in table.columns]
    assert {n for n, c in schema.columns.items() if c.required} == {
        c.name for c in table.columns if c.required
    }


GOOD = {
    "tenure": ["0", "12", "1200", " 7 "],
    "bill": ["0", "89.99", "1e3"],
    "word": ["Monthly", "TWO  YEAR", ""],
}
BAD = {
    "tenure": ["", "1201", "-1", "x", "nan"],
    "bill": ["", "-1", "inf", "1 000"],
    "word": ["weekly", "0", "no"],
}


@st.composite
def a_file(draw: st.DrawFn) -> tuple[str, list[tuple[int, str]], int]:
    """Write a table line by line and note each fault on the way."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    expected: list[tuple[int, str]] = []
    text, line, seen = f"customer_id,tenure,bill,word,note{end}", 2, set[str]()
    number = draw(st.integers(0, 12))
    for _ in range(number):
        if draw(st.booleans()):
            text, line = text + end, line + 1
        if draw(st.integers(0, 9)) == 0:
            text, line, expected = text + f"C1,2{end}", line + 1, [*expected, (line, "(row)")]
            continue
        id_ = draw(st.sampled_from(["a", "b", "c", "d", "e", ""]))
        if id_ in seen or not id_:
            expected.append((line, "customer_id"))
        seen.add(id_)
        cells = [id_]
        for name in ("tenure", "bill", "word"):
            is_bad = draw(st.integers(0, 4)) == 0
            cells.append(draw(st.sampled_from((BAD if is_bad else GOOD)[name])))
            expected += [(line, name)] if is_bad else []
        note = draw(st.sampled_from(["", "x", f"two{end}lines", "a,b", 'say "hi"']))
        quoted = '"' + note.replace('"', '""') + '"' if note not in ("", "x") else note
        text, line = text + ",".join([*cells, quoted]) + end, line + 1 + note.count("\n")
    return text, expected, number


@settings(max_examples=80)
@given(a_file())
def test_faults_are_exactly_those_that_were_written(made: tuple[str, list[tuple[int, str]], int]) -> None:
    """Every fault is found on its line, none is invented, and no row is lost."""
    text, expected, number = made

    checked = read(text.encode(), "t.csv", CUSTOMERS, {"monthly_spend": "bill", "contract_type": "word"})

    assert sorted((fault.line, fault.column) for fault in checked.faults) == sorted(expected)
    assert checked.frame.height + checked.rejects.height == number
    assert set(checked.rejects["line"].to_list()) == {line for line, _ in expected}


PAIR = '{"prompt": "p", "chosen": "better", "rejected": " worse\\n"}'


def test_pairs_come_as_they_are() -> None:
    """Spaces in a text belong to it; blank lines and CRLF are no fault; other keys are listed."""
    checked = read(f'{PAIR}\r\n\n{PAIR[:-1]}, "score": 1}}'.encode(), "p.jsonl", PAIRS)

    assert checked.frame.rows() == [("p", "better", " worse\n")] * 2
    assert (checked.faults, checked.ignored) == ((), ("score",))


def test_pairs_are_read_from_csv_and_parquet_too() -> None:
    """By the same rules."""
    frame = pl.DataFrame({"prompt": ["p", "p"], "chosen": ["a", "😀"], "rejected": ["b", " 😀 "]})
    buffer = io.BytesIO()
    frame.write_parquet(buffer)

    for raw, file in ((frame.write_csv().encode(), "p.csv"), (buffer.getvalue(), "p.parquet")):
        checked = read(raw, file, PAIRS)

        assert checked.frame.rows() == [("p", "a", "b")]
        assert [(fault.line, fault.column) for fault in checked.faults] == [(3, "rejected")]


def test_every_fault_of_a_pair_is_named() -> None:
    """An empty object lacks all three texts; the line is kept as it came."""
    checked = read(f"{PAIR}\n{{}}\n".encode(), "p.jsonl", PAIRS)

    assert [fault.column for fault in checked.faults] == ["prompt", "chosen", "rejected"]
    assert checked.rejects.select("text", "line").rows() == [("{}", 2)]
    assert checked.rejects["fault"][0].count("; ") == 2


def test_messages_as_documented() -> None:
    """Only id and text are needed; a table of drafts without a discount is no table of fractions."""
    header = "message_id,text,offer_pct,tone,channel,language,contract_type,review\n"
    rows = 'M1," Hello {name},\nall the best",0,Warm,SMS,pt-BR,Monthly,Approved\nM2,Hi,,,,,,\n'

    checked = read(f"{header}{rows}".encode(), "m.csv", MESSAGES)

    assert checked.faults == ()
    assert checked.frame.rows() == [
        ("M1", " Hello {name},\nall the best", 0.0, "Warm", "sms", "pt-BR", "month-to-month", "approved"),
        ("M2", "Hi", None, None, None, None, None, None),
    ]


def test_tables_are_found_by_the_names_that_people_use() -> None:
    """Those of `data check --as`."""
    assert {name: table.name for name, table in TABLES.items()} == {
        "churn": "churn_train", "accept": "accept_train", "customers": "customers",
        "pairs": "rlhf_pairs", "messages": "messages",
    }  # fmt: skip


def test_churn_train_out_of_the_books() -> None:
    """Whether somebody was contacted, by which chance and when, is known where it is told."""
    text = CHURN.replace("churned\n", "churned,contacted,propensity,logged_at\n")

    checked = read(f"{text}C1,12,89.99,,Two year,1,Yes,0.5,2026-03-02\n".encode(), "t.csv", CHURN_TRAIN)

    assert checked.ignored == ()
    assert checked.frame.select("contacted", "propensity").row(0) == (1, 0.5)
    assert faults(f"{text}C1,12,89.99,,Two year,1,2,0,soon\n", CHURN_TRAIN) == [
        (2, "contacted"), (2, "propensity"), (2, "logged_at"),
    ]  # fmt: skip
