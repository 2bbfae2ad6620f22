"""Copies of the public files as large as the full sets, made from the samples.

    python benchmarks/data_full_size.py SAMPLES FOLDER

Every message gets the number of its copy, in its ids and in its text, so that no two are alike. SHP-2
has no sample: its lines are made of HH-RLHF's texts. FOLDER then holds the files and configs/ with a
sources.yaml that names them. Says nothing about what the full sets hold, only how much.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CONFIGS = Path(__file__).resolve().parents[1] / "ops" / "configs"
OASST, HH, SHP = "oasst1/messages.jsonl.gz", "hh_rlhf/pairs.jsonl.gz", "shp2/pairs.jsonl.gz"
OASST_COPIES, HH_COPIES, SHP_COPIES = 44, 37, 50
"""Of 2,022 messages, 4,666 pairs and 4,666 pairs: 88,968, 172,642 and 233,300."""
HUMAN = "\n\nHuman: "
PAIRS_OF_A_POST = 3

Json = Mapping[str, Any]


def main() -> None:
    """Write the copies and the settings."""
    samples, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for table in ("ibm_telco", "uci_bank"):
        shutil.copytree(samples / table, folder / table)
    messages = _read((samples / "oasst1_en_validation" / "en-validation.jsonl").read_bytes())
    names = ("harmless-base.test.jsonl.gz", "helpful-base.test.jsonl.gz")
    packed = [(samples / "hh_rlhf" / name).read_bytes() for name in names]
    pairs = [pair for raw in packed for pair in _read(gzip.decompress(raw))]
    _write(folder / OASST, (_message(m, k) for k in range(OASST_COPIES) for m in messages))
    _write(folder / HH, (_hh(pair, k) for k in range(HH_COPIES) for pair in pairs))
    _write(folder / SHP, _shp(pairs))
    shutil.copytree(CONFIGS, folder / "configs")
    path = folder / "configs" / "sources.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, file in (("oasst1", OASST), ("hh_rlhf", HH), ("shp2", SHP)):
        at = [{"https": "https://example.org/not/asked"}]
        settings["sources"][name]["sets"] = {"full": [{"path": file, "at": at}]}
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")


def _read(raw: bytes) -> list[Json]:
    return [json.loads(line) for line in raw.splitlines()]


def _write(path: Path, rows: Iterable[Json]) -> None:
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")


def _message(message: Json, k: int) -> Json:
    ids = {key: f"{message[key]}-{k}" for key in ("message_id", "message_tree_id")}
    parent = message["parent_id"] and f"{message['parent_id']}-{k}"
    return {**message, **ids, "parent_id": parent, "text": f"{k} {message['text']}"}


def _hh(pair: Json, k: int) -> Json:
    return {side: text.replace(HUMAN, f"{HUMAN}{k} ", 1) for side, text in pair.items()}


def _shp(pairs: list[Json]) -> Iterator[Json]:
    for n in range(SHP_COPIES * len(pairs)):
        pair, post = pairs[n % len(pairs)], n // PAIRS_OF_A_POST
        better, worse = (pair[side][-1_500:].replace("Human:", "").replace("Assistant:", "") for side in pair)
        yield {
            "post_id": f"p{post}", "domain": "example", "history": f"{post} {better[:600]}",
            "human_ref_A": f"{n} {better}", "human_ref_B": worse, "labels": n % 2,
            "score_A": 9, "score_B": 3, "score_ratio": 1 + n % 7 / 2,
        }  # fmt: skip


if __name__ == "__main__":
    main()
