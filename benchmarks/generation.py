"""Speed of messages: from the bank, live, by the same runtime without our code around it, and by torch.

    python benchmarks/generation.py [--json PATH] [--checkpoints FOLDER] [--rounds N] [--threads N]

The writer in checkpoints/ is exported anew; without one the base model is, whose speed is the same. Live,
bare and torch write in turns in one run, each in a process of its own that tells the most memory it held.
Customers are of contexts that no training saw. Live is the whole way of a message: `LiveWriter` with its own
MAX_TOKENS and no deadline, filled, judged by the shield with its classifier. Bare runtime and torch then
write as many tokens as it did; bare_45 is the bare runtime with TOKENS each time. Figures are defined in
docs/metrics.md, section Messages.
"""

import argparse
import json
import multiprocessing
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))

from benchmarks.generation_ground import Wanted, drawn_facts, held_out_facts, plain_bank, rules_of_service
from churn_saver import shield
from churn_saver.adapters.live import LiveWriter
from churn_saver.adapters.live_files import MODEL, verified
from churn_saver.adapters.live_runtime import Completion, Runtime, Stop
from churn_saver.adapters.text_models import PPO, SFT, is_there
from churn_saver.config import Environment
from churn_saver.domain.briefs import TONES, Brief, every_brief, prompt_of
from churn_saver.domain.proposal import LIVE
from churn_saver.domain.slots import Context
from churn_saver.journey.text import write as letter
from churn_saver.opening.messages import open_bank

# What brings torch in is imported where it is used: live and bare go without it, as serving does.
if TYPE_CHECKING:
    from churn_saver.message.language_model import LanguageModel

TOKENS, ROUNDS, THREADS, SEED = 45, 30, 1, 5
LETTERS = 5_000
PATIENCE_MS = 60_000.0
"""Deadline of a live text here, so that its own length is timed; the service's is in serve.yaml."""
LIMITS = {"live_ms_p95": 500.0, "bank_ms_p99": 2.0}
"""What is promised, ms."""
_held: list[object] = []
"""What a process of a contender keeps between its rounds."""


