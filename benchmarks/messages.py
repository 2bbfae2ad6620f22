"""Quality of the messages of the models that were trained here: fine-tuned, judging, and improved.

    python benchmarks/messages.py [--json PATH] [--checkpoints FOLDER] [--data FOLDER] [--drafts N] [--seed N]
                                  [--partial]

Read are the models in checkpoints/, as `make train-text` wrote them; a figure of a model that is not there
is null. Drafts are for contexts that no training saw, under the shield of the service, its classifier too.
Who writes better is asked of the judge of `judge.py`, which is no human. Where a promised figure is missed or
null, it ends with an error after all is printed and written; with --partial null is no error. Figures are
defined in docs/metrics.md, section Messages.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.judge import PAIRS, SEED, Judge
from benchmarks.message_limits import broken, written
from benchmarks.message_measures import distinct_structures, divergence, self_bleu, without_weakness
from benchmarks.message_rewards import reward_figures
from churn_saver import shield
from churn_saver.adapters.text_models import PPO, RM, SFT, is_there, read_model
from churn_saver.config import Environment
from churn_saver.domain.briefs import CHANNELS, Brief, every_brief, is_held_out, prompt_of
from churn_saver.domain.slot_places import misplaced
from churn_saver.message.language_model import LanguageModel, Written, merged, write
from churn_saver.opening.settings import read_settings, read_text_settings
from churn_saver.opening.text_models import open_writer
from churn_saver.opening.toxicity import open_toxicity
from churn_saver.pipeline.text_order import FIGURES, MADE_FROM
from churn_saver.train.gold import distinct_2, judged
from churn_saver.train.text_data import find_responses

Report = dict[str, object]
DRAFTS = 2
"""Of each held-out brief; so many that it takes ten minutes on two quiet cores."""
_AT_ONCE = 64
_BLEU_TEXTS = 100
KEYS = (
    "sft_greedy_pass", "sft_sampled_pass", "sft_misplaced", "sft_copied_share", "sft_distinct_structures",
    "sft_self_bleu",
    "rm_accuracy", "rm_worst_kind", "rm_worst_kind_name", "rm_worst_kind_pairs",
    "rm_hh_accuracy", "rm_hh_pairs", "rm_hh_kept_share", "ppo_win_rate",
    "ppo_win_rate_low", "ppo_win_rate_high", "ppo_tie_rate",
    "good_win_rate", "good_distinct2_ratio", "ppo_kl", "kl_target", "ppo_distinct2_ratio",
    "ppo_pass", "ppo_greedy_pass", "ppo_misplaced", "ppo_copied_share", "ppo_distinct_structures",
    "ppo_self_bleu",
)  # fmt: skip
"""Always in the JSON; null where not measured."""


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
    """Measure what is there, print it, the promised figures beside their limits, and name what was missed."""
    asked = _asked(arguments)
    started = time.perf_counter()
    ground = _ground(asked)
    report: Report = dict.fromkeys(KEYS)
    drafts: dict[str, tuple[str, ...]] = {}
    taught = _taught(ground) if is_there(ground.checkpoints, SFT) else frozenset[str]()
    for stage, name in ((SFT, "sft"), (PPO, "ppo")):
        if is_there(ground.checkpoints, stage):
            told, drafts[name] = _writer(ground, stage, name, taught)
            report |= told
    if len(drafts) == 2:
        report |= _compared(ground, drafts["sft"], drafts["ppo"])
    if is_there(ground.checkpoints, RM):
        report |= reward_figures(ground.checkpoints, ground.data, ground.seed, _tell)
    report |= {
        "briefs": len(set(ground.briefs)), "drafts": len(ground.briefs), "seed": asked.seed,
        "judge_seed": SEED,
        "machine": f"{os.cpu_count()} × {platform.machine()}", "load": os.getloadavg()[0],
        "total_seconds": time.perf_counter() - started, "cpu_seconds": time.process_time(),
    }  # fmt: skip
    print(written(report))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if missed := broken(report, asked.partial):
        sys.exit(f"messages: missed {', '.join(missed)}")


def _writer(ground: Ground, stage: str, name: str, taught: frozenset[str]) -> tuple[Report, tuple[str, ...]]:
    opened = open_writer(ground.checkpoints, stage)
    fast = merged(opened.lm, bfloat16=True)
    once = tuple(dict.fromkeys(ground.briefs))
    greedy = _texts(_drafts(fast, once, 0.0, ground.seed, f"{name} writes what is likeliest"))
    parts = _drafts(fast, ground.briefs, 1.0, ground.seed, f"{name} writes at temperature 1")
    sampled = _texts(parts)
    report: Report = {
        f"{name}_greedy_pass": _pass_rate(once, greedy, ground.rules),
        f"{name}_sampled_pass" if name == "sft" else "ppo_pass": _pass_rate(
            ground.briefs, sampled, ground.rules
        ),
        f"{name}_copied_share": sum(text.strip() in taught for text in sampled) / len(sampled)
        if taught
        else None,
        f"{name}_misplaced": sum(misplaced(text) is not None for text in sampled) / len(sampled),
        f"{name}_distinct_structures": distinct_structures(sampled),
        f"{name}_self_bleu": self_bleu(sampled[:_BLEU_TEXTS]),
        f"{name}_distinct_2": distinct_2(sampled),
    }
    if stage == PPO:
        figures = opened.stored.provenance.get(FIGURES)
        report["kl_target"] = figures.get("kl_target") if isinstance(figures, dict) else None
        if is_there(ground.checkpoints, SFT):
            _tell("how far ppo went")
            report["ppo_kl"] = divergence(opened.lm, open_writer(ground.checkpoints, SFT).lm, parts)
    return report, sampled


def _drafts(
    lm: LanguageModel, briefs: Sequence[Brief], temperature: float, seed: int, what: str
) -> list[Written]:
    _, _, settings = read_text_settings(Environment())
    prompts = [prompt_of(brief) for brief in briefs]
    parts = []
    for start in range(0, len(prompts), _AT_ONCE):
        _tell(what, start, len(prompts))
        some = prompts[start : start + _AT_ONCE]
        limit = settings.max_new_tokens
        parts.append(write(lm, some, max_new_tokens=limit, temperature=temperature, seed=seed + start))
    return parts


def _texts(parts: Sequence[Written]) -> tuple[str, ...]:
    return tuple(text for part in parts for text in part.texts)


def _compared(ground: Ground, sft: Sequence[str], ppo: Sequence[str]) -> Report:
    _tell("the judge learns and compares")
    judge = Judge.taught(PAIRS, SEED)
    verdict, good = judge.duel(ground.briefs, ppo, sft), without_weakness(ground.briefs, ground.seed)
    return {
        "good_win_rate": judge.duel(ground.briefs, good, sft).win_rate,
        "good_distinct2_ratio": distinct_2(good) / distinct_2(sft),
        "ppo_win_rate": verdict.win_rate, "ppo_win_rate_low": verdict.low, "ppo_win_rate_high": verdict.high,
        "ppo_tie_rate": verdict.tie_rate, "ppo_distinct2_ratio": distinct_2(ppo) / distinct_2(sft),
    }  # fmt: skip


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
    judge, lacks = open_toxicity()
    if lacks:
        sys.exit(f"messages: {lacks[0].fault}")
    rules = {
        channel: shield.Rules.of(serve.model_copy(update={"channel": channel}), judge) for channel in CHANNELS
    }
    held_out = [brief for brief in every_brief() if is_held_out(brief.context)]
    briefs = tuple(brief for brief in held_out for _ in range(asked.drafts))
    return Ground(asked.checkpoints, asked.data, briefs, rules, asked.seed)


def _tell(what: str, done: int = 0, total: int = 0) -> None:
    told = f"messages: {time.process_time():,.0f} s of processor, {what}"
    print(told + (f", {done:,} of {total:,}" if total else ""), file=sys.stderr, flush=True)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the quality of trained messages.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"), help="of make train-text")
    parser.add_argument("--data", type=Path, default=Path("data"), help="that training read")
    parser.add_argument("--drafts", type=int, default=DRAFTS, help="of each held-out brief")
    parser.add_argument("--seed", type=int, default=SEED, help="of the drafts")
    parser.add_argument("--partial", action="store_true", help="a model that is not there is no error")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
