"""What a run of training jobs begins with."""

from pathlib import Path

import pytest

from churn_saver.adapters.trees import pull_tree
from churn_saver.errors import InputError
from churn_saver.pipeline.jobs_inputs import require_tables, send_base, send_inputs


def written(folder: Path, *names: str) -> None:
    """Write files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def listed(folder: Path) -> list[str]:
    """List the files of a tree that was brought back."""
    paths = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path != "tree.json")


def test_tables_and_settings_are_sent_and_nothing_else(tmp_path: Path) -> None:
    """Own tables, prepared ones; neither what was downloaded nor a table of customers."""
    written(
        tmp_path / "data", "churn_train.csv", "accept_train.csv", "DEMO.json", "customers.csv",
        "raw/telco.csv", "processed/ibm_telco/manifest.json", "rlhf_pairs.jsonl",
    )  # fmt: skip
    written(tmp_path / "configs", "env.yaml", "notes.txt")

    sent = send_inputs(tmp_path / "data", tmp_path / "configs", str(tmp_path / "place"))
    pull_tree(str(tmp_path / "place"), "inputs", tmp_path / "back")

    assert sent.files == 6
    assert listed(tmp_path / "back") == [
        "data/DEMO.json", "data/accept_train.csv", "data/churn_train.csv",
        "data/processed/ibm_telco/manifest.json", "data/rlhf_pairs.jsonl", "ops/configs/env.yaml",
    ]  # fmt: skip


def test_a_run_has_one_set_of_inputs(tmp_path: Path) -> None:
    """Others under the same run are refused."""
    written(tmp_path / "data", "churn_train.csv")
    send_inputs(tmp_path / "data", tmp_path, str(tmp_path / "place"))
    (tmp_path / "data" / "churn_train.csv").write_text("changed")

    with pytest.raises(InputError, match=r"another data/churn_train\.csv stands at"):
        send_inputs(tmp_path / "data", tmp_path, str(tmp_path / "place"))


def test_the_base_models_that_are_asked_for_are_sent(tmp_path: Path) -> None:
    """By name; one of the hub, and a folder elsewhere, are the job's to get."""
    written(tmp_path / "checkpoints" / "base_models", "smollm2-135m/weights", "other/weights", "a.whl")

    sent = send_base(
        tmp_path / "checkpoints", ["smollm2-135m", "smollm2-135m", "tiny"], str(tmp_path / "place")
    )
    pull_tree(str(tmp_path / "place"), "base", tmp_path / "back")

    assert sent is not None
    assert listed(tmp_path / "back") == ["checkpoints/base_models/smollm2-135m/weights"]
    assert send_base(tmp_path / "checkpoints", ["tiny", "facebook/opt-350m"], str(tmp_path / "p")) is None


def test_tables_are_looked_for_before_anything_is_paid_for(tmp_path: Path) -> None:
    """Those of the wanted stages alone; a prepared table will do for the churn risk."""
    require_tables(tmp_path, ["sft"])
    with pytest.raises(
        InputError, match=r"accept needs .*accept_train\.csv, and there is none.*make prepare-data"
    ):
        require_tables(tmp_path, ["accept"])
    with pytest.raises(InputError, match=r"risk needs .*churn_train\.csv or .*processed/ibm_telco"):
        require_tables(tmp_path, ["risk"])
    written(tmp_path, "processed/ibm_telco/manifest.json")
    require_tables(tmp_path, ["risk", "ppo-decision"])
