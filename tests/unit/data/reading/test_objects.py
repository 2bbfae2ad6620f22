"""JSON objects a piece at a time."""

import io

import pytest

from churn_saver.data.meaning.columns import field, number, required
from churn_saver.data.reading.feed import Feed
from churn_saver.data.reading.grid import Grid
from churn_saver.data.reading.objects import grids, is_objects, keys_of, names_of
from churn_saver.errors import InputError, TableError

COLUMNS = (required(field("tenure_months")), number("churn_risk", "0 to 1", 0, 1))


def read(raw: bytes, piece: int = 1 << 20, **mapping: str) -> tuple[list[str], list[Grid]]:
    """Read bytes a piece at a time; also give the names of the columns."""
    feed = Feed(io.BytesIO(raw), "t.jsonl", piece)
    keys = keys_of(feed, COLUMNS, mapping)
    found = list(grids(feed, keys))
    return list(keys.own), found


def test_keys_are_columns_and_cells_remember_what_they_were() -> None:
    """A number is a string that was no text; what no column is meant by is listed at the end."""
    names, (_, grid) = read(b'{"note": "x", "tenure": 12, "churn_risk": "0.5"}\n\n{"tenure": "7"}\n')

    assert (names, grid.header) == (["tenure_months", "churn_risk"], ("tenure", "churn_risk", "note"))
    assert grid.cells.rows() == [("12", "0.5"), ("7", None)]
    assert grid.lines.tolist() == [1, 3]
    assert grid.not_text[0].to_list() == [True, False]
    assert grid.raw == [b'{"note": "x", "tenure": 12, "churn_risk": "0.5"}', b'{"tenure": "7"}']


def test_required_key_in_none_of_the_first_lines_is_refused() -> None:
    """With the keys that there are, and the mapping that would help."""
    with pytest.raises(TableError, match=r"(?s)'tenure_months' is 'absent'.*--map tenure_months=months"):
        read(b'{"months": 3}\n')


def test_mapped_key_frees_the_others() -> None:
    """`tenure` is then just another key, also when it comes late."""
    lines = b'{"months": 3}\n' * 1_200 + b'{"months": 4, "tenure": 9}\n'

    _, found = read(lines, 4_096, tenure="months")

    assert not any(grid.troubles for grid in found)
    assert found[-1].cells["0"].to_list()[-1] == "4"
    with pytest.raises(InputError, match="no column 'moths'"):
        read(lines, tenure="moths")


def test_lists_and_objects_are_no_cells() -> None:
    """Where the key is wanted; elsewhere they do not matter."""
    _, (_, grid) = read(b'{"tenure": [1, 2], "note": [3]}\n{"tenure": 1, "note": {"a": 4}}')

    ((trouble,),) = grid.troubles.values()
    assert (trouble.column, trouble.value) == ("tenure", "[1,2]")


def test_kind_is_told_by_name_or_by_the_first_bytes() -> None:
    """A CSV with a wrong name is still one."""
    assert is_objects(b"", "t.jsonl.gz")
    assert is_objects(b' {"a": 1}', "t.txt")
    assert not is_objects(b"a,b\n", "t.csv")


def test_names_are_those_of_the_first_lines() -> None:
    """In the order in which they come; what is no object has none."""
    assert names_of(Feed(io.BytesIO(b'{"b": 1}\nno\n{"a": 1, "b": 2}'), "t.jsonl")) == ["b", "a"]


def test_names_come_from_unusable_lines_too() -> None:
    """A file whose every line has NaN, or a key twice, has a fault on each line, not a column too few."""
    names, (_, grid) = read(b'{"tenure": NaN}\n{"tenure": 1, "tenure": 2}\n')

    assert names == ["tenure_months"]
    assert [trouble[0].value for trouble in grid.troubles.values()] == ["NaN", "there twice"]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (b'[{"tenure": 1}]', 1),
        (b'\n[\n{"tenure": 1},\n{"tenure": 2}\n]\n', 2),
        (b'{\n "tenure": 1\n}\n', 1),
        (b"tenure,churn_risk\n1,0.5\n", 1),
    ],
    ids=["array", "array over lines", "object over lines", "CSV"],
)
def test_one_object_a_line_is_wanted(raw: bytes, line: int) -> None:
    """Said of the file as a whole, not of columns that it seems to lack."""
    with pytest.raises(TableError, match=rf"(?s)t.jsonl:{line}: .*one JSON object a line.*named .csv"):
        read(raw)


@pytest.mark.parametrize("digits", ["18446744073709551617", "-9" + "0" * 30, "9" * 300])
def test_long_whole_number_keeps_its_digits(digits: str) -> None:
    """The fast reader would take it for a float."""
    _, (_, grid) = read(f'{{"tenure": {digits}}}\n'.encode())

    assert grid.cells.rows() == [(digits,)]


def test_number_of_more_digits_than_an_id_may_have_is_a_fault() -> None:
    """Though a float could still hold it."""
    _, (_, grid) = read(b'{"tenure": ' + b"9" * 305 + b"}\n")

    ((trouble,),) = grid.troubles.values()
    assert (trouble.column, trouble.wanted) == ("tenure", "a finite number, or null")
