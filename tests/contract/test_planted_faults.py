"""A company's own table with something wrong in it, five hundred times: said exactly, and nothing lost."""

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from churn_saver.data.checking.streaming import Verdict
from churn_saver.data.reading.parsing import Sizes
from churn_saver.errors import Fault, InputError, TableError
from churn_saver.pipeline.company import REJECTS, check_file
from tests.contract.benign_oddities import benign
from tests.contract.kept_rows import kept_as, meant
from tests.contract.planted_faults import planted
from tests.contract.planting import ANY, ROW, At, Benign, Planted

PLANTED, BENIGN = planted(), benign()
ROWS = [one for one in PLANTED if one.good is not None]
REFUSED = [one for one in PLANTED if one.good is None]
LONGEST, SHOWN = 300, 30
"""Characters of a line of a message at most, and of a value that it shows at least."""
SMALL, LARGE, TINY, PIECE = 1 << 13, 1 << 22, 97, 60_013
"""Bytes of a file that is read in tiny pieces, of one that is read in small ones, and of such pieces."""
IN_PIECES = [
    one
    for number, one in enumerate(PLANTED)
    if (number % 12 == 0 and len(one.raw) < SMALL)
    or one.name.startswith(("gzip", "header again"))
    or 1 << 20 < len(one.raw) < LARGE
]
SUFFIXES = (".csv", ".jsonl", ".parquet")


@dataclass(frozen=True)
class Ran:
    """What a check came to."""

    folder: Path
    keep: Path
    verdict: Verdict | None
    error: InputError | None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault that was named."""
        if self.verdict is not None:
            return self.verdict.faults
        return self.error.faults if isinstance(self.error, TableError) else ()

    @property
    def found(self) -> Verdict:
        """The verdict of a file that was not refused."""
        assert self.verdict is not None, self.error
        return self.verdict

    @property
    def rejects(self) -> list[list[str]]:
        """The rows of the file of rejects, without its header."""
        csv.field_size_limit(1 << 30)
        place = self.folder / "out" / REJECTS
        if not place.exists():
            return []
        with place.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]


def _ran(one: Planted | Benign, folder: Path, keep: Path | None, sizes: Sizes | None = None) -> Ran:
    folder.mkdir()
    path = folder / one.file
    path.write_bytes(one.raw)
    verdict, error = None, None
    try:
        verdict = check_file(path, one.kind, one.mapping, folder / "out", keep, lambda *_: None, sizes=sizes)
    except InputError as raised:
        error = raised
    return Ran(folder, keep or folder / "kept", verdict, error)


Run = Callable[[Planted | Benign], Ran]
Again = Callable[[Path, str], Verdict]


@pytest.fixture(scope="module")
def check_again(tmp_path_factory: pytest.TempPathFactory) -> Again:
    """Give the check of kept rows; files of the same bytes are checked once."""
    verdicts: dict[tuple[str, str, str], Verdict] = {}
    out = tmp_path_factory.mktemp("again")

    def check(kept: Path, kind: str) -> Verdict:
        key = (kind, kept.suffix, hashlib.sha256(kept.read_bytes()).hexdigest())
        if key not in verdicts:
            verdicts[key] = check_file(kept, kind, {}, out, None, lambda *_: None)
        return verdicts[key]

    return check


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Give the check of a case with its good rows kept; each case is checked once for all properties."""
    place = tmp_path_factory.mktemp("planted")
    numbers = {id(one): number for number, one in enumerate([*PLANTED, *BENIGN])}
    ran: dict[int, Ran] = {}

    def check(one: Planted | Benign) -> Ran:
        number = numbers[id(one)]
        if number not in ran:
            keep = place / f"kept-{number}" / f"good{SUFFIXES[number % len(SUFFIXES)]}"
            ran[number] = _ran(one, place / str(number), keep)
        return ran[number]

    return check


def _named(one: Planted | Benign) -> str:
    return one.name.replace("/", "|")


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _as_said(at: At, fault: Fault, message: str) -> None:
    assert at.line in (-1, fault.line)
    assert at.column in (ANY, fault.column)
    assert all(words.lower() in message.lower() for words in at.says)
    if at.value is not None:
        assert fault.value.startswith(at.value[:SHOWN])
        assert repr(at.value)[1:-1][:SHOWN] in str(fault)


def test_there_are_at_least_three_hundred_faults() -> None:
    """No two have one name."""
    assert len({one.name for one in PLANTED}) == len(PLANTED) >= 300
    assert len({one.name for one in BENIGN}) == len(BENIGN)


