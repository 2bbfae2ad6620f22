"""The folder of an exported model: taken whole, or refused by name with what makes it."""

import json
from pathlib import Path

import pytest

from churn_saver.adapters.live_files import MANIFEST, MODEL, verified
from churn_saver.errors import ArtifactError
from tests.live_exports import exported


def test_a_whole_export_says_what_stands_after_a_prompt(tmp_path: Path) -> None:
    """The manifest is the one place that knows how the model was asked in training."""
    assert verified(exported(tmp_path / "live")) == "\nReply: "


def test_a_truncated_model_is_refused_by_name(tmp_path: Path) -> None:
    """Half a file is refused before the runtime sees a byte, with what makes it again."""
    folder = exported(tmp_path / "live")
    (folder / MODEL).write_bytes(b"GGUF w")

    with pytest.raises(ArtifactError, match=r"model\.gguf has 6 bytes .* it was cut or altered"):
        verified(folder)


def test_an_absent_model_is_refused_with_what_makes_it(tmp_path: Path) -> None:
    """Neither folder nor file is there."""
    with pytest.raises(ArtifactError, match=r"manifest\.json cannot be read .*churn-saver live-model"):
        verified(tmp_path / "nowhere")
    folder = exported(tmp_path / "live")
    (folder / MODEL).unlink()
    with pytest.raises(ArtifactError, match=r"model\.gguf cannot be read"):
        verified(folder)


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"{", r"manifest\.json: "),
        (b"[]", r"manifest\.json: "),
        (json.dumps({"schema": 1}).encode(), r"manifest\.json: "),
    ],
)
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, raw: bytes, complaint: str) -> None:
    """What is no manifest is not guessed at."""
    folder = exported(tmp_path / "live")
    (folder / MANIFEST).write_bytes(raw)

    with pytest.raises(ArtifactError, match=complaint):
        verified(folder)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    """An export of a later version is not read as one of this."""
    with pytest.raises(ArtifactError, match=r"schema is 2, wanted 1"):
        verified(exported(tmp_path / "live", schema=2))
