"""A table checked a part at a time."""

import csv
import gzip
import io
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churn_saver.data.checking.streaming import MOST_FAULTS, Verdict, check_stream
from churn_saver.data.meaning.columns import Table
from churn_saver.data.reading.parsing import Sizes
from churn_saver.data.tables import ACCEPT_TRAIN, CHURN_TRAIN, CUSTOMERS, MESSAGES, PAIRS, TABLES, read
from churn_saver.errors import Fault, TableError

HEADER = "customer_id,tenure_months,monthly_spend,note"


def checked(
    raw: bytes, table: Table = CUSTOMERS, file: str = "t.csv", sizes: Sizes | None = None
) -> tuple[Verdict, list[pl.DataFrame], list[pl.DataFrame]]:
    """Check bytes and keep what is handed out."""
    good: list[pl.DataFrame] = []
    bad: list[pl.DataFrame] = []
    verdict = check_stream(
        io.BytesIO(raw), file, table, {}, good.append, bad.append, lambda _what, _done, _total: None, sizes
    )
    return verdict, good, bad


def places(faults: tuple[Fault, ...]) -> list[tuple[int, str]]:
    """Lines and columns."""
    return [(fault.line, fault.column) for fault in faults]


def test_good_rows_and_rejects_are_handed_out_as_they_come() -> None:
    """Two rows, one of them bad; the verdict counts and says which columns were used."""
    verdict, good, bad = checked(f"{HEADER}\nC1,1,2,x\nC2,no,2,y\n".encode())

    assert good[0].rows() == [("C1", 1.0, 2.0)]
    assert bad[0].select("customer_id", "note", "line").rows() == [("C2", "y", 3)]
    assert (verdict.rows, verdict.good, verdict.bad, verdict.fault_count) == (2, 1, 1, 1)
    assert (verdict.columns, verdict.ignored) == (
        ("customer_id", "tenure_months", "monthly_spend"),
        ("note",),
    )
    assert not verdict.whole


def test_verdict_keeps_the_first_faults_only() -> None:
    """Every bad row is handed out all the same."""
    rows = "".join(f"C{i},no,2,x\n" for i in range(MOST_FAULTS + 5))

    verdict, _, bad = checked(f"{HEADER}\n{rows}".encode())

    assert (len(verdict.faults), verdict.fault_count) == (MOST_FAULTS, MOST_FAULTS + 5)
    assert verdict.faults[-1].line == MOST_FAULTS + 1
    assert sum(map(len, bad)) == MOST_FAULTS + 5


def test_id_is_unique_over_the_whole_file() -> None:
    """The line that had it first may lie many pieces back."""
    rows = "".join(f"C{i},1,2,x\n" for i in range(50))

    verdict, _, _ = checked(f"{HEADER}\n{rows}C7,1,2,x\n".encode(), sizes=Sizes(piece=16))

    assert places(verdict.faults) == [(52, "customer_id")]
    assert "line 9 already" in verdict.faults[0].wanted


ACCEPT = "customer_id,offer_pct,churn_risk,tenure_months,accepted"


@pytest.mark.parametrize("piece", [7, 1 << 20])
def test_column_of_fractions_is_judged_over_the_whole_file(piece: int) -> None:
    """Zeros first and 5 at last are whole per cent; zeros first and 0.05 at last are not."""
    zeros = "".join(f"C{i},0,0.5,1,1\n" for i in range(9))

    meant, _, _ = checked(f"{ACCEPT}\n{zeros}D,5,0.5,1,1\n".encode(), ACCEPT_TRAIN, sizes=Sizes(piece=piece))
    spoiled, good, bad = checked(
        f"{ACCEPT}\n{zeros}D,0.05,0.5,1,1\n".encode(), ACCEPT_TRAIN, sizes=Sizes(piece=piece)
    )

    assert (meant.good, meant.bad, meant.whole) == (10, 0, False)
    assert (spoiled.good, spoiled.bad, spoiled.whole) == (0, 10, True)
    assert (good, sum(map(len, bad))) == ([], 10)
    assert places(spoiled.faults) == [(0, "offer_pct")]


