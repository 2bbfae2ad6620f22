"""Prepared data uploaded and verified at the command line, with folders for places."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from churn_saver.cli.data_sending import upload_datasets, verify_datasets
from churn_saver.errors import ArtifactError, InputError
from tests import public_data

Shown = pytest.CaptureFixture[str]
DATA = Path("data")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare two data sets once, to be copied."""
    folder = tmp_path_factory.mktemp("ready")
    for name in ("oasst1", "preferences"):
        public_data.prepared(name, folder, public_data.contents())
    return folder / "data"


@pytest.fixture(autouse=True)
def bench(ready: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with two prepared data sets."""
    monkeypatch.delenv("GCS_DATA_BUCKET", raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ready, tmp_path / "data")


def said(capsys: Shown) -> str:
    """Give what was printed, in one line."""
    return " ".join(capsys.readouterr().out.split())


def test_good_data_is_said_to_be_good(capsys: Shown) -> None:
    """Of one data set, and of all below a folder."""
    verify_datasets("data/processed/oasst1")
    one = said(capsys)
    verify_datasets("data/processed/")
    both = said(capsys)

    assert one == "oasst1: 3 files, 0.0 MB, as the manifest says"
    assert both.startswith(one)
    assert "preferences: 3 files" in both


def test_an_altered_byte_is_named_with_both_hashes(tmp_path: Path, capsys: Shown) -> None:
    """The good data set beside it is still said to be good."""
    path = tmp_path / "data" / "processed" / "oasst1" / "test.jsonl"
    raw = bytearray(path.read_bytes())
    wanted = hashlib.sha256(raw).hexdigest()
    raw[7] ^= 1
    path.write_bytes(raw)

    with pytest.raises(ArtifactError, match=r"oasst1/test\.jsonl is altered") as raised:
        verify_datasets("data/processed")

    assert f"{hashlib.sha256(raw).hexdigest()}, the manifest says {wanted}" in str(raised.value)
    assert "preferences: 3 files" in said(capsys)


def test_every_fault_is_named(tmp_path: Path) -> None:
    """A missing file, a shortened one, in two data sets: one message."""
    place = tmp_path / "data" / "processed"
    (place / "oasst1" / "valid.jsonl").unlink()
    size = (place / "preferences" / "train.jsonl").stat().st_size
    (place / "preferences" / "train.jsonl").write_text("{}\n")

    with pytest.raises(ArtifactError, match=r"oasst1/valid\.jsonl is missing") as raised:
        verify_datasets("data/processed")

    assert f"preferences/train.jsonl has 3 bytes, the manifest says {size}" in str(raised.value)


def test_a_file_that_nobody_vouches_for_is_a_note(tmp_path: Path, capsys: Shown) -> None:
    """Report and rejects belong there."""
    place = tmp_path / "data" / "processed" / "oasst1"
    (place / "rejects.csv").write_text("")
    verify_datasets(str(place))
    assert "nobody vouches" not in said(capsys)

    (place / "more.jsonl").write_text("")
    verify_datasets(str(place))
    assert "nobody vouches for more.jsonl" in said(capsys)


@pytest.mark.parametrize("where", ["data", "data/raw", "nowhere"])
def test_a_place_without_a_data_set_is_an_error(where: str) -> None:
    """Rather than good for want of files."""
    with pytest.raises(InputError, match=rf"{where} holds no manifest\.json.*ibm_telco, uci_bank"):
        verify_datasets(where)


def test_an_unfinished_data_set_beside_a_whole_one_is_a_fault(tmp_path: Path) -> None:
    """An upload that was cut has files and no manifest."""
    (tmp_path / "data" / "processed" / "oasst1" / "manifest.json").unlink()

    with pytest.raises(ArtifactError, match=r"oasst1 is unfinished"):
        verify_datasets("data/processed")


def test_a_manifest_that_is_damaged_is_named(tmp_path: Path) -> None:
    """The file is named, and what to do."""
    (tmp_path / "data" / "processed" / "oasst1" / "manifest.json").write_text("{")

    with pytest.raises(ArtifactError, match=r"oasst1/manifest\.json is not JSON.*make data\.all"):
        verify_datasets("data/processed/oasst1")


def test_what_is_prepared_is_uploaded_and_sent_once(tmp_path: Path, capsys: Shown) -> None:
    """Splits and manifest, no report; the second time nothing is sent."""
    upload_datasets(None, DATA, "up", False)
    first = said(capsys)
    upload_datasets(None, DATA, "up/", False)
    second = said(capsys)

    assert "oasst1 │ 4 │ 0 │" in first
    assert "preferences │ 4 │ 0 │" in first
    assert first.endswith("at up/processed/")
    assert "oasst1 │ 0 │ 4 │ 0.0" in second
    below = public_data.bytes_below(tmp_path / "up" / "processed")
    ours = public_data.bytes_below(tmp_path / "data" / "processed")
    assert sorted(name.split("/")[1] for name in below if name.startswith("oasst1")) == [
        "manifest.json", "test.jsonl", "train.jsonl", "valid.jsonl",
    ]  # fmt: skip
    assert all(ours[name] == raw for name, raw in below.items())
    verify_datasets("up/processed")


def test_only_what_is_named_is_uploaded(tmp_path: Path) -> None:
    """What is named and not prepared is an error, not passed over."""
    upload_datasets(["oasst1"], DATA, "up", False)

    assert [path.name for path in (tmp_path / "up" / "processed").iterdir()] == ["oasst1"]
    with pytest.raises(InputError, match=r"ibm_telco/manifest\.json cannot be read.*make data\.ibm_telco"):
        upload_datasets(["ibm_telco"], DATA, "up", False)
    with pytest.raises(InputError, match=r"'oasst2' is no data set"):
        upload_datasets(["oasst2"], DATA, "up", False)


def test_another_version_is_refused_until_it_is_replaced(tmp_path: Path) -> None:
    """The one that stands there stays to the byte; --replace puts the new one whole."""
    upload_datasets(["oasst1"], DATA, "up", False)
    before = public_data.bytes_below(tmp_path / "up")
    changes = {**public_data.SMALL, "seed": 7}
    public_data.prepared("oasst1", tmp_path, public_data.contents(), changes)

    with pytest.raises(InputError, match=r"up/processed/oasst1"):
        upload_datasets(["oasst1"], DATA, "up", False)
    assert public_data.bytes_below(tmp_path / "up") == before

    upload_datasets(["oasst1"], DATA, "up", True)
    verify_datasets("up/processed/oasst1")
    manifest = json.loads((tmp_path / "up" / "processed" / "oasst1" / "manifest.json").read_bytes())
    assert manifest["seed"] == 7


def test_altered_data_is_not_uploaded(tmp_path: Path) -> None:
    """Nothing of it is sent."""
    with (tmp_path / "data" / "processed" / "oasst1" / "test.jsonl").open("a") as file:
        file.write("{}\n")

    with pytest.raises(InputError, match=r"test\.jsonl is not what its manifest says.*Nothing was sent"):
        upload_datasets(["oasst1"], DATA, "up", False)

    assert public_data.bytes_below(tmp_path / "up") == {}


@pytest.mark.parametrize("to", [None, ""])
def test_no_place_to_upload_to_is_an_error(to: str | None) -> None:
    """It names the variable and the option; an empty place is none."""
    with pytest.raises(InputError, match=r"set GCS_DATA_BUCKET to a bucket, or name a place with --to"):
        upload_datasets(None, DATA, to, False)


def test_a_bucket_may_be_named_with_its_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """`gs://B?` and `B?` are the same bucket, which cannot be one."""
    for name in ("gs://B?", "B?"):
        monkeypatch.setenv("GCS_DATA_BUCKET", name)

        with pytest.raises(InputError, match=r"'gs://B\?/processed/oasst1' names no bucket"):
            upload_datasets(None, DATA, None, False)


def test_a_folder_with_the_manifest_of_another_data_set_is_refused(tmp_path: Path) -> None:
    """Nothing is sent."""
    (tmp_path / "data" / "processed" / "oasst1").rename(tmp_path / "data" / "processed" / "uci_bank")

    with pytest.raises(InputError, match=r"is of the data set 'oasst1', wanted 'uci_bank'"):
        upload_datasets(["uci_bank"], DATA, "up", False)
    assert not (tmp_path / "up").exists()


def test_nothing_prepared_is_an_error() -> None:
    """With the command that prepares."""
    with pytest.raises(InputError, match=r"empty/processed holds no prepared data.*make data\.all"):
        upload_datasets(None, Path("empty"), "up", False)


def test_an_upload_that_was_cut_off_is_said_to_be_unfinished(tmp_path: Path) -> None:
    """Also when it is the only one there."""
    (tmp_path / "place" / "oasst1").mkdir(parents=True)
    (tmp_path / "place" / "oasst1" / "train.jsonl").write_bytes(b"{}")

    with pytest.raises(ArtifactError, match=r"place/oasst1 is unfinished: it has no manifest\.json"):
        verify_datasets("place")


def test_data_that_nobody_may_look_at_is_named() -> None:
    """A name that is too long stands for it: root may look anywhere."""
    with pytest.raises(InputError, match=r"manifest\.json cannot be looked at \(File name too long\)"):
        upload_datasets(None, Path("x" * 300), "place", replace=False)
