"""Files that a manifest vouches for: another size or hash is refused, and what is refused is not given."""

from pathlib import Path

import pytest

from churn_saver.adapters.plain_files import MOST_BYTES
from churn_saver.adapters.vouched import read_artefact, read_vouched, sha256
from churn_saver.errors import ArtifactError

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of the three bytes abc (FIPS 180-2, appendix B.1)."""


def test_a_hash_is_the_standards() -> None:
    """Of the standard's own example."""
    assert sha256(b"abc") == ABC


def test_what_is_as_promised_is_given(tmp_path: Path) -> None:
    """Byte by byte."""
    path = tmp_path / "model"
    path.write_bytes(b"abc")

    assert read_vouched(path, ABC, 3, "make it", "Make it again") == b"abc"
    assert read_artefact(path, "make it") == b"abc"


@pytest.mark.parametrize(
    ("raw", "size", "said"),
    [
        (b"abd", 3, "altered. Make it again"),
        (b"ab", 3, "has 2 bytes, the manifest says 3 .* altered or cut short"),
        (b"abc", MOST_BYTES + 1, "has 3 bytes, the manifest says"),
    ],
)
def test_anything_else_is_refused_by_name(tmp_path: Path, raw: bytes, size: int, said: str) -> None:
    """With what to do."""
    path = tmp_path / "model"
    path.write_bytes(raw)

    with pytest.raises(ArtifactError, match=f"model.* {said}"):
        read_vouched(path, ABC, size, "make it", "Make it again")


def test_what_is_not_there_is_named_with_its_maker(tmp_path: Path) -> None:
    """Vouched for or not."""
    absent = tmp_path / "absent"

    with pytest.raises(ArtifactError, match=r"absent.*make it"):
        read_artefact(absent, "make it")
    with pytest.raises(ArtifactError, match=r"absent.*make it"):
        read_vouched(absent, ABC, 3, "make it", "Make it again")
