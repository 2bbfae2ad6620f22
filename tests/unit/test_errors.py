"""Messages that name the thing, the value got, the value wanted and the next step."""

from churn_saver.errors import (
    LONGEST_LINE,
    ChurnSaverError,
    Fault,
    LedgerUnavailable,
    TableError,
    listed,
    quoted,
    shown,
)


def test_a_fault_says_where_what_and_what_was_wanted() -> None:
    """One line, file and line first, as editors and people read it."""
    fault = Fault("c.csv", 7, "tenure", "-3", "months from 0 to 1200")

    assert str(fault) == "c.csv:7: column 'tenure' is '-3', wanted months from 0 to 1200"


def test_long_values_are_cut() -> None:
    """A megabyte in a cell is not a megabyte on the screen: 40 characters at most."""
    shown = str(Fault("c.csv", 2, "name", "x" * 1_000_000, "a plain name"))

    assert "'" + "x" * 37 + "...'" in shown
    assert len(shown) < 120


def test_a_table_error_keeps_all_faults_and_shows_ten() -> None:
    """The rest is counted, and the next step stands last."""
    faults = [Fault("c.csv", line, "a", "b", "c") for line in range(2, 27)]
    error = TableError(faults, "Mend them.")

    assert len(error.faults) == 25
    assert str(error).count("c.csv:") == 10
    assert str(error).endswith("... and 15 more\nMend them.")


def test_all_errors_have_one_root() -> None:
    """Whoever catches the root catches everything raised on purpose."""
    assert issubclass(LedgerUnavailable, ChurnSaverError)
    assert issubclass(TableError, ChurnSaverError)


def test_what_a_screen_would_obey_is_shown_as_text() -> None:
    """An escape in a file's name, a line end in a column's, signs that turn the reading order in a value."""
    fault = Fault("a\x1b[31m.csv", 2, "two\nlines", "\u202enert", "x")

    assert str(fault) == r"a\x1b[31m.csv:2: column 'two\nlines' is '\u202enert', wanted x"
    assert shown("plain 'text' é") == "plain 'text' é"
    assert quoted("\u2028\x00") == r"'\u2028\x00'"


def test_no_line_is_longer_than_a_screen_can_bear() -> None:
    """Whatever is long: the file's name, the column's, the value, or what was wanted."""
    for sign in ("x", "\x1b", "\U000e0001"):
        fault = Fault(sign * 250, 10**7, sign * 100_000, sign * 200, "w" * 250)

        assert len(str(fault)) <= LONGEST_LINE
        assert len(fault.told()) <= LONGEST_LINE
        assert f":{10**7}: column '" in str(fault)


def test_names_are_listed_as_far_as_there_is_room() -> None:
    """The others are counted; the first one always stands there."""
    assert listed(["a", "b\x1b", "c"]) == r"a, b\x1b, c"
    assert listed([f"n{i}" for i in range(3_000)], 20) == "n0, n1, n2, n3, n4, and 2,995 more"
    assert listed(["x" * 900, "y"], 10) == "x" * 37 + "..., and 1 more"
    assert listed([]) == ""
