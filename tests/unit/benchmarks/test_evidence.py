"""The benchmark of all evidence: one run, the promised keys first."""

import json
from pathlib import Path

import pytest

from benchmarks.evidence import FULL, HEADLINES, QUICK, main


def test_one_quick_run_has_every_promised_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the screen and in the file, the same and in the same order."""
    main(["--quick", "--json", str(tmp_path / "found.json")])
    found = json.loads((tmp_path / "found.json").read_text())

    assert tuple(found)[: len(HEADLINES)] == HEADLINES
    assert all(0 <= found[name] <= 1 for name in HEADLINES[:-1])
    assert found["rows_per_second"] > 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(found)


def test_every_part_has_its_sizes() -> None:
    """Full ones are the larger ones."""
    assert FULL.keys() == QUICK.keys()
    for part, sizes in FULL.items():
        assert all(full >= quick for full, quick in zip(sizes, QUICK[part], strict=True))
