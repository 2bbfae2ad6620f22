"""The columns of a campaign's decisions."""

from tests.logbooks import logbook


def test_a_logbook_is_as_long_as_its_decisions() -> None:
    """None, or as many as there are."""
    assert [len(logbook([{}] * rows)) for rows in (0, 1, 3)] == [0, 1, 3]
