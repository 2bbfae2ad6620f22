"""Quality of the messages of the models that were trained here: fine-tuned, judging, and improved.

    python benchmarks/messages.py [--json PATH] [--checkpoints FOLDER] [--data FOLDER] [--drafts N] [--seed N]

Read are the models in checkpoints/, as `make train-text` wrote them; a figure of a model that is not there
is null. Drafts are for contexts that no training saw, under the shield over facts of every kind. Who writes
better is asked of the judge of `judge.py`, which is no human. Where a promised figure is missed, it ends
with an error after all is printed and written. Figures are defined in docs/metrics.md, section Messages.
"""

import argparse
import json
import math
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.judge import PAIRS, SEED, Judge
from benchmarks.message_measures import distinct_structures, self_bleu
from churn_saver import shield
from churn_saver.adapters.text_models import PPO, RM, SFT, is_there, read_model
from churn_saver.config import Environment
from churn_saver.data.retention_texts import preferences
from churn_saver.domain.briefs import CHANNELS, Brief, every_brief, is_held_out, prompt_of
from churn_saver.message.language_model import LanguageModel, Written, merged, token_log_probs, write
from churn_saver.message.reward_model import with_head
from churn_saver.opening.settings import read_settings, read_text_settings
from churn_saver.opening.text_models import open_stage, open_writer
from churn_saver.pipeline.text_order import MADE_FROM
from churn_saver.train.gold import distinct_2, judged
from churn_saver.train.reward_model import Accuracy, accuracies
from churn_saver.train.text_data import find_preferences, find_responses
from churn_saver.train.text_rows import fitting

Report = dict[str, object]
DRAFTS = 3
TEST_PAIRS = 2_000
_BLEU_TEXTS = 100
KEYS = (
    "sft_greedy_pass", "sft_sampled_pass", "sft_copied_share", "sft_distinct_structures", "sft_self_bleu",
    "rm_accuracy", "rm_worst_kind", "rm_worst_kind_name", "rm_hh_accuracy", "ppo_win_rate",
    "ppo_win_rate_low", "ppo_win_rate_high", "ppo_tie_rate", "ppo_kl", "kl_target", "ppo_distinct2_ratio",
    "ppo_pass", "ppo_greedy_pass", "ppo_copied_share", "ppo_distinct_structures", "ppo_self_bleu",
)  # fmt: skip
"""Always in the JSON; null where not measured."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must reach, from one side or both."""

    least: float = -math.inf
    most: float = math.inf

    def __str__(self) -> str:
        low = "" if self.least == -math.inf else f"≥ {self.least:.4g}"
        return " and ".join(
            part for part in (low, "" if self.most == math.inf else f"≤ {self.most:.4g}") if part
        )

    def keeps(self, figure: object) -> bool:
        """Say whether a figure is within; what was not measured is."""
        return not isinstance(figure, int | float) or self.least <= figure <= self.most


@dataclass(frozen=True, slots=True)
class Ground:
    """What all figures are measured on."""

    checkpoints: Path
    data: Path
    briefs: tuple[Brief, ...]
    """Of held-out contexts, each as often as there are drafts of it."""
    rules: Mapping[str, shield.Rules]
    """Of the shield, by channel."""
    seed: int