def parquet(frame: pl.DataFrame) -> bytes:
    """Write a frame as Parquet."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_one_table_in_three_kinds_of_file_is_one_table(pack: type[bytes]) -> None:
    """CSV, JSON lines and Parquet, plain and gzip, give the same rows and the same faults."""
    frame = pl.DataFrame(
        {"customer_id": ["a", "b", "a"], "tenure_months": [1, 5_000, 3], "monthly_spend": [1.5, 2.0, None]}
    )
    kinds = {
        "t.csv": frame.write_csv().encode(),
        "t.jsonl": frame.write_ndjson().encode(),
        "t.parquet": parquet(frame),
    }

    found = {name: read(pack(raw), name, CUSTOMERS) for name, raw in kinds.items()}

    for name, one in found.items():
        assert one.frame.rows() == [("a", 1.0, 1.5)]
        # A line of JSON is one less: there is no header.
        shift = 1 if name == "t.jsonl" else 0
        assert [(line + shift, column) for line, column in places(one.faults)] == [
            (3, "tenure_months"),
            (4, "customer_id"),
            (4, "monthly_spend"),
        ]


CELL = st.sampled_from(
    ["", "1", "x", " 2 ", "a,b", 'say "hi"', "two\nlines", "two\r\nlines", "nan", "1e400", "Zoë", '"', "5"]
)
STRAY = st.sampled_from(
    ['C9,"open,1,2', 'C9,5" pipe,1,x', 'C9,"a"b,1,2', "C9", "C9,1,2,x,y", "", "  ", HEADER, "C9,1,2,\x00"]
)


@st.composite
def a_csv(draw: st.DrawFn) -> bytes:
    """Write some rows well and some badly."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = [HEADER]
    for number in range(draw(st.integers(0, 8))):
        if draw(st.integers(0, 3)) == 0:
            lines.append(draw(STRAY))
        else:
            buffer = io.StringIO()
            cells = [f"C{number % 5}", draw(CELL), draw(CELL), draw(CELL)]
            csv.writer(buffer, lineterminator="").writerow(cells)
            lines.append(buffer.getvalue())
    raw = end.join(lines).encode() + (end.encode() if draw(st.booleans()) else b"")
    spoilt = draw(st.booleans()) and b"Zo\xc3\xab" in raw
    return raw.replace("Zoë".encode(), "Zoë".encode("latin-1"), 1) if spoilt else raw


@settings(max_examples=60)
@given(a_csv(), st.integers(1, 120))
def test_pieces_of_any_size_give_what_the_whole_gives(raw: bytes, piece: int) -> None:
    """Rows, rejects and faults are the same, and none is lost."""
    whole = read(raw, "t.csv", CUSTOMERS)
    parts = read(raw, "t.csv", CUSTOMERS, sizes=Sizes(piece=piece))

    verdict, good, bad = checked(raw, sizes=Sizes(piece=piece))

    assert parts.frame.equals(whole.frame)
    assert parts.rejects.equals(whole.rejects)
    assert parts.faults == whole.faults == verdict.faults
    assert sum(map(len, good)) == verdict.good == whole.frame.height
    assert sum(map(len, bad)) == verdict.bad == whole.rejects.height
    assert verdict.good + verdict.bad == verdict.rows
    assert verdict.fault_count == len(whole.faults)


VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2_000),
    st.sampled_from(["a", "b", " ", "1", "{", "\ud800", '":']),
    st.sampled_from([1.5, float("nan"), float("inf")]), st.just([1]), st.just({"a": 1}),
)  # fmt: skip
KEY = st.sampled_from(["customer_id", "tenure", "Tenure Months", "monthly_spend", "note", "name"])
ROW = st.dictionaries(KEY, VALUE)
BROKEN = st.sampled_from([b"{", b"", b"[]", b"\xff", b'{"tenure": 1, "tenure": 2}', b'{"customer_id" : "x"}'])


@settings(max_examples=60)
@given(st.lists(st.one_of(ROW, BROKEN), max_size=8), st.integers(1, 120))
def test_pieces_of_json_give_what_the_whole_gives(rows: list[dict[str, object] | bytes], piece: int) -> None:
    """Also with keys that come late, twice or under another name."""
    first = {"customer_id": "first", "tenure_months": 1, "monthly_spend": 2.5}
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in [first, *rows]]
    raw = b"\n".join(lines)

    whole = read(raw, "t.jsonl", CUSTOMERS)
    parts = read(raw, "t.jsonl", CUSTOMERS, sizes=Sizes(piece=piece))

    assert parts.frame.equals(whole.frame)
    assert parts.rejects.equals(whole.rejects)
    assert (parts.faults, set(parts.ignored)) == (whole.faults, set(whole.ignored))
    assert whole.frame.height + whole.rejects.height == sum(1 for line in lines if line.strip())


