"""Public data sets prepared at the command line."""

import socket
from pathlib import Path

import pytest

from churn_saver.cli.data_preparing import known, prepare_datasets, show
from churn_saver.data.quality.wanted import Check
from churn_saver.errors import InputError, QualityError, SourceAbsent
from churn_saver.pipeline.run import SOURCES, Outcome
from tests import public_data

Shown = pytest.CaptureFixture[str]
TOKEN = "hf_Tr0ub4dor"


@pytest.fixture(autouse=True)
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with small settings and a mirror beside it."""
    public_data.write_configs(tmp_path / "configs")
    public_data.write_mirror(tmp_path / "mirror", public_data.contents())
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.setenv("SECRET_RLHF_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)


def prepare(
    *names: str, mirror: str | None = "mirror", offline: bool = False, skip_bad_rows: bool = False
) -> None:
    """Prepare data sets in the working folder."""
    prepare_datasets(names, Path("data"), mirror, offline, skip_bad_rows, False)


def test_none_named_means_all() -> None:
    """In the order of the sources; one named twice is prepared once."""
    assert known(None) == known(()) == tuple(SOURCES)
    assert known(["oasst1", "ibm_telco", "oasst1"]) == ("oasst1", "ibm_telco")


def test_an_unknown_name_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    """It says which there are; the good name beside it is not prepared."""
    with pytest.raises(InputError, match=r"'telco' is no data set.*ibm_telco, uci_bank, oasst1, preferences"):
        prepare("oasst1", "telco")

    assert not (tmp_path / "data").exists()


def test_what_came_out_is_shown(capsys: Shown) -> None:
    """Rows by split, what was left out, and where the report is."""
    prepare("ibm_telco", "oasst1")

    shown = " ".join(capsys.readouterr().out.split())
    assert "ibm_telco │ 19 │ 10 │ 9 │ 2 │ 0 │" in shown
    assert "oasst1 │ 58 │ 16 │ 16 │ 60 │ 0 │" in shown
    assert "report data/processed/ibm_telco/report.html" in shown
    assert "report data/processed/oasst1/report.html" in shown


def test_the_table_groups_thousands_and_counts_notes(capsys: Shown) -> None:
    """One note is one note; failed checks never come here."""
    checks = (
        Check("a", True, "", ""),
        Check("b", False, "", "", (), "note"),
        Check("c", True, "", ""),
    )
    rows = {"train": 33_005, "valid": 4_049, "test": 4_134}

    show([Outcome("uci_bank", {}, rows, 11, 0, checks, (), Path("report.html"))])

    shown = " ".join(capsys.readouterr().out.split())
    assert "uci_bank │ 33,005 │ 4,049 │ 4,134 │ 11 │ 0 │ 2 │ 1 │" in shown


def test_notes_name_their_data_set(tmp_path: Path, capsys: Shown) -> None:
    """SHP-2 is not in the mirror."""
    (tmp_path / "mirror" / public_data.SHP).unlink()

    prepare("preferences")

    shown = " ".join(capsys.readouterr().out.split())
    assert "note preferences: " in shown
    assert "shp2" in shown


def test_offline_touches_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Shown) -> None:
    """After a first run nothing but the raw folder is needed; before it, the files are named."""
    with pytest.raises(SourceAbsent, match=r"(?s)oasst1: no set .* offline nothing is fetched.*trees\.jsonl"):
        prepare("oasst1", mirror=None, offline=True)
    prepare("oasst1")

    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    for way in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, way, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    prepare("oasst1", mirror=None, offline=True)

    assert "oasst1 │ 58 │ 16 │ 16 │ 60 │ 0 │" in " ".join(capsys.readouterr().out.split())


def test_a_mirror_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """Nothing is made."""
    with pytest.raises(InputError, match=r"nowhere is no folder. Next step: give --from a folder"):
        prepare("oasst1", mirror="nowhere")

    assert not (tmp_path / "data" / "processed").exists()


def test_a_data_set_that_fails_leaves_those_before_it(tmp_path: Path) -> None:
    """Each is whole on disk before the next begins."""
    with pytest.raises(QualityError, match="uci_bank fails"):
        prepare("oasst1", "uci_bank", "ibm_telco")

    there = sorted(path.name for path in (tmp_path / "data" / "processed").iterdir())
    assert there == ["oasst1", "uci_bank-refused"]


def test_the_token_stands_nowhere(tmp_path: Path, capsys: Shown) -> None:
    """Neither on the screen nor in a file, also when a run fails."""
    prepare("ibm_telco", "oasst1", "preferences")
    with pytest.raises(QualityError, match="uci_bank fails") as raised:
        prepare("uci_bank")

    captured = capsys.readouterr()
    assert TOKEN not in captured.out + captured.err + str(raised.value)
    everything = public_data.bytes_below(tmp_path)
    assert not [name for name, raw in everything.items() if TOKEN.encode() in raw]


def test_a_failure_shows_what_was_done_before_it(capsys: Shown) -> None:
    """The rows and the report of the data set that is there."""
    with pytest.raises(QualityError, match="uci_bank fails"):
        prepare("oasst1", "uci_bank")

    shown = " ".join(capsys.readouterr().out.split())
    assert "oasst1 │ 58 │ 16 │ 16 │ 60 │ 0 │" in shown
    assert "report data/processed/oasst1/report.html" in shown