def main(arguments: list[str] | None = None) -> None:
    """Measure what is there, print it beside its limit, write the JSON, and name what was missed."""
    asked = _asked(arguments)
    started = time.perf_counter()
    _, _, ppo_settings = read_text_settings(Environment())
    ground = _ground(asked)
    report: Report = dict.fromkeys(KEYS)
    report |= {"kl_target": ppo_settings.kl.target}
    drafts: dict[str, tuple[str, ...]] = {}
    taught = _taught(ground) if is_there(ground.checkpoints, SFT) else frozenset[str]()
    for stage, name in ((SFT, "sft"), (PPO, "ppo")):
        if is_there(ground.checkpoints, stage):
            told, drafts[name] = _writer(ground, stage, name, taught)
            report |= told
    if len(drafts) == 2:
        report |= _compared(ground, drafts["sft"], drafts["ppo"])
    if is_there(ground.checkpoints, RM):
        report |= _reward(ground)
    report |= {
        "briefs": len(set(ground.briefs)), "drafts": len(ground.briefs), "seed": asked.seed,
        "judge_seed": SEED,
        "machine": f"{os.cpu_count()} × {platform.machine()}", "load": os.getloadavg()[0],
        "total_seconds": time.perf_counter() - started,
    }  # fmt: skip
    limits = _limits(report)
    print(_written(report, limits))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    missed = [key for key, limit in limits.items() if not limit.keeps(report.get(key))]
    if missed:
        sys.exit(f"messages: missed {', '.join(missed)}")


def _writer(ground: Ground, stage: str, name: str, taught: frozenset[str]) -> tuple[Report, tuple[str, ...]]:
    _tell(f"{name} writes")
    lm = open_writer(ground.checkpoints, stage).lm
    fast = merged(lm, bfloat16=True)
    once = tuple(dict.fromkeys(ground.briefs))
    greedy = _drafts(fast, once, 0.0, ground.seed)
    sampled = _drafts(fast, ground.briefs, 1.0, ground.seed)
    report: Report = {
        f"{name}_greedy_pass": _pass_rate(once, greedy.texts, ground.rules),
        f"{name}_sampled_pass" if name == "sft" else "ppo_pass": _pass_rate(
            ground.briefs, sampled.texts, ground.rules
        ),
        f"{name}_copied_share": sum(text.strip() in taught for text in sampled.texts) / len(sampled.texts)
        if taught
        else None,
        f"{name}_distinct_structures": distinct_structures(sampled.texts),
        f"{name}_self_bleu": self_bleu(sampled.texts[:_BLEU_TEXTS]),
        f"{name}_distinct_2": distinct_2(sampled.texts),
    }
    if stage == PPO and is_there(ground.checkpoints, SFT):
        report["ppo_kl"] = _divergence(lm, open_writer(ground.checkpoints, SFT).lm, sampled)
    return report, sampled.texts


def _drafts(lm: LanguageModel, briefs: Sequence[Brief], temperature: float, seed: int) -> Written:
    _, _, settings = read_text_settings(Environment())
    prompts = [prompt_of(brief) for brief in briefs]
    return write(lm, prompts, max_new_tokens=settings.max_new_tokens, temperature=temperature, seed=seed)


@torch.inference_mode()
def _divergence(policy: LanguageModel, reference: LanguageModel, written: Written) -> float:
    """Estimate KL(policy ‖ reference) in nats per draft: mean log p − log q of the policy's own drafts."""
    total, rows = 0.0, len(written.texts)
    for start in range(0, rows, 32):
        batch = written.batch.at(torch.arange(start, min(start + 32, rows)))
        apart = token_log_probs(policy.network, batch) - token_log_probs(reference.network, batch)
        total += float(apart.sum())
    return total / rows


def _compared(ground: Ground, sft: Sequence[str], ppo: Sequence[str]) -> Report:
    _tell("the judge learns and compares")
    verdict = Judge.taught(PAIRS, SEED).duel(ground.briefs, ppo, sft)
    return {
        "ppo_win_rate": verdict.win_rate, "ppo_win_rate_low": verdict.low, "ppo_win_rate_high": verdict.high,
        "ppo_tie_rate": verdict.tie_rate, "ppo_distinct2_ratio": distinct_2(ppo) / distinct_2(sft),
    }  # fmt: skip


