"""Learned effects on disk."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.uplift import MANIFEST, MODEL, NUMBERS, load, save
from churn_saver.errors import ArtifactError
from tests.persuadables import learned

EFFECTS = learned().effects


def saved(folder: Path) -> str:
    """Save small effects."""
    return save(folder, EFFECTS, {"source": "log.csv"}, {"shown": True}, {"report.json": b"{}"})


def vouched(folder: Path, name: str, content: bytes) -> None:
    """Put other bytes in a file and let the manifest vouch for them."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (folder / MANIFEST).write_bytes(canonical(manifest))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """The same effects to the last bit, with columns, choices, window and version."""
    version = saved(tmp_path / "u")
    x = np.random.default_rng(0).random((200, 4)).astype(np.float32) * 60

    found = load(tmp_path / "u")

    np.testing.assert_array_equal(found.learner.effects(x), EFFECTS.learner.effects(x))
    assert (found.names, found.choices, found.days) == (EFFECTS.names, (0, 1, 2, 3, 4), 30)
    assert (
        found.version == version == hashlib.sha256((tmp_path / "u" / MANIFEST).read_bytes()).hexdigest()[:16]
    )


def test_the_same_effects_make_the_same_bytes(tmp_path: Path) -> None:
    """No time stands in them, and what lies beside them is not vouched for."""
    saved(tmp_path / "one")
    saved(tmp_path / "two")
    (tmp_path / "two" / "report.json").write_bytes(b"[]")

    for name in (MODEL, NUMBERS, MANIFEST):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert load(tmp_path / "one").version == load(tmp_path / "two").version


@pytest.mark.parametrize("name", [MODEL, NUMBERS])
@pytest.mark.parametrize(
    "change", [lambda raw: raw[:-1], lambda raw: raw + b" ", lambda raw: raw[:-1] + b"?", lambda raw: b""]
)
def test_an_altered_file_is_not_parsed(tmp_path: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Cut short, longer, one byte of another kind, empty: its hash says so first, and which file it is."""
    saved(tmp_path)
    (tmp_path / name).write_bytes(change((tmp_path / name).read_bytes()))

    with pytest.raises(
        ArtifactError, match=rf"{name} has .* altered.* Learn again: churn-saver train-uplift"
    ):
        load(tmp_path)


@pytest.mark.parametrize("name", [MODEL, NUMBERS, MANIFEST])
def test_a_missing_file_names_what_makes_it(tmp_path: Path, name: str) -> None:
    """One command."""
    saved(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(ArtifactError, match=rf"{name} cannot be read .*Next step: churn-saver train-uplift"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw.update(schema=2), r"has schema '2', wanted 1"),
        (lambda raw: raw.pop("files"), r"the manifest lacks files"),
        (lambda raw: raw["files"].pop(MODEL), r"files lacks uplift_model\.ubj"),
        (lambda raw: raw["files"].update({"../x": {}}), r"files holds \.\./x, wanted"),
        (lambda raw: raw["files"][MODEL].update(size="1"), r"files\.uplift_model\.ubj\.size is '1', wanted"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, change: Any, message: str) -> None:
    """By what is wrong in it, with the file and the fix."""
    saved(tmp_path)
    raw = json.loads((tmp_path / MANIFEST).read_bytes())
    change(raw)
    (tmp_path / MANIFEST).write_text(json.dumps(raw))

    with pytest.raises(ArtifactError, match=rf"MANIFEST\.json: .*{message}.*Learn again"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 7}, r"uplift\.json has schema '7', wanted 1"),
        ({"slope": float("nan")}, r"slope is '\[nan\]', wanted finite numbers"),
        ({"average": "x"}, r"average is 'x', wanted finite numbers"),
        ({"average": [0.1]}, r"1 mean effects, 4 means"),
        ({"rising": 1}, r"rising and days are 1 and 30"),
        ({"days": 0}, r"rising and days are True and 0"),
        ({"names": []}, r"names is '\[\]', wanted names of columns"),
        ({"names": ["churn_risk", "tenure_months"]}, r"grown on 4 columns, uplift\.json names 2"),
        ({"names": ["churn_risk", "churn_risk", "tenure_months", "monthly_spend"]}, r"wanted each once"),
        (
            {"names": ["churn_risk", "shoe_size", "tenure_months", "monthly_spend"]},
            r"unknown features shoe_size",
        ),
        ({"choices": [0, 1, 2, 3]}, r"choices is '\[0, 1, 2, 3\]', wanted 5 of 0 to 4"),
        ({"choices": [1, 2, 3, 4, 5]}, r"wanted 5 of 0 to 4, rising from 0"),
        ({"choices": None}, r"choices is 'None'"),
    ],
)
def test_numbers_of_another_kind_are_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Though the manifest vouches for them."""
    saved(tmp_path)
    raw = json.loads((tmp_path / NUMBERS).read_bytes()) | change
    vouched(tmp_path, NUMBERS, json.dumps(raw).encode())

    with pytest.raises(ArtifactError, match=rf"{message}.*Learn again"):
        load(tmp_path)


def test_files_of_another_kind_are_refused(tmp_path: Path) -> None:
    """Trees that are text, and numbers that are no JSON, though the manifest vouches for them."""
    saved(tmp_path)
    whole = (tmp_path / MODEL).read_bytes()
    vouched(tmp_path, MODEL, b"trees")

    with pytest.raises(
        ArtifactError, match=r"trees of effects cannot be read \(b't' before byte 1 is nothing"
    ):
        load(tmp_path)
    vouched(tmp_path, MODEL, whole)
    vouched(tmp_path, NUMBERS, b"[" * 5_000)
    with pytest.raises(ArtifactError, match=r"it is not JSON"):
        load(tmp_path)