class Counted:
    """A runtime that remembers how many tokens it wrote last."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.tokens = runtime, 0

    def complete(
        self, prompt: str, form: str, temperature: float, seed: int, tokens: int, stop: Stop
    ) -> Completion:
        """Write, and count."""
        made = self.runtime.complete(prompt, form, temperature, seed, tokens, stop)
        self.tokens = made.tokens
        return made


def main(arguments: list[str] | None = None) -> None:
    """Measure, print beside the limits, write the JSON."""
    parser = argparse.ArgumentParser(description="Measure the speed of messages.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--checkpoints", type=Path, default=Path("checkpoints"), help="folder of the models")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="texts of each contender")
    parser.add_argument("--threads", type=int, default=THREADS, help="of each contender")
    asked = parser.parse_args(arguments)
    found: dict[str, object] = {**bank_times()}
    with tempfile.TemporaryDirectory() as scratch:
        found |= generated(asked.checkpoints, Path(scratch), asked.rounds, asked.threads)
    found |= {"machine": f"{os.cpu_count()} × {platform.machine()}", "load": os.getloadavg()[0], "seed": SEED}
    for name, value in found.items():
        kept = isinstance(value, float) and value <= LIMITS.get(name, 0)
        limit = f"  ≤ {LIMITS[name]:g}  {'kept' if kept else 'MISSED'}" if name in LIMITS else ""
        print(f"{name:<28}{value:>14.4g}{limit}" if isinstance(value, float) else f"{name:<28}{value!s:>14}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def bank_times() -> dict[str, object]:
    """Time a shielded text of the bank for customers of every kind; plain drafts stand in for no bank."""
    rules = rules_of_service()
    bank, _ = open_bank(Environment())
    kept = bank if bank is not None else plain_bank(rules.channel)
    rng = np.random.default_rng(SEED)
    times = []
    for _ in range(LETTERS):
        facts = drawn_facts(rng)
        started = time.perf_counter()
        letter(facts, float(rng.random()), rules, kept)
        times.append(1e3 * (time.perf_counter() - started))
    return {
        "bank_ms_p50": float(np.median(times)), "bank_ms_p99": float(np.quantile(times, 0.99)),
        "bank": "plain drafts" if bank is None else bank.version,
    }  # fmt: skip


def generated(checkpoints: Path, scratch: Path, rounds: int, threads: int) -> dict[str, object]:
    """Let all write in turns, after one text that does not count."""
    from churn_saver.message.pretrained import quiet
    from churn_saver.train.gguf_export import compared, export_gguf

    lm = _model(checkpoints)
    folder = scratch / "live"
    size = export_gguf(lm, folder).stat().st_size
    agreement = compared(lm, Runtime(folder / MODEL, threads), [prompt_of(next(every_brief()))], steps=12)
    with quiet():
        lm.network.save_pretrained(scratch / "torch")
    lm.tokenizer.save_pretrained(scratch / "torch")
    spawn = multiprocessing.get_context("spawn")
    hands = {
        name: ProcessPoolExecutor(1, spawn, initializer=_open, initargs=(name, scratch, threads))
        for name in _CONTENDERS
    }
    times: dict[str, list[float]] = {name: [] for name in hands}
    rng, channel = np.random.default_rng(SEED), rules_of_service().channel
    lengths, sources = [], []
    for turn in range(rounds + 1):
        print(f"generation: round {turn} of {rounds}", file=sys.stderr, flush=True)
        facts, draw = held_out_facts(rng, channel), float(rng.random())
        brief = Brief(Context.of(facts, channel), TONES[int(draw * len(TONES))])
        tokens, source = 0, ""
        for name, hand in hands.items():
            made = hand.submit(_CONTENDERS[name], Wanted(facts, draw, brief), tokens, turn).result()
            if name == "live":
                tokens, source = made[1:]
            if turn:
                times[name].append(1e3 * made[0])
        if turn:
            lengths.append(tokens)
            sources.append(source)
    report: dict[str, object] = {
        "model": f"{lm.name} {lm.version}",
        "gguf_mb": size / 1e6,
        "threads": threads,
    }
    for name, hand in hands.items():
        report |= {
            f"{name}_ms_p50": float(np.median(times[name])),
            f"{name}_ms_p95": float(np.quantile(times[name], 0.95)),
        }
        report[f"{name}_peak_mb"] = hand.submit(_peak_mb).result()
        hand.shutdown()
    ratios = np.array(times["live"]) / np.array(times["bare"])
    return report | {
        "live_over_bare": float(np.median(ratios)),
        "torch_over_live": float(np.median(np.array(times["torch"]) / np.array(times["live"]))),
        "live_sent_share": sources.count(LIVE) / len(sources),
        "tokens_mean": float(np.mean(lengths)), "log_prob_difference_mean": agreement.mean,
        "same_first_token": agreement.same_first, "rounds": rounds,
    }  # fmt: skip


def _model(checkpoints: Path) -> "LanguageModel":
    from churn_saver.message.language_model import open_base
    from churn_saver.opening.text_models import base_folder, open_best_writer

    if is_there(checkpoints, PPO) or is_there(checkpoints, SFT):
        return open_best_writer(checkpoints).lm
    return open_base("smollm2-135m", base_folder(checkpoints))


def _open(name: str, scratch: Path, threads: int) -> None:
    """Make a contender ready in a process of its own."""
    if name == "torch":
        import torch

        from churn_saver.message.language_model import merged, open_base

        torch.set_num_threads(threads)
        _held.append(merged(open_base(str(scratch / "torch"), scratch), bfloat16=True))
        return
    runtime, asking = Runtime(scratch / "live" / MODEL, threads), verified(scratch / "live")
    if name == "live":
        counted = Counted(runtime)
        _held.extend((counted, LiveWriter(counted, asking, PATIENCE_MS, seed=SEED), rules_of_service()))
        return
    _held.extend((runtime, asking))


def _live(wanted: Wanted, _tokens: int, _turn: int) -> tuple[float, int, str]:
    """Write as the service does: asked at every token whether it is late, filled, judged; else a sentence."""
    counted, writer, rules = _held
    if not (
        isinstance(counted, Counted) and isinstance(writer, LiveWriter) and isinstance(rules, shield.Rules)
    ):
        raise SystemExit("generation: no live writer")
    started = time.perf_counter()
    made = letter(wanted.facts, wanted.draw, rules, None, writer)
    return time.perf_counter() - started, max(1, counted.tokens), made.source


def _bare(wanted: Wanted, tokens: int, turn: int) -> tuple[float, int, str]:
    """Let the runtime generate as many tokens by itself, whatever they are."""
    runtime, asking = _held
    server = vars(runtime)["_server"]
    order = {"prompt": prompt_of(wanted.brief) + str(asking), "max_tokens": tokens, "temperature": 1.0,
             "seed": turn, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "ignore_eos": True}  # fmt: skip
    started = time.perf_counter()
    server.handle_completions(order)
    return time.perf_counter() - started, tokens, "bare"


def _bare_45(wanted: Wanted, _tokens: int, turn: int) -> tuple[float, int, str]:
    """Let the runtime generate the same number of tokens each time."""
    return _bare(wanted, TOKENS, turn)


def _torch(wanted: Wanted, tokens: int, turn: int) -> tuple[float, int, str]:
    """Write one text by our own loop on torch in bfloat16; where it ends early, it writes on."""
    from churn_saver.message.language_model import LanguageModel, write

    lm = _held[0]
    if not isinstance(lm, LanguageModel):
        raise SystemExit("generation: no model")
    started, left, step = time.perf_counter(), tokens, 0
    while left > 0:
        made = write(
            lm, [prompt_of(wanted.brief)], max_new_tokens=left, temperature=1.0, seed=1_000 * turn + step
        )
        left, step = left - int(made.batch.response.sum()), step + 1
    return time.perf_counter() - started, tokens, "torch"


def _peak_mb() -> float:
    """Read the most memory of this process; what getrusage tells is its parent's, if that held more."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(told.split("VmHWM:")[1].split()[0]) / 1024


_CONTENDERS: dict[str, Callable[[Wanted, int, int], tuple[float, int, str]]] = {
    "live": _live, "bare": _bare, "bare_45": _bare_45, "torch": _torch,
}  # fmt: skip
"""Who writes, in order: the first says how long the text is."""

if __name__ == "__main__":
    main()