@given(
    st.binary(max_size=200),
    st.sampled_from(["t.csv", "t.jsonl", "t.parquet"]),
    st.sampled_from(sorted(TABLES)),
)
def test_any_bytes_are_checked_or_refused(raw: bytes, file: str, kind: str) -> None:
    """Nothing else than a table's error comes out, whatever goes in."""
    try:
        verdict, good, bad = checked(raw, TABLES[kind], file)
    except TableError:
        return

    assert verdict.rows == sum(map(len, good)) + sum(map(len, bad))


LOGGED = f"{ACCEPT},logged_at"
GOOD = f"{HEADER}\nC0,1,2,x\n"
PAIR = '{"prompt": "p", "chosen": "a", "rejected": "b"}\n'
CHURN = "customer_id,tenure_months,monthly_spend,support_tickets,contract_type,churned\n"
DRAFT = "message_id,text,channel,language\n"


@pytest.mark.parametrize(
    ("table", "file", "text", "line", "column", "words"),
    [
        (CUSTOMERS, "t.csv", GOOD + "C1,,2,x\n", 3, "tenure_months", "is ''"),
        (CUSTOMERS, "t.csv", GOOD + "C1,nan,2,x\n", 3, "tenure_months", "'nan'"),
        (CUSTOMERS, "t.csv", GOOD + "C1,1,inf,x\n", 3, "monthly_spend", "'inf'"),
        (CUSTOMERS, "t.csv", GOOD + "C1,1,-Infinity,x\n", 3, "monthly_spend", "'-Infinity'"),
        (CUSTOMERS, "t.csv", GOOD + "C1,1,1e400,x\n", 3, "monthly_spend", "'1e400'"),
        (CUSTOMERS, "t.csv", GOOD + 'C1,1,"1,234.50",x\n', 3, "monthly_spend", "write it plainly"),
        (CUSTOMERS, "t.csv", GOOD + 'C1,1,"89,99",x\n', 3, "monthly_spend", "write it plainly"),
        (CUSTOMERS, "t.csv", GOOD + "C1,1,€89.99,x\n", 3, "monthly_spend", "write it plainly"),
        (CUSTOMERS, "t.csv", GOOD + "C1,1,$89.99,x\n", 3, "monthly_spend", "write it plainly"),
        (CUSTOMERS, "t.csv", GOOD + "C1,1,15%,x\n", 3, "monthly_spend", "write it plainly"),
        (CUSTOMERS, "t.csv", GOOD + "C1;1;2;x\n", 3, "(row)", "1 cells"),
        (CUSTOMERS, "t.csv", GOOD + "C1,1,2,x,\n", 3, "(row)", "a separator too many at its end"),
        (CUSTOMERS, "t.csv", GOOD + f"{HEADER}\n", 3, "(row)", "the header again"),
        (CUSTOMERS, "t.csv", GOOD + 'C1,1,2,"open\nC2,3,4,y\n', 3, "note", "it opens on line 3"),
        (CUSTOMERS, "t.csv", GOOD + 'C1,1,2,"a"b\n', 3, "note", "closes at the end of its cell"),
        (CUSTOMERS, "t.csv", GOOD + 'C1,"1\n2",2,x\n', 3, "tenure_months", "months from 0"),
        (CUSTOMERS, "t.csv", GOOD + "C\x001,1,2,x\n", 3, "customer_id", "invisible"),
        (CUSTOMERS, "t.csv", GOOD + "C0,1,2,x\n", 3, "customer_id", "line 2 already"),
        (CUSTOMERS, "t.csv", GOOD + f"C1,{'9' * 2_000_000},2,x\n", 3, "tenure_months", "2,000,000 char"),
        (ACCEPT_TRAIN, "t.csv", f"{LOGGED}\nC,5,0,1,1,2025-02-30\n", 2, "logged_at", "'2025-02-30'"),
        (ACCEPT_TRAIN, "t.csv", f"{LOGGED}\nC,5,0,1,1,31/12/2025\n", 2, "logged_at", "an ISO date"),
        (CHURN_TRAIN, "t.csv", f"{CHURN}C,1,2,3,One year,\n", 2, "churned", "0 or 1"),
        (PAIRS, "t.jsonl", PAIR + PAIR[:20], 2, "(row)", "a JSON object"),
        (PAIRS, "t.jsonl", PAIR + "[1]\n", 2, "(row)", "a JSON object"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', "NaN"), 2, "chosen", "'NaN'"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', "-Infinity"), 2, "chosen", "'-Infinity'"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', "1e400"), 2, "chosen", "'1e400'"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', "12"), 2, "chosen", "'12'"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', "null"), 2, "chosen", "not blank"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', '["a"]'), 2, "chosen", "not a list"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', '"\\ud83d"'), 2, "chosen", "surrogate"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace('"a"', '"b "'), 2, "rejected", "another text than chosen"),
        (PAIRS, "t.jsonl", PAIR + PAIR.replace("chosen", "prompt"), 2, "prompt", "each key once"),
        (PAIRS, "t.jsonl", PAIR + "[" * 100_000 + "\n", 2, "(row)", "a JSON object"),
        (PAIRS, "t.csv", 'prompt,chosen,rejected\np,"a\x00",b\n', 2, "chosen", "a text of 1 to"),
        (PAIRS, "t.csv", f"prompt,chosen,rejected\np,{'x' * 1_000_001},b\n", 2, "chosen", "1,000,001 c"),
        (MESSAGES, "t.csv", f"{DRAFT}M,Hello {{nam}},sms,en\n", 2, "text", "{name}"),
        (MESSAGES, "t.csv", f"{DRAFT}M,Hello {{name,sms,en\n", 2, "text", "no braces but"),
        (MESSAGES, "t.csv", f"{DRAFT}M,{'x' * 1_001},sms,en\n", 2, "text", "1 to 1,000"),
        (MESSAGES, "t.csv", f"{DRAFT}M,Hello,fax,en\n", 2, "channel", "email, sms or push"),
        (MESSAGES, "t.csv", f"{DRAFT}M,Hello,sms,english!\n", 2, "language", "a language tag"),
    ],
)  # fmt: skip
def test_planted_fault_is_named(
    table: Table, file: str, text: str, line: int, column: str, words: str
) -> None:
    """By its line and column, in words that say what is wrong; rows beside it stay."""
    checked = read(text.encode(), file, table)

    (fault,) = checked.faults
    assert (fault.line, fault.column) == (line, column)
    assert words in f"{fault} {fault.value}"
    assert len(fault.value) < 300
    assert checked.rejects.height == 1


