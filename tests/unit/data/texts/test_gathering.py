"""What is gathered while a source is read."""

from churn_saver.data.texts.gathering import REJECT_COLUMNS, RESPONSE_COLUMNS, Gathering
from churn_saver.errors import Fault


def test_nothing_gathered_has_all_columns() -> None:
    """An empty source is a frame of no rows."""
    gathering = Gathering(RESPONSE_COLUMNS)
    texts = gathering.texts(gathering.frame())

    assert (texts.frame.columns, texts.frame.height) == (list(RESPONSE_COLUMNS), 0)
    assert (texts.rejects.columns, texts.rejects.height) == (list(REJECT_COLUMNS), 0)
    assert dict(texts.left_out) == {}


def test_rows_keep_their_order_over_many_frames() -> None:
    """45,000 rows are three frames inside, one outside."""
    gathering = Gathering(["n"])
    for n in range(45_000):
        gathering.keep(str(n))

    assert gathering.frame()["n"].to_list() == [str(n) for n in range(45_000)]


def test_reasons_come_in_order_without_zeros() -> None:
    """Counts add up; what never happened is not listed."""
    gathering = Gathering(["n"])
    gathering.leave_out("deleted")
    gathering.leave_out("blank text", 2)
    gathering.leave_out("deleted", 3)
    gathering.leave_out("another language", 0)

    left_out = gathering.texts(gathering.frame()).left_out
    assert list(left_out.items()) == [("blank text", 2), ("deleted", 4)]


def test_reject_is_kept_as_it_came() -> None:
    """Bytes that are no UTF-8 are shown by their number."""
    gathering = Gathering(["n"])
    fault = Fault("a.jsonl", 7, "prompt", "3", "a text")
    gathering.reject(fault, b"caf\xe9 \xc3\xa9")

    texts = gathering.texts(gathering.frame())
    assert texts.faults == (fault,)
    assert texts.rejects.rows() == [("a.jsonl", 7, "column 'prompt' is '3', wanted a text", "caf\\xe9 é")]
