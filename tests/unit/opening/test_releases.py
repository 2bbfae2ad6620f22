"""Releases gathered from a project, and put in their place to serve."""

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from churn_saver.adapters import uplift
from churn_saver.adapters.places import place
from churn_saver.adapters.releases import Release, use
from churn_saver.adapters.trees import push_tree
from churn_saver.config import Environment
from churn_saver.errors import ArtifactError, InputError
from churn_saver.opening import defaults_folder, shipped_bank_folder
from churn_saver.opening.releases import PARTS, cache_folder, folders_of, gather, open_release, releases_of
from tests import gcs
from tests.live_exports import exported
from tests.persuadables import learned
from tests.released import PREDICTORS, trained_models, trained_policies, trained_project, written_bank

NETWORKS = ("ppo", "ppo_cloned", "ppo_nine", "ppo_price")
_numbers = count()


def content(folder: Path) -> list[str]:
    """List the files below a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[gcs.Gcs]:
    """Run Cloud Storage on loopback, once."""
    with gcs.with_bucket(tmp_path_factory.mktemp("gcs"), "unused") as running:
        yield running


@pytest.fixture
def models(service: gcs.Gcs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    """Name a bucket of models with nothing in it, and a folder of this machine."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", service.url)
    bucket = f"churn-saver-models-{next(_numbers)}"
    service.make(bucket)
    return Environment(GCS_MODEL_BUCKET=bucket, MODEL_CACHE_DIR=str(tmp_path / "cache"))


def released(models: Environment, name: str, root: Path, to: Path) -> Release:
    """Send what a project has trained."""
    to.mkdir()
    gather(root, to)
    return Release(name, push_tree(to, releases_of(str(models.GCS_MODEL_BUCKET)), name).sha256)


def test_what_serves_is_gathered_and_nothing_else(tmp_path: Path) -> None:
    """Reports and pictures stay where they are; folders are those of the project."""
    parts = gather(trained_project(tmp_path / "project"), tmp_path / "out")

    assert [part.as_posix() for part in parts] == [
        "models/risk_accept/artifacts", "checkpoints", "checkpoints/message_bank",
    ]  # fmt: skip
    assert content(tmp_path / "out") == sorted(
        [
            "checkpoints/ladder.json",
            *(f"checkpoints/ppo_policy_{name}.safetensors" for name in NETWORKS),
            "checkpoints/message_bank/bank.jsonl",
            "checkpoints/message_bank/manifest.json",
            *(f"models/risk_accept/artifacts/{name}" for name in PREDICTORS),
        ]
    )


def test_learned_effects_and_the_live_model_are_gathered_too(tmp_path: Path) -> None:
    """Where they were made."""
    root = tmp_path / "project"
    uplift.save(root / "models" / "uplift", learned().effects, {"source": "log.csv"}, {"shown": True})
    (root / "checkpoints").mkdir()
    exported(root / "checkpoints" / "live_model")
    gather(root, tmp_path / "out")

    assert content(tmp_path / "out") == [
        "checkpoints/live_model/manifest.json",
        "checkpoints/live_model/model.gguf",
        "models/uplift/MANIFEST.json",
        "models/uplift/uplift.json",
        "models/uplift/uplift_model.ubj",
    ]


def test_nothing_trained_is_nothing_to_release(tmp_path: Path) -> None:
    """Says what would be."""
    with pytest.raises(
        InputError, match=r"holds nothing to release, wanted at least one of models/risk_accept.*Train"
    ):
        gather(tmp_path, tmp_path / "out")


@pytest.mark.parametrize(
    "name",
    [
        "models/risk_accept/artifacts/churn_model.ubj",
        "checkpoints/ppo_policy_ppo.safetensors",
        "checkpoints/ladder.json",
        "checkpoints/message_bank/bank.jsonl",
    ],
)
def test_what_was_altered_is_not_released(tmp_path: Path, name: str) -> None:
    """Whichever file."""
    root = trained_project(tmp_path / "project")
    raw = (root / name).read_bytes()
    (root / name).write_bytes(raw[:-2])

    with pytest.raises(ArtifactError, match=Path(name).name.replace(".", r"\.")):
        gather(root, tmp_path / "out")


def test_a_release_leads_the_folders_that_nobody_named(tmp_path: Path) -> None:
    """What it lacks is what ships with the package, and never what lies in the working folder."""
    release = trained_models(tmp_path / "release")
    found = folders_of(Environment(BANK_DIR="mine"), release)

    assert found == {
        "MODEL_DIR": str(release / "models/risk_accept/artifacts"),
        "POLICY_DIR": str(defaults_folder()),
        "UPLIFT_DIR": str(release / "models/uplift"),
        "LIVE_DIR": str(release / "checkpoints/live_model"),
    }
    other = folders_of(Environment(), written_bank(trained_policies(tmp_path / "other")))
    assert other["MODEL_DIR"] == str(defaults_folder())
    assert other["POLICY_DIR"] == str(tmp_path / "other" / "checkpoints")
    assert other["BANK_DIR"] == str(tmp_path / "other" / "checkpoints" / "message_bank")
    assert folders_of(Environment(), release)["BANK_DIR"] == str(shipped_bank_folder())


