"""One trained predictor without the other, and two such parts made one."""

import json
from pathlib import Path

import pytest

from churn_saver.adapters import artifacts
from churn_saver.adapters.artifact_parts import holds_part, join, part_file, save_part
from churn_saver.adapters.artifacts import CHURN, MANIFEST
from churn_saver.adapters.canonical import canonical
from churn_saver.errors import ArtifactError
from tests.tiny_predictors import tiny_predictors

ALIKE = {"hold_out": {"seed": 42, "share": 0.1}, "preset": "best"}
METRICS = {"out_of_fold": {"auc": 0.8}}


def parts(folder: Path, **accept: object) -> tuple[Path, Path]:
    """Write both parts, each into a folder of its own."""
    found = tiny_predictors()
    save_part(folder / "risk", found.risk, {**ALIKE, "rows": 20}, METRICS, {"report.json": b"{}"})
    save_part(folder / "accept", found.accept, {**ALIKE, "rows": 30, **accept}, METRICS, {})
    return folder / "risk", folder / "accept"


def test_joined_parts_are_what_a_training_of_both_writes(tmp_path: Path) -> None:
    """Byte for byte, the version too."""
    found = tiny_predictors()
    both = artifacts.save(
        tmp_path / "both", found.risk, found.accept,
        {"risk": {**ALIKE, "rows": 20}, "accept": {**ALIKE, "rows": 30}},
        {"risk": METRICS, "accept": METRICS},
    )  # fmt: skip

    version = join(*parts(tmp_path), tmp_path / "joined")

    assert version == both
    names = sorted(path.name for path in (tmp_path / "both").iterdir())
    assert sorted(path.name for path in (tmp_path / "joined").iterdir()) == names
    for name in names:
        assert (tmp_path / "joined" / name).read_bytes() == (tmp_path / "both" / name).read_bytes()


def test_parts_of_one_folder_become_a_whole_there(tmp_path: Path) -> None:
    """What was a part's alone is gone."""
    found = tiny_predictors()
    save_part(tmp_path, found.risk, ALIKE, METRICS, {})
    save_part(tmp_path, found.accept, ALIKE, METRICS, {})

    join(tmp_path, tmp_path, tmp_path)

    assert artifacts.load(tmp_path).version
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [MANIFEST, artifacts.ACCEPT, artifacts.CALIBRATOR, CHURN]
    )


def test_nothing_serves_from_a_part(tmp_path: Path) -> None:
    """There is no manifest."""
    risk, accept = parts(tmp_path)

    assert holds_part(risk, "risk")
    assert not holds_part(risk, "accept")
    for folder in (risk, accept):
        with pytest.raises(ArtifactError, match=r"MANIFEST\.json cannot be read"):
            artifacts.load(folder)


@pytest.mark.parametrize(
    ("accept", "said"),
    [
        ({"preset": "classic"}, r"preset best and classic"),
        ({"hold_out": {"seed": 1, "share": 0.1}}, r"hold_out \{'seed': 42.*and \{'seed': 1"),
    ],
)
def test_a_stale_part_is_not_vouched_for(tmp_path: Path, accept: dict[str, object], said: str) -> None:
    """Another hold-out or preset; nothing is written."""
    with pytest.raises(ArtifactError, match=rf"not trained alike: {said}.*Train both again"):
        join(*parts(tmp_path, **accept), tmp_path / "joined")

    assert not (tmp_path / "joined").exists()


def test_a_part_of_other_code_is_not_vouched_for(tmp_path: Path) -> None:
    """Its manifest says by which version it was made."""
    risk, accept = parts(tmp_path)
    path = accept / part_file("accept")
    path.write_bytes(canonical(json.loads(path.read_bytes()) | {"code": "0.0.0"}))

    with pytest.raises(ArtifactError, match=r"not trained alike: code .* and 0\.0\.0"):
        join(risk, accept, tmp_path / "joined")


def test_an_altered_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """By size or hash."""
    risk, accept = parts(tmp_path)
    (risk / CHURN).write_bytes((risk / CHURN).read_bytes()[:-1] + b"x")

    with pytest.raises(ArtifactError, match=r"churn_model\.ubj has SHA-256 .*altered"):
        join(risk, accept, tmp_path / "joined")


def test_a_missing_part_is_named_with_what_makes_it(tmp_path: Path) -> None:
    """The command of that one model."""
    _, accept = parts(tmp_path)

    with pytest.raises(ArtifactError, match=r"PART_risk\.json cannot be read.*train-risk --only risk"):
        join(tmp_path / "nowhere", accept, tmp_path / "joined")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 9}, "schema 9 of 'risk'"),
        ({"model": "accept"}, "schema 1 of 'accept'"),
        ({"files": {}}, "files lacks churn_model.ubj, calibrator_risk.json"),
        ({"features": "tenure"}, "not what they should be"),
        ({"more": 1}, "holds more"),
    ],
)
def test_what_is_no_part_of_ours_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    """With what is wrong in it."""
    risk, accept = parts(tmp_path)
    path = risk / part_file("risk")
    path.write_bytes(canonical(json.loads(path.read_bytes()) | change))

    with pytest.raises(ArtifactError, match=rf"is no part of trained models \(.*{said}"):
        join(risk, accept, tmp_path / "joined")