@pytest.mark.parametrize(
    ("file", "raw", "words"),
    [
        ("t.csv", b"", "empty"),
        ("t.csv.gz", gzip.compress(b"", mtime=0), "empty"),
        ("t.jsonl", b"\n\n", "empty"),
        ("t.csv", GOOD.encode("utf-16"), "UTF-16"),
        ("t.csv", GOOD.encode("utf-16-le"), "UTF-16"),
        ("t.csv", b"a,b\n1,2\n", "'customer_id' is 'absent'"),
        ("t.csv", b"customer_id,tenure,tenure_months,monthly_spend\n1,2,3,4\n", "means the same"),
        ("t.csv", b'customer_id,"tenure\n1,2\n', "a quote that never closes"),
        ("t.csv.gz", gzip.compress(GOOD.encode() * 50, mtime=0)[:-12], "a whole gzip file"),
        ("t.parquet", b"PAR1 and then nothing", "a whole Parquet file"),
        ("t.parquet", parquet(pl.DataFrame({"customer_id": ["a"]}))[:-9], "a whole Parquet file"),
    ],
)
def test_file_that_is_no_table_is_refused(file: str, raw: bytes, words: str) -> None:
    """As a whole, with the reason."""
    with pytest.raises(TableError, match=words):
        read(raw, file, CUSTOMERS)