def test_every_part_is_a_variable() -> None:
    """So that what is named can be left as it is."""
    assert {part.variable for part in PARTS} <= set(Environment.model_fields)
    assert all(getattr(Environment(), part.variable) is None for part in PARTS)


@pytest.mark.parametrize("bucket", ["models", "gs://models", "gs://models/"])
def test_releases_stand_below_the_bucket(bucket: str) -> None:
    """With or without what an address begins with."""
    assert releases_of(bucket) == "gs://models/releases"


def test_without_a_bucket_nothing_changes() -> None:
    """Also when a release is named, and with the kill switch on, which needs no models."""
    for environment in (
        Environment(),
        Environment(MODEL_RELEASE="spring"),
        Environment(GCS_MODEL_BUCKET="no-such-bucket", FORCE_BASELINE=True),
    ):
        assert open_release(environment) == (environment, None)


def test_the_current_release_is_served(models: Environment, tmp_path: Path) -> None:
    """From a folder of this machine named by its hash; what was named stays."""
    root = trained_models(tmp_path / "project")
    one = released(models, "one", root, tmp_path / "out-1")
    use(releases_of(str(models.GCS_MODEL_BUCKET)), "one")
    environment, found = open_release(models.model_copy(update={"BANK_DIR": "mine"}))

    folder, named = tmp_path / "cache" / one.sha256 / "models/risk_accept/artifacts", environment.model_dump()
    assert found == one
    assert (named["MODEL_DIR"], named["BANK_DIR"]) == (str(folder), "mine")
    assert named["POLICY_DIR"] == str(defaults_folder())
    for name in PREDICTORS:
        assert (folder / name).read_bytes() == (defaults_folder() / name).read_bytes()


def test_a_release_is_served_by_its_name(models: Environment, tmp_path: Path) -> None:
    """Whatever is current."""
    root = trained_models(tmp_path / "project")
    one = released(models, "one", root, tmp_path / "out-1")
    two = released(models, "two", written_bank(root), tmp_path / "out-2")
    use(releases_of(str(models.GCS_MODEL_BUCKET)), "two")

    assert open_release(models.model_copy(update={"MODEL_RELEASE": "one"}))[1] == one
    assert open_release(models)[1] == two


def test_a_release_that_cannot_be_had_is_not_replaced_by_another(models: Environment, tmp_path: Path) -> None:
    """None current, none of the name, a file altered in the bucket: by name, with the ways out."""
    told = (
        r"of gs://churn-saver-models-\d+/releases cannot be served: {}.*\nNothing else decides in its place\."
    )
    with pytest.raises(ArtifactError, match=r"release 'current' " + told.format("gs.*no release is current")):
        open_release(models)
    with pytest.raises(ArtifactError, match=r"release 'two' " + told.format(r"gs.*two has no tree\.json")):
        open_release(models.model_copy(update={"MODEL_RELEASE": "two"}))
    with pytest.raises(ArtifactError, match=r"release '\.\./x' " + told.format(".*is no name of a release")):
        open_release(models.model_copy(update={"MODEL_RELEASE": "../x"}))

    released(models, "one", trained_models(tmp_path / "project"), tmp_path / "out")
    here = place(f"{releases_of(str(models.GCS_MODEL_BUCKET))}/one/models/risk_accept/artifacts")
    seen = here.stat("churn_model.ubj")
    assert seen is not None
    (tmp_path / "other").write_bytes(b"x" * seen.content.size)
    here.write_once(
        "churn_model.ubj", tmp_path / "other", here.content([b"x" * seen.content.size]), instead_of=seen
    )
    with pytest.raises(
        ArtifactError, match=r"release 'one' " + told.format(r".*churn_model\.ubj at .*was alt")
    ):
        open_release(models.model_copy(update={"MODEL_RELEASE": "one"}))


def test_a_bucket_out_of_reach_is_told_soon(models: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was brought before is served instead: nobody knows whether it is current."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:9")

    with pytest.raises(
        ArtifactError, match=r"cannot be served: .*cannot be reached .*\nNothing else decides"
    ):
        open_release(models, patience_seconds=0.1)


def test_releases_of_a_user_lie_among_temporary_files() -> None:
    """Each user's in a folder of their own, unless one is named."""
    assert cache_folder(Environment(MODEL_CACHE_DIR="mine")) == Path("mine")
    assert cache_folder(Environment()).name == f"churn-saver-models-{os.getuid()}"
    assert cache_folder(Environment()).parent.is_dir()


def test_a_release_that_lost_its_folder_is_brought_again(models: Environment, tmp_path: Path) -> None:
    """A cache may be cleared at any time."""
    released(models, "one", trained_models(tmp_path / "project"), tmp_path / "out")
    named = models.model_copy(update={"MODEL_RELEASE": "one"})
    first, _ = open_release(named)
    shutil.rmtree(tmp_path / "cache")
    again, _ = open_release(named)

    assert again == first
    assert content(Path(str(again.MODEL_DIR))) == list(PREDICTORS)
