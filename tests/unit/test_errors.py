"""Messages that name the thing, the value got, the value wanted and the next step."""

from churn_saver.errors import ChurnSaverError, Fault, LedgerUnavailable, TableError


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
