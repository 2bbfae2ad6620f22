"""A small language model and a few pairs for it, with which a lesson is given in seconds."""

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from churn_saver.config import RmSettings, SftSettings, parse
from churn_saver.domain.briefs import every_brief, prompt_of
from churn_saver.message.language_model import LanguageModel
from churn_saver.message.tiny_model import tiny

CONFIGS = Path(__file__).parents[1] / "ops" / "configs"
QUICK: dict[str, Any] = {
    "steps": 6, "batch_size": 4, "threads": 1, "save_every": 2, "look_every": 3, "bfloat16": False,
    "max_tokens": 128, "lora": {"rank": 4, "alpha": 8, "dropout": 0.0, "targets": "all-linear"},
}  # fmt: skip


@cache
def prompts() -> tuple[str, ...]:
    """Give sixteen prompts of different briefs."""
    return tuple(prompt_of(brief) for brief in every_brief())[::72]


@cache
def pairs() -> pl.DataFrame:
    """Give sixteen prompts, a kind answer and a rude one to each, of two kinds in turn."""
    kind = [f"Hi {{name}}, thank you. Please reply to keep {{plan}}, number {n}." for n in range(16)]
    rude = [f"BUY NOW {n} or {{plan}} is gone." for n in range(16)]
    kinds = ["pressure", "shouting"] * 8
    return pl.DataFrame(
        {"prompt": prompts(), "response": kind, "chosen": kind, "rejected": rude, "kind": kinds}
    )


def base(seed: int = 0) -> LanguageModel:
    """Make a model that knows these texts' letters, and nothing else."""
    return tiny([*prompts(), *pairs()["chosen"], *pairs()["rejected"]], seed, width=32, layers=1)


def quick_sft(**changes: Any) -> SftSettings:
    """Give sft.yaml with few steps."""
    whole = parse(SftSettings, (CONFIGS / "sft.yaml").read_text(encoding="utf-8"), "sft.yaml")
    return whole.changed(QUICK | changes, "a test")


def quick_rm(**changes: Any) -> RmSettings:
    """Give rm.yaml with few steps."""
    whole = parse(RmSettings, (CONFIGS / "rm.yaml").read_text(encoding="utf-8"), "rm.yaml")
    return whole.changed(QUICK | changes, "a test")


def deaf(*_: object) -> None:
    """Do not listen."""
