"""docs/promises.md is held to what there is: every row is whole, and every test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS = ["promise", "test", "CI size", "soak size", "command", "last measured"]
NOT_YET = "not measured yet"


def rows() -> list[list[str]]:
    """Read the rows of all tables, each as its cells."""
    lines = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8").splitlines()
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [cells for cells in found if cells != COLUMNS and set("".join(cells)) != {"-"}]


def named_in(cells: list[str]) -> list[str]:
    """Give the tests that a row names."""
    return re.findall(r"`([^`]+)`", cells[1])


@cache
def functions(path: Path) -> set[str]:
    """Name the tests of a file; of a file that is not there, none."""
    if not path.is_file():
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_table_has_the_same_columns() -> None:
    """Under each heading, named alike."""
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    sections = text.split("\n## ")[1:]

    assert sections
    for section in sections:
        header = next(line for line in section.splitlines() if line.startswith("|"))
        assert [cell.strip() for cell in header.strip("|").split("|")] == COLUMNS, section.splitlines()[0]


def test_every_row_has_all_cells() -> None:
    """A promise is a sentence, no two are one, and a figure has its day, or says that there is none yet."""
    for cells in rows():
        assert len(cells) == len(COLUMNS), cells
        assert all(cells), cells
        assert cells[0].endswith("."), cells[0]
        assert cells[-1] == NOT_YET or re.match(r"20\d\d-\d\d-\d\d: .", cells[-1]), cells
    promises = [cells[0] for cells in rows()]
    assert len(set(promises)) == len(promises) > 30


def test_every_test_that_is_named_exists() -> None:
    """By path and function; each row names one at least, and nothing beside them."""
    for cells in rows():
        named = named_in(cells)
        assert named, cells[0]
        assert cells[1] == " ".join(f"`{one}`" for one in named), cells[0]
        for one in named:
            path, _, function = one.partition("::")
            assert path.startswith("tests/"), one
            assert function.startswith("test_"), one
            assert function in functions(ROOT / path), f"{one} is named in docs/promises.md, and is not there"


def test_every_command_exists() -> None:
    """A target of the Makefile, or a benchmark."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for cells in rows():
        command = cells[4].strip("`")
        target = command.removeprefix("make ")

        assert (ROOT / command).is_file() or re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), (
            command
        )


def test_every_fault_has_a_promise() -> None:
    """No file of `tests/faults` tests something that nobody promised."""
    named = {one.partition("::")[0] for cells in rows() for one in named_in(cells)}
    there = {f"tests/faults/{path.name}" for path in (ROOT / "tests" / "faults").glob("test_*.py")}

    assert there - named == set(), "state in docs/promises.md what these prove"
