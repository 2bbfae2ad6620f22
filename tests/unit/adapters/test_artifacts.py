"""Trained predictors on disk."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.artifacts import (
    ACCEPT,
    CALIBRATOR,
    CHURN,
    MANIFEST,
    load,
    read_manifest,
    save,
)
from churn_saver.adapters.canonical import canonical
from churn_saver.errors import ArtifactError
from churn_saver.tabular.boosting import Recipe, grow
from churn_saver.tabular.calibration import Beta, Isotonic
from churn_saver.tabular.predictors import AcceptModel, RiskModel, accept_names
from tests.binary_models import length
from tests.builders import customers

NAMES = ("tenure_months", "monthly_spend")


def grown(names: tuple[str, ...], seed: int = 0) -> object:
    """Grow a few trees on noise."""
    rng = np.random.default_rng(seed)
    x = rng.random((200, len(names))).astype(np.float32) * 60
    return grow([x], (x[:, 0] > 30).astype(np.float64), None, names, Recipe(3, 2, 0.3, 1, 1, 1, seed))


def models(seed: int = 0) -> tuple[RiskModel, AcceptModel]:
    """Make both models, small."""
    risk = RiskModel(grown(NAMES, seed), Isotonic(np.array([-1.0, 1]), np.array([0.2, 0.6])))  # type: ignore[arg-type]
    return risk, AcceptModel(grown(accept_names(NAMES), seed), Beta(1.0, 2.0, 0.5), 1e-6)  # type: ignore[arg-type]


def saved(folder: Path) -> str:
    """Save both models with some provenance."""
    risk, accept = models()
    about = {"risk": {"source": "demo", "rows": 200}, "accept": {"source": "demo", "rows": 200}}
    return save(folder, risk, accept, about, {"risk": {"auc": 0.8}}, {"report.json": b"{}"})


def change(path: Path, **changes: object) -> None:
    """Change values at the top of a JSON file."""
    path.write_bytes(canonical(json.loads(path.read_bytes()) | changes))


def vouched(folder: Path, name: str, content: bytes) -> None:
    """Put other bytes in a file and let the manifest vouch for them."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (folder / MANIFEST).write_bytes(canonical(manifest))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    """The same probabilities to the last bit, the version and the provenance."""
    version = saved(tmp_path / "m")
    risk, accept = models()
    who = customers(3)

    found = load(tmp_path / "m")

    p = risk.probability(who)
    np.testing.assert_array_equal(found.risk.probability(who), p)
    np.testing.assert_array_equal(found.accept.probabilities(who, p), accept.probabilities(who, p))
    assert found.accept.tie_break == 1e-6
    assert found.version == version
    assert found.provenance["risk"] == {"source": "demo", "rows": 200}


def test_the_version_is_the_hash_of_the_manifest(tmp_path: Path) -> None:
    """First 16 hex digits; the manifest lists size and hash of each file, and no more files."""
    version = saved(tmp_path)
    raw = (tmp_path / MANIFEST).read_bytes()

    manifest = read_manifest(tmp_path)

    assert version == hashlib.sha256(raw).hexdigest()[:16] == manifest.version
    assert set(manifest.files) == {CHURN, ACCEPT, CALIBRATOR}
    for name, (sha256, size) in manifest.files.items():
        content = (tmp_path / name).read_bytes()
        assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert manifest.features == {"risk": NAMES, "accept": ("churn_risk", "offer_pct", *NAMES)}
    assert manifest.metrics == {"risk": {"auc": 0.8}}


def test_same_models_same_bytes(tmp_path: Path) -> None:
    """Every file of two saves is equal: no time, no place and no chance is in them."""
    saved(tmp_path / "a")
    saved(tmp_path / "b")

    for name in (CHURN, ACCEPT, CALIBRATOR, MANIFEST, "report.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize("name", [CHURN, ACCEPT, CALIBRATOR, MANIFEST])
def test_a_missing_file_is_named_with_the_command(tmp_path: Path, name: str) -> None:
    """Whichever it is."""
    saved(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(ArtifactError, match=rf"{name} cannot be read .*make train-risk"):
        load(tmp_path)


@pytest.mark.parametrize("name", [CHURN, ACCEPT, CALIBRATOR])
def test_one_changed_bit_is_found(tmp_path: Path, name: str) -> None:
    """The message names the file and both hashes."""
    saved(tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    promised = hashlib.sha256(content).hexdigest()
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)

    with pytest.raises(ArtifactError, match=f"{name} has SHA-256") as caught:
        load(tmp_path)

    assert promised in str(caught.value)
    assert hashlib.sha256(content).hexdigest() in str(caught.value)
    assert "make train-risk" in str(caught.value)


def test_a_file_cut_short_is_not_even_read(tmp_path: Path) -> None:
    """Its size gives it away."""
    saved(tmp_path)
    (tmp_path / CHURN).write_bytes(b"short")

    with pytest.raises(ArtifactError, match=rf"{CHURN} has 5 bytes, the manifest says"):
        load(tmp_path)


def test_another_schema_is_refused(tmp_path: Path) -> None:
    """With the version that made it."""
    saved(tmp_path)
    change(tmp_path / MANIFEST, schema=99, code="7.0")

    with pytest.raises(ArtifactError, match=r"schema 99, wanted 1: it was made by version '7\.0'"):
        load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"NaN", b"[]", b'"x"'])
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    """Not JSON, nested too deep, or not an object."""
    saved(tmp_path)
    (tmp_path / MANIFEST).write_bytes(content)

    with pytest.raises(ArtifactError, match=r"is not JSON|wanted an object"):
        load(tmp_path)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": []},
        {"files": {CHURN: {}}},
        {"files": {CHURN: {"sha256": "x", "size": "many"}}},
        {"features": {}},
        {"features": None},
        {"provenance": 1},
        {"metrics": "good"},
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    """Valid JSON that no folder of ours would hold."""
    saved(tmp_path)
    change(tmp_path / MANIFEST, **changes)

    with pytest.raises(ArtifactError, match="is no manifest of trained models"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "extra.bin"])
def test_a_manifest_that_names_other_files_is_refused(tmp_path: Path, name: str) -> None:
    """No path outside the folder is ever opened, and no file but ours."""
    saved(tmp_path)
    files = json.loads((tmp_path / MANIFEST).read_bytes())["files"]
    change(tmp_path / MANIFEST, files=files | {name: {"sha256": "0" * 64, "size": 1}})

    with pytest.raises(ArtifactError, match=r"names the files .* and nothing else"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (CHURN, b"not trees", "trees cannot be read"),
        (CALIBRATOR, b"{}", "'accept'"),
        (CALIBRATOR, b'{"accept": {"kind": "beta"}}', "tie_break|risk"),
        (CALIBRATOR, b'{"accept": {}, "risk": {}}', "kind"),
        (CALIBRATOR, b'{"accept": 1, "risk": {}}', "int where an object was wanted"),
        (CALIBRATOR, b"[]", "wanted an object"),
    ],
)
def test_vouched_for_nonsense_is_refused_too(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """A manifest may be forged; what it vouches for must still be what it should be."""
    saved(tmp_path)
    vouched(tmp_path, name, content)

    with pytest.raises(ArtifactError, match=message):
        load(tmp_path)


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ({"risk": ["shoe_size"], "accept": ["churn_risk", "offer_pct"]}, "unknown features shoe_size"),
        ({"risk": list(NAMES), "accept": ["offer_pct", "churn_risk"]}, "starts with columns"),
        ({"risk": [NAMES[1], NAMES[0]], "accept": ["churn_risk", "offer_pct", *NAMES]}, "were grown on"),
    ],
)
def test_columns_that_are_not_the_models_are_refused(
    tmp_path: Path, features: dict[str, object], message: str
) -> None:
    """Unknown, in another order, or not those the trees were grown on."""
    saved(tmp_path)
    change(tmp_path / MANIFEST, features=features)

    with pytest.raises(ArtifactError, match=message):
        load(tmp_path)


ROOM = 64 * 1024 * 1024
"""Bytes that reading a folder of small models may take beyond what the process had."""
BOUNDED = f"""
import resource, sys
from pathlib import Path
import xgboost
from churn_saver.adapters.artifacts import load
from churn_saver.errors import ArtifactError