@pytest.mark.parametrize("one", ROWS, ids=_named)
def test_each_fault_is_named_by_file_line_and_column(one: Planted, run: Run) -> None:
    """No fault is left out, and no further one is named."""
    ran = run(one)

    assert ran.found.fault_count == len(one.faults)
    assert {fault.file for fault in ran.faults} == {one.file}
    assert (len(ran.found.sha256), ran.found.size) == (64, len(one.raw))
    for at, fault in zip(one.faults, ran.faults, strict=True):
        _as_said(at, fault, str(fault))


@pytest.mark.parametrize("one", REFUSED, ids=_named)
def test_file_that_cannot_be_used_is_refused_by_name(one: Planted, run: Run) -> None:
    """Nothing is kept of it; a column that spoils every row leaves all rows among the rejects."""
    ran = run(one)

    assert not ran.keep.exists()
    if ran.verdict is None:
        assert _files(ran.folder) == [one.file]
    else:
        assert (ran.verdict.whole, ran.verdict.good, ran.verdict.rows) == (True, 0, len(ran.rejects))
    if one.mapping:
        assert all(words in str(ran.error) for at in one.faults for words in at.says)
        return
    assert {fault.file for fault in ran.faults} == {one.file}
    for at in one.faults:
        (same,) = [fault for fault in ran.faults if at.column in (ANY, fault.column)]
        _as_said(at, same, str(ran.error or same))


@pytest.mark.parametrize("one", ROWS, ids=_named)
def test_no_row_is_lost(one: Planted, run: Run) -> None:
    """Good and bad rows are those of the file."""
    found, good = run(one).found, len(one.good or ())

    assert (found.good, found.bad, found.rows) == (good, len(one.bad), good + len(one.bad))


@pytest.mark.parametrize("one", ROWS, ids=_named)
def test_rejects_are_the_bad_rows_as_they_came(one: Planted, run: Run) -> None:
    """Each with its line; a spreadsheet's formula and an escape are no exception."""
    rejects = run(one).rejects

    assert [int(row[-2]) for row in rejects] == [line for line, _ in one.bad]
    for row, (_, pieces) in zip(rejects, one.bad, strict=True):
        cells = row[:-2]
        assert all(any(piece in cell for cell in cells) for piece in pieces)
        if len(pieces) == len(cells) and all(at.column != ROW for at in one.faults):
            assert [cells[0].removeprefix("\ufeff"), *cells[1:]] == list(pieces)


@pytest.mark.parametrize("one", PLANTED[::15], ids=_named)
def test_nothing_good_is_written_unless_asked_for(one: Planted, tmp_path: Path, run: Run) -> None:
    """What is found is the same."""
    ran = _ran(one, tmp_path / "in", None)

    assert set(_files(tmp_path)) <= {f"in/{one.file}", f"in/out/{REJECTS}"}
    assert ran.rejects == run(one).rejects
    assert ran.faults == run(one).faults


@pytest.mark.parametrize("one", ROWS, ids=_named)
def test_kept_rows_are_the_good_ones(one: Planted, run: Run, check_again: Again) -> None:
    """Value by value, and a table of them has no fault."""
    keep = run(one).keep
    assert one.good is not None

    assert kept_as(keep, one.good) == meant(one.good)
    assert keep.exists() == bool(one.good)
    if one.good:
        again = check_again(keep, one.kind)
        assert (again.faults, again.good) == ((), len(one.good))


@pytest.mark.parametrize("one", PLANTED, ids=_named)
def test_messages_are_short_and_harm_no_screen(one: Planted, run: Run) -> None:
    """Whatever a file or a column is called, and whatever a cell holds."""
    ran = run(one)
    messages = [str(fault) for fault in ran.faults]
    if ran.error is not None:
        messages += str(ran.error).split("\n")

    assert messages
    for message in [*messages, *(row[-1] for row in ran.rejects)]:
        assert message.isprintable()
    assert max(map(len, messages)) <= LONGEST


@pytest.mark.parametrize("one", BENIGN, ids=_named)
def test_odd_file_without_a_fault_is_good(one: Benign, run: Run) -> None:
    """All of its rows are, and they are kept with their values."""
    ran = run(one)

    assert (ran.found.faults, ran.found.bad) == ((), 0)
    assert ran.found.good == ran.found.rows == len(one.good)
    assert kept_as(ran.keep, one.good) == meant(one.good)
    assert not (ran.folder / "out" / REJECTS).exists()


@pytest.mark.parametrize("one", IN_PIECES, ids=_named)
def test_how_much_is_read_at_a_time_makes_no_difference(one: Planted, tmp_path: Path, run: Run) -> None:
    """The faults and the rejects are the same ones."""
    sizes = Sizes(piece=TINY if len(one.raw) < SMALL else PIECE, rows=2)
    ran = _ran(one, tmp_path / "in", None, sizes)

    assert str(ran.error) == str(run(one).error)
    assert ran.faults == run(one).faults
    assert ran.rejects == run(one).rejects
