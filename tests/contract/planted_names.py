"""Faults behind names, headers and sizes that spoil a message, and line ends that shift a line."""

from collections.abc import Iterator

from tests.contract.planted_shapes import BAD, CHURN, case, refused
from tests.contract.planting import FILE, ROW, At, Page, Planted, good_row, good_rows


def names_and_sizes() -> Iterator[Planted]:
    """Names, headers and cells that are made to spoil a message, and line ends that shift a line."""
    good = bytes(Page(CHURN).add(*good_rows("churn", 2)).raw)
    absent = At(1, "churned", ("absent",))
    headers = {
        "huge": "n" * 100_000, "many": ",".join(f"column_{n}" for n in range(3_000)), "escape": "\x1b[31mred",
        "bidi": "\u202eneeded", "line end": '"a\nb\r\nc"',
    }  # fmt: skip
    for name, header in headers.items():
        raw = good.replace(b"churned", header.encode(), 1)
        yield refused(f"name of a column {name}, and one absent", "churn", raw, absent)
    yield refused(
        "name with a quote open", "churn", good.replace(b"churned", b'"churned', 1), At(1, FILE, ("quote",))
    )
    for name, theirs in {
        "padded": "monthly spend" + "!" * 400,
        "invisible": "monthly\u200b_\x07spend",
    }.items():
        names = [theirs if column == "monthly_spend" else column for column in CHURN]
        page = Page(names)
        line = page.spoil(dict(zip(names, {**BAD, "monthly_spend": "-1"}.values(), strict=True)))
        page.put(",".join(good_row("churn", 1).values()))
        page.good.append(good_row("churn", 1))
        yield case(f"name of a column {name}", "churn", page, At(line, theirs, ("currency",)))
    for name, file in {
        "with an escape": "c\x1b[31m.csv",
        "of two lines": "a\nb.csv",
        "long": "n" * 100 + ".csv",
    }.items():
        page = Page(CHURN).add(good_row("churn", 1))
        at = At(page.spoil({**BAD, "churned": "maybe"}), "churned", ("Yes",))
        yield case(f"name of a file {name}", "churn", page, at, file=file)
    page = Page([*CHURN, "line", "fault", "line_2"]).add(good_row("churn", 1))
    at = At(
        page.spoil({**BAD, "churned": "x", "line": "77", "fault": "none", "line_2": "78"}),
        "churned",
        ("Yes",),
    )
    yield case("names of the rejects themselves", "churn", page, at)
    page = Page(CHURN).add(good_row("churn", 1))
    row = page.cells(good_row("churn", 2)) + "\r" + page.cells(good_row("churn", 3))
    page.put(row)
    page.good += good_rows("churn", 2, 2)
    yield case(
        "line ends: a lone CR before",
        "churn",
        page,
        At(page.spoil({**BAD, "churned": ""}), "churned", ("Yes",)),
    )
    page = Page(CHURN, end="\r").add(*good_rows("churn", 3))
    yield case(
        "line ends: lone CR only", "churn", page, At(page.spoil({**BAD, "churned": ""}), "churned", ("Yes",))
    )
    page = Page(["note", *CHURN]).add({**good_row("churn", 1), "note": "a\x0bb\x0cc\x85d\u2028e\x1ef"})
    at = At(page.spoil({**BAD, "churned": "", "note": "g\u2029h"}), "churned", ("Yes",))
    yield case("line ends: other signs that are none", "churn", page, at)
    page = Page(CHURN).add(good_row("churn", 1))
    at = At(page.spoil({**BAD, "contract_type": "two\rlines"}), "contract_type", ("One year",))
    page.add(good_row("churn", 2))
    yield case("line ends: CR in quotes", "churn", page, at)
    page = Page(CHURN).add(good_row("churn", 1))
    line = page.spoil_raw(page.cells({**BAD, "contract_type": "h" * 17_000_000}), "C99999,63,")
    page.add(good_row("churn", 2))
    yield case("row of 17 MB", "churn", page, At(line, ROW, ("at most",)))