own, *cut = map(Path, sys.argv[1:])
load(own)
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + {ROOM},) * 2)
load(own)
for folder in cut:
    try:
        load(folder)
    except ArtifactError as error:
        print(error)
try:
    xgboost.Booster().load_model(bytearray((cut[-1] / "{CHURN}").read_bytes()))
except xgboost.core.XGBoostError as error:
    print(error)
"""
"""Reads good models and cut ones with little memory, then hands the last to the library itself."""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is bounded as Linux does it")
def test_a_cut_file_that_is_vouched_for_takes_no_memory(tmp_path: Path) -> None:
    """Each is refused by name within 64 MiB; the library alone wants more for the last than there is."""
    saved(tmp_path / "own")
    whole = (tmp_path / "own" / CHURN).read_bytes()
    trees = whole.index(b"trees[#") + len(b"trees[#")
    short = [whole[:size] for size in (2, len(whole) // 2, len(whole) - 1)]
    folders = []
    for number, content in enumerate([*short, whole[:trees] + length(2**32) + whole[trees + 9 :]]):
        folders.append(tmp_path / f"cut_{number}")
        saved(folders[-1])
        vouched(folders[-1], CHURN, content)

    run = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(tmp_path / "own"), *map(str, folders)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert run.returncode == 0, run.stderr
    *refused, library = run.stdout.splitlines()
    assert len(refused) == len(folders)
    for folder, line in zip(folders, refused, strict=True):
        assert line.startswith(f"{folder}: trees cannot be read (")
        assert "make train-risk" in line
    assert "4,294,967,296 are to follow" in refused[-1]
    assert library == "std::bad_alloc"


def test_saving_over_keeps_what_else_the_folder_holds(tmp_path: Path) -> None:
    """The shipped folder holds other artefacts too."""
    (tmp_path / "price.json").write_bytes(b"{}")

    saved(tmp_path)
    saved(tmp_path)

    assert (tmp_path / "price.json").read_bytes() == b"{}"
    assert (tmp_path / "report.json").read_bytes() == b"{}"
    load(tmp_path)
