"""Drafts that were written before a stop."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from churn_saver.adapters.draft_files import remembered
from churn_saver.errors import ArtifactError, InputError


class _Writer:
    """Writes its prompts in capitals and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, prompts: Sequence[str], seed: int) -> Sequence[str]:
        """Write."""
        self.asked += 1
        return [f"{prompt.upper()} {seed}" for prompt in prompts]


def test_what_was_written_is_not_written_again(tmp_path: Path) -> None:
    """By another process with the same models; other prompts and other seeds are other drafts."""
    first, second = _Writer(), _Writer()
    path = tmp_path / "new" / "drafts.jsonl"
    answers = remembered(first, path, {"writer": "a"})
    assert answers(["x", "y"], 1) == answers(["x", "y"], 1) == ["X 1", "Y 1"]

    again = remembered(second, path, {"writer": "a"})

    assert again(["x", "y"], 1) == ["X 1", "Y 1"]
    assert (first.asked, second.asked) == (1, 0)
    assert again(["x", "y"], 2) == ["X 2", "Y 2"]
    assert again(["x"], 1) == ["X 1"]
    assert second.asked == 2


@pytest.mark.parametrize("cut", [1, 12])
def test_a_line_left_half_is_written_again(tmp_path: Path, cut: int) -> None:
    """What stands before it stays."""
    path = tmp_path / "drafts.jsonl"
    answers = remembered(_Writer(), path, {})
    answers(["x"], 1)
    answers(["y"], 1)
    path.write_bytes(path.read_bytes()[:-cut])
    writer = _Writer()
    again = remembered(writer, path, {})

    assert [again(["x"], 1), again(["y"], 1)] == [["X 1"], ["Y 1"]]
    assert writer.asked == 1
    assert path.read_bytes().count(b"\n") == 3


def test_drafts_of_others_are_refused(tmp_path: Path) -> None:
    """By name, with what to do."""
    path = tmp_path / "drafts.jsonl"
    remembered(_Writer(), path, {"writer": "a"})

    with pytest.raises(ArtifactError, match=r"drafts\.jsonl holds drafts of other models.*--fresh"):
        remembered(_Writer(), path, {"writer": "b"})


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """A whole line that is none of ours."""
    path = tmp_path / "drafts.jsonl"
    remembered(_Writer(), path, {})
    path.write_bytes(path.read_bytes() + b"{}\n")

    with pytest.raises(ArtifactError, match=r"drafts\.jsonl is damaged .*--fresh"):
        remembered(_Writer(), path, {})


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder where the file should be."""
    (tmp_path / "taken").mkdir()

    with pytest.raises(InputError, match=r"taken cannot be read.*Free this place"):
        remembered(_Writer(), tmp_path / "taken", {})
