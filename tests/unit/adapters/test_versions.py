"""Versions on disk: whole or not there, held against their hashes before anything is parsed."""

import shutil
from pathlib import Path

import pytest

from churn_saver.adapters.ladder import LADDER, Ladder, read_ladder, write_ladder
from churn_saver.adapters.versions import RECORD, gathered, keep, kept, learned_folder, require_whole
from churn_saver.domain.versions import Version
from churn_saver.errors import ArtifactError
from churn_saver.opening import defaults_folder
from tests.kept_versions import kept_policy, kept_version
from tests.ladders import measured

PREDICTORS = {"MANIFEST.json", "churn_model.ubj", "accept_model.ubj", "calibrator.json"}


def test_a_plain_rung_is_its_predictors(tmp_path: Path) -> None:
    """Four files, and a record that says what the folder is; its name is the version's."""
    version = kept_version(tmp_path)
    folder = tmp_path / version.digest

    assert {path.name for path in folder.iterdir()} == PREDICTORS | {RECORD}
    assert set(version.files) == PREDICTORS
    assert require_whole(tmp_path, version.digest) == version
    assert (folder / RECORD).read_text() == version.content


def test_a_trained_rung_brings_its_file_and_its_line_of_the_ladder(tmp_path: Path) -> None:
    """Of the other rungs nothing: what else was measured beside it changes no version."""
    version = kept_policy(tmp_path / "versions", tmp_path / "policies")
    (tmp_path / "alone").mkdir()
    whole = read_ladder(tmp_path / "policies")
    name = "ppo_policy_ppo_price.safetensors"
    shutil.copyfile(tmp_path / "policies" / name, tmp_path / "alone" / name)
    alone = Ladder("ppo_price", whole.rows, {"ppo_price": whole.files["ppo_price"]}, ((100.0, 1.0),))
    write_ladder(tmp_path / "alone", alone)
    again, _ = gathered("ppo_price", defaults_folder(), tmp_path / "alone", None)

    assert set(version.files) == PREDICTORS | {LADDER, name}
    assert version.policy == f"ppo_price@{whole.files['ppo_price'][:16]}"
    assert again == version
    assert read_ladder(tmp_path / "versions" / version.digest).files == {
        "ppo_price": whole.files["ppo_price"]
    }


def test_the_exact_rung_brings_its_prices(tmp_path: Path) -> None:
    """They are what it decides by."""
    ladder = measured(tmp_path / "policies", "exact")
    version, contents = gathered("exact", defaults_folder(), tmp_path / "policies", None)
    keep(tmp_path, version, contents)

    assert read_ladder(tmp_path / version.digest).exact_prices == ladder.exact_prices
    assert set(version.files) == PREDICTORS | {LADDER}


def test_what_was_not_measured_is_no_version(tmp_path: Path) -> None:
    """The ladder has no row of it, or vouches for no file."""
    measured(tmp_path)

    with pytest.raises(ArtifactError, match="Measure again: make bench-policy"):
        gathered("ppo", defaults_folder(), tmp_path, None)
    with pytest.raises(ArtifactError, match="wanted 'ppo_nine'"):
        gathered("ppo_nine", defaults_folder(), tmp_path, None)


def test_kept_again_a_whole_folder_is_left_alone_and_a_broken_one_mended(tmp_path: Path) -> None:
    """The same bytes either way."""
    version, contents = gathered("knapsack", defaults_folder(), None, None)
    folder = keep(tmp_path, version, contents)
    inode = folder.stat().st_ino
    keep(tmp_path, version, contents)
    whole = folder.stat().st_ino
    (folder / "calibrator.json").write_bytes(b"{}")
    keep(tmp_path, version, contents)

    assert whole == inode
    assert require_whole(tmp_path, version.digest) == version


@pytest.mark.parametrize("name", sorted(PREDICTORS | {RECORD}))
def test_an_altered_or_lost_file_is_named(tmp_path: Path, name: str) -> None:
    """Every one of them, with what to do."""
    version = kept_version(tmp_path)
    path = tmp_path / version.digest / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match=rf"{name} has SHA-256 .* it was altered\. Next step: bring"):
        require_whole(tmp_path, version.digest)
    path.unlink()

    with pytest.raises(ArtifactError, match=rf"{name} cannot be read .* churn-saver versions register"):
        require_whole(tmp_path, version.digest)


def test_learned_effects_lie_beside_and_are_held_against_their_hashes_too(tmp_path: Path) -> None:
    """Their manifest has the name that the predictors' has."""
    contents = {"MANIFEST.json": b"predictors", "uplift/MANIFEST.json": b"effects"}
    hashes = {
        "MANIFEST.json": "653a6d265ad8824bb83ad7acee0075ac38392a89fb0f1076848c51cd2b7ab8aa",
        "uplift/MANIFEST.json": "0" * 64,
    }
    version = Version("uplift", hashes)
    keep(tmp_path, version, contents)

    assert (tmp_path / version.digest / "MANIFEST.json").read_bytes() == b"predictors"
    assert (learned_folder(tmp_path, version.digest) / "MANIFEST.json").read_bytes() == b"effects"
    with pytest.raises(ArtifactError, match=r"MANIFEST\.json has SHA-256"):
        require_whole(tmp_path, version.digest)


def test_what_is_kept_is_listed_and_strange_folders_are_passed_over(tmp_path: Path) -> None:
    """By name; a place that is not there holds nothing."""
    both = [kept_version(tmp_path), kept_version(tmp_path, "greedy")]
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / ("0" * 64)).mkdir()
    (tmp_path / ("0" * 64) / RECORD).write_text(both[0].content)

    assert kept(tmp_path) == tuple(sorted(both, key=lambda one: one.digest))
    assert kept(tmp_path / "nowhere") == ()
