"""How often the reward model gets pairs right: a part of `messages.py`."""

from collections import Counter, defaultdict
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import polars as pl

from churn_saver.adapters.manifests import MANIFEST, read_verified
from churn_saver.adapters.text_models import RM
from churn_saver.config import Environment
from churn_saver.data.retention_texts import preferences
from churn_saver.opening.settings import read_text_settings
from churn_saver.opening.text_models import open_stage
from churn_saver.pipeline.text_judging import judge_of
from churn_saver.train.reward_model import Accuracy, accuracies
from churn_saver.train.text_data import find_preferences
from churn_saver.train.text_rows import fitting
from churn_saver.train.text_sources import PROCESSED

Report = dict[str, object]
TEST_PAIRS, AT_ONCE = 1_000, 128
PREFERENCES, HH = "preferences", "hh_rlhf"
"""The public set of pairs, and its source that has a figure by name."""


def reward_figures(checkpoints: Path, data: Path, seed: int, tell: Callable[[str, int, int], None]) -> Report:
    """Judge pairs of the grammar's test part and of the public sets, by kind of rejection and by source."""
    _, settings, _ = read_text_settings(Environment())
    rm = judge_of(open_stage(checkpoints, RM), settings.bfloat16)

    def judged_pairs(pairs: pl.DataFrame) -> dict[str, Accuracy]:
        asked, right = Counter[str](), defaultdict[str, float](float)
        kept = fitting(rm.lm, pairs, ["chosen", "rejected"], settings.max_tokens, "test pairs")
        for start in range(0, kept.height, AT_ONCE):
            tell("the reward model judges pairs", start, kept.height)
            for kind, one in accuracies(rm, kept[start : start + AT_ONCE], settings)[1].items():
                asked[kind] += one.pairs
                right[kind] += one.right
        return {kind: Accuracy(n, right[kind]) for kind, n in asked.items()}

    kinds = judged_pairs(preferences("test", TEST_PAIRS, seed))
    worst = min(kinds, key=lambda kind: kinds[kind].share)
    report: Report = {
        "rm_accuracy": sum(one.right for one in kinds.values()) / sum(one.pairs for one in kinds.values()),
        "rm_worst_kind": kinds[worst].share,
        "rm_worst_kind_name": worst,
        "rm_worst_kind_pairs": kinds[worst].pairs,
        **{f"rm_{kind}": one.share for kind, one in kinds.items()},
    }
    apart = find_preferences(data, settings, seed).public if data.is_dir() else {}
    held_out = _held_out(data)
    for source, pairs in apart.items():
        found = judged_pairs(pairs).values()
        n = sum(one.pairs for one in found)
        name = "rm_hh" if source == HH else f"rm_{source}"
        report |= {
            f"{name}_accuracy": sum(one.right for one in found) / n, f"{name}_pairs": n,
            f"{name}_kept_share": n / held_out[source],
        }  # fmt: skip
    return report


def _held_out(data: Path) -> Counter[str]:
    """Count the held-out pairs of each public source, whatever their length."""
    place = data / PROCESSED / PREFERENCES
    if not (place / MANIFEST).is_file():
        return Counter()
    raw = read_verified(place, f"make data.{PREFERENCES}")[1].get("valid.jsonl", b"")
    frame = pl.read_ndjson(BytesIO(raw)) if raw else pl.DataFrame()
    sources = frame["source"].to_list() if "source" in frame.columns else [PREFERENCES] * frame.height
    return Counter(map(str, sources))
