"""Recipes of the two sets of texts: lines → pairs → splits by conversation."""

from collections.abc import Iterator, Mapping

import polars as pl

from churn_saver.adapters.download import Raw
from churn_saver.config import DataSettings
from churn_saver.data.reading.lines import lines
from churn_saver.data.splitting import parts, split_of, webs
from churn_saver.data.texts.gathering import Texts
from churn_saver.data.texts.hh_rlhf import hh_pairs
from churn_saver.data.texts.mixing import mixed
from churn_saver.data.texts.oasst1 import oasst1_pairs
from churn_saver.data.texts.shp2 import shp_pairs
from churn_saver.pipeline.prepared import Prepared, Taken


def prepare_oasst1(taken: Mapping[str, Taken], settings: DataSettings) -> Prepared:
    """Prepare OASST1: a prompt and its best-ranked reply, splits by conversation."""
    chosen = settings.oasst1
    texts = oasst1_pairs(_lines(taken["oasst1"].files), chosen.language, chosen.keep_synthetic)
    splits = _by_conversation(texts.frame, settings)
    return Prepared(splits, "jsonl", chosen.model_dump(), texts.left_out, texts.rejects, texts.faults, {})


def prepare_preferences(taken: Mapping[str, Taken], settings: DataSettings) -> Prepared:
    """Prepare preference pairs of all sources that were to be had, mixed, splits by conversation."""
    found: dict[str, Texts] = {}
    for name in taken:
        files = _lines(taken[name].files)
        found[name] = (
            hh_pairs(files) if name == "hh_rlhf" else shp_pairs(files, settings.preferences.least_score_ratio)
        )
    wanted = {name: share for name, share in settings.preferences.mix.items() if name in found}
    pool = {name: texts.frame for name, texts in found.items()}
    frame = mixed(pool, wanted, settings.preferences.total, settings.seed)
    left_out = {f"{name}: {why}": n for name, texts in found.items() for why, n in texts.left_out.items()}
    unused = sum(part.height for part in pool.values()) - frame.height
    return Prepared(
        _by_conversation(frame, settings),
        "jsonl",
        settings.preferences.model_dump(),
        left_out | ({"pairs that the mix did not take": unused} if unused else {}),
        pl.concat([texts.rejects for texts in found.values()]),
        tuple(fault for texts in found.values() for fault in texts.faults),
        {},
    )


def _lines(files: tuple[Raw, ...]) -> dict[str, Iterator[bytes]]:
    return {raw.name: _lines_of(raw) for raw in files}


def _lines_of(raw: Raw) -> Iterator[bytes]:
    with raw.path.open("rb") as stream:
        yield from lines(stream, raw.name)


def _by_conversation(frame: pl.DataFrame, settings: DataSettings) -> dict[str, pl.DataFrame]:
    keys = webs(frame["conversation_id"], frame["root"], frame["prompt"])
    return parts(frame.drop("root"), split_of(keys, settings.seed, settings.shares.model_dump()))