def test_gzip_cut_short_names_the_line_it_got_to() -> None:
    """What came before is checked, but it is not the file."""
    rows = "".join(f"C{i},{i % 99},{i * 7919 % 1000},{i * i}\n" for i in range(20_000))
    raw = gzip.compress(f"{HEADER}\n{rows}".encode())

    with pytest.raises(TableError) as caught:
        checked(raw[: len(raw) // 2], sizes=Sizes(piece=1 << 14))

    assert 5_000 < caught.value.faults[0].line < 15_000


def test_unclosed_quote_spoils_its_own_line_only() -> None:
    """What comes after it is read, in the whole file and beyond the longest record."""
    rows = "".join(f"D{i},1,2,x\n" for i in range(100))
    raw = f'{GOOD}C1,1,2,"open\n{rows}'.encode()

    for longest in (64, 1 << 24):
        verdict, _, bad = checked(raw, sizes=Sizes(piece=32, longest=longest))

        assert (verdict.good, verdict.bad) == (101, 1)
        assert places(verdict.faults) == [(3, "note")]
        assert bad[0]["note"].to_list() == ['"open']


@pytest.mark.parametrize(
    ("file", "start", "end"), [("t.csv", GOOD, "\nC2,1,2,x\n"), ("t.jsonl", PAIR, f"\n{PAIR}")]
)
def test_line_without_end_is_one_reject(file: str, start: str, end: str) -> None:
    """It is passed over in bounded memory, its beginning is kept, and reading goes on behind it."""
    raw = (start + "x" * 100_000 + end).encode()
    table = CUSTOMERS if file == "t.csv" else PAIRS

    verdict, _, bad = checked(raw, table, file, Sizes(piece=512, longest=2_000))
    whole, _, _ = checked(raw, table, file, Sizes(longest=2_000))

    assert (verdict.good, verdict.bad) == (2, 1)
    assert verdict.faults == whole.faults
    assert "at most 2,000" in verdict.faults[0].wanted
    assert len(bad[0].row(0)[0]) <= 1_000


def test_parquet_types_are_read_as_their_text() -> None:
    """Decimals, categories, dates and times give what a CSV would hold."""
    frame = pl.DataFrame(
        {
            "customer_id": pl.Series([7], dtype=pl.UInt8),
            "offer_pct": pl.Series(["5.00"]).cast(pl.Decimal(6, 2)),
            "churn_risk": pl.Series([0.5], dtype=pl.Float32),
            "tenure_months": [12],
            "accepted": [True],
            "contract_type": pl.Series(["One year"], dtype=pl.Categorical),
            "logged_at": pl.Series(["2025-01-31T09:30:00"]).str.to_datetime(time_unit="ns"),
        }
    )

    one = read(parquet(frame), "t.parquet", ACCEPT_TRAIN)

    assert one.faults == ()
    assert one.frame.drop("logged_at").row(0, named=True) == {
        "customer_id": "7", "offer_pct": 5.0, "churn_risk": 0.5, "tenure_months": 12.0, "accepted": 1,
        "contract_type": "one year",
    }  # fmt: skip
    assert str(one.frame["logged_at"][0]) == "2025-01-31 09:30:00+00:00"


def test_parquet_column_of_lists_or_bytes_is_refused_as_a_whole() -> None:
    """Only where the column is wanted."""
    frame = pl.DataFrame(
        {"customer_id": [b"a"], "tenure_months": [[1]], "monthly_spend": [1.0], "tags": [["a"]]}
    )

    with pytest.raises(
        TableError, match=r"(?s)'customer_id' is 'Binary'.*'tenure_months' is 'List\(Int64\)'"
    ):
        read(parquet(frame), "t.parquet", CUSTOMERS)


def test_parquet_rows_are_read_a_slice_at_a_time() -> None:
    """The line is the row's number + 1 in every slice."""
    frame = pl.DataFrame(
        {"customer_id": range(25), "tenure_months": [1] * 24 + [-1], "monthly_spend": [1.0] * 25}
    )

    verdict, good, _ = checked(parquet(frame), CUSTOMERS, "t.parquet", Sizes(rows=10))

    assert places(verdict.faults) == [(26, "tenure_months")]
    assert [len(part) for part in good] == [10, 10, 4]


def test_json_numbers_are_numbers_and_texts_are_numbers_too() -> None:
    """A column of numbers takes both 12 and "12"; an id takes both as well."""
    rows = (
        '{"customer_id": 7, "tenure": 12, "monthly_spend": "1.5"}',
        '{"customer_id": "8", "tenure": "12.0", "monthly_spend": 2}',
    )
    raw = "\n".join(rows).encode()

    assert read(raw, "t.jsonl", CUSTOMERS).frame.rows() == [("7", 12.0, 1.5), ("8", 12.0, 2.0)]


def test_json_key_may_come_late() -> None:
    """Good rows have every column of the table, null where there is no value."""
    row = '{{"customer_id": "{0}", "tenure": 1, "monthly_spend": 2{1}}}\n'
    lines = [row.format(i, "") for i in range(1_100)] + [row.format("x", ', "churn": 1, "colour": "red"')]

    verdict, good, _ = checked("".join(lines).encode(), file="t.jsonl", sizes=Sizes(piece=4_096))

    assert all(part.columns == [column.name for column in CUSTOMERS.columns] for part in good)
    assert good[-1]["churned"].to_list()[-1] == 1
    assert verdict.columns == ("customer_id", "tenure_months", "monthly_spend", "churned")
    assert verdict.ignored == ("colour",)


def test_json_line_with_two_keys_of_one_meaning_is_a_fault_of_the_line() -> None:
    """The first key of the file is the column's own."""
    row = '{"customer_id": "a", "tenure": 1, "monthly_spend": 2}\n'
    raw = row + row.replace('"a"', '"b", "tenure_months": 5')

    one = read(raw.encode(), "t.jsonl", CUSTOMERS)

    assert places(one.faults) == [(2, "tenure_months")]
    assert "'tenure' means the same" in one.faults[0].wanted