def _reward(ground: Ground) -> Report:
    _tell("the reward model judges")
    _, settings, _ = read_text_settings(Environment())
    opened = open_stage(ground.checkpoints, RM)
    rm = with_head(opened.lm, opened.stored.head)

    def judged_pairs(pairs: pl.DataFrame) -> dict[str, Accuracy]:
        kept = fitting(opened.lm, pairs, ["chosen", "rejected"], settings.max_tokens, "test pairs")
        return accuracies(rm, kept, settings)[1]

    kinds = judged_pairs(preferences("test", TEST_PAIRS, ground.seed))
    worst = min(kinds, key=lambda kind: kinds[kind].share)
    report: Report = {
        "rm_accuracy": sum(one.right for one in kinds.values()) / sum(one.pairs for one in kinds.values()),
        "rm_worst_kind": kinds[worst].share,
        "rm_worst_kind_name": worst,
        **{f"rm_{kind}": one.share for kind, one in kinds.items()},
    }
    apart = find_preferences(ground.data, settings, ground.seed).public if ground.data.is_dir() else {}
    for source, pairs in apart.items():
        found = judged_pairs(pairs).values()
        share = sum(one.right for one in found) / sum(one.pairs for one in found)
        report["rm_hh_accuracy" if "hh" in source else f"rm_{source}_accuracy"] = share
    return report


def _pass_rate(briefs: Sequence[Brief], texts: Sequence[str], rules: Mapping[str, shield.Rules]) -> float:
    """Give the share that may be sent, each under the rules of its channel."""
    passed = 0.0
    for channel, own in rules.items():
        rows = [row for row, brief in enumerate(briefs) if brief.context.channel == channel]
        if rows:
            found = judged([briefs[row] for row in rows], [texts[row] for row in rows], own)
            passed += found.pass_rate * len(rows)
    return passed / len(texts)


def _taught(ground: Ground) -> frozenset[str]:
    settings, _, _ = read_text_settings(Environment())
    data = find_responses(ground.data, settings, _trained_seed(ground))
    return frozenset(text.strip() for text in data.train["response"])


def _trained_seed(ground: Ground) -> int:
    made_from = read_model(ground.checkpoints, SFT).provenance.get(MADE_FROM)
    found = made_from.get("seed") if isinstance(made_from, dict) else 0
    return found if isinstance(found, int) else 0


def _ground(asked: argparse.Namespace) -> Ground:
    _, serve, _ = read_settings(Environment())
    rules = {channel: shield.Rules.of(serve.model_copy(update={"channel": channel})) for channel in CHANNELS}
    held_out = [brief for brief in every_brief() if is_held_out(brief.context)]
    briefs = tuple(brief for brief in held_out for _ in range(asked.drafts))
    return Ground(asked.checkpoints, asked.data, briefs, rules, asked.seed)


def _limits(report: Report) -> dict[str, Limit]:
    target, sampled = report["kl_target"], report["sft_sampled_pass"]
    limits = {
        "sft_greedy_pass": Limit(0.99), "sft_sampled_pass": Limit(0.95), "rm_accuracy": Limit(0.95),
        "rm_worst_kind": Limit(0.90), "ppo_win_rate": Limit(0.70), "ppo_distinct2_ratio": Limit(0.80),
    }  # fmt: skip
    if isinstance(target, float):
        limits["ppo_kl"] = Limit(0.75 * target, 1.25 * target)
    if isinstance(sampled, float):
        limits["ppo_pass"] = Limit(sampled)
    return limits


def _written(report: Report, limits: Mapping[str, Limit]) -> str:
    lines = []
    for name, value in report.items():
        limit = limits.get(name)
        verdict = "" if limit is None else f"  {limit}" + ("" if limit.keeps(value) else "  MISSED")
        shown = "–" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)
        lines.append(f"{name:<32}{shown:>16}{verdict}")
    return "\n".join(lines)


def _tell(what: str) -> None:
    print(f"messages: {what}", file=sys.stderr, flush=True)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the quality of trained messages.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"), help="of make train-text")
    parser.add_argument("--data", type=Path, default=Path("data"), help="that training read")
    parser.add_argument("--drafts", type=int, default=DRAFTS, help="of each held-out brief")
    parser.add_argument("--seed", type=int, default=SEED, help="of the drafts")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
