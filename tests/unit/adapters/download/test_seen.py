"""Hashes that nobody told us."""

import json
import threading
from pathlib import Path

import pytest

from churn_saver.adapters.download.seen import Seen, first_seen, record
from churn_saver.errors import InputError


def test_record_is_read_back_and_others_stay(tmp_path: Path) -> None:
    """One file for all, readable by a person."""
    one, two = Seen("1" * 64, 5, "https://a.org/x"), Seen("2" * 64, 6, "kaggle a/b c")
    record(tmp_path, "a/x", one)
    record(tmp_path, "b/y", two)

    assert (first_seen(tmp_path, "a/x"), first_seen(tmp_path, "b/y")) == (one, two)
    assert first_seen(tmp_path, "c") is None
    assert json.loads((tmp_path / "SEEN.json").read_text())["a/x"] == {
        "sha256": "1" * 64, "size": 5, "address": "https://a.org/x",
    }  # fmt: skip


def test_nothing_is_lost_when_many_write_at_once(tmp_path: Path) -> None:
    """Each reads, adds and writes under a lock."""
    threads = [
        threading.Thread(target=record, args=(tmp_path, f"f{n}", Seen(f"{n}", n, "a"))) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [first_seen(tmp_path, f"f{n}") for n in range(20)] == [Seen(f"{n}", n, "a") for n in range(20)]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"a": 1}', '{"a": {"sha256": "x"}}', '{"a": {"size": "x"}}']
)
def test_damaged_records_are_refused(tmp_path: Path, content: str) -> None:
    """Never taken for 'nothing seen yet': that would accept any file."""
    (tmp_path / "SEEN.json").write_text(content)

    with pytest.raises(
        InputError, match=r"SEEN.json is no record of hashes .*Next step: mend it, or delete it"
    ):
        first_seen(tmp_path, "a")


def test_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Where the records cannot be written, nothing counts as recorded."""
    with pytest.raises(InputError, match=r"SEEN.json cannot be written \(No such file or directory\)"):
        record(tmp_path / "absent", "a", Seen("1" * 64, 5, "x"))
