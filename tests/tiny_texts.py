"""Settings and texts with which the message models are trained in seconds, on the model made from nothing.

One text for every brief without name and discount: little enough for it to learn by heart.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from churn_saver import shield
from churn_saver.config import PpoTextSettings, RmSettings, ServeSettings, SftSettings, parse
from churn_saver.domain.briefs import every_brief, is_held_out, prompt_of
from churn_saver.train.text_data import TextData

CONFIGS = Path(__file__).parents[1] / "ops" / "configs"
TEXT = "Thank you for being with us. If anything should be better, reply and we will help."
WORSE = "Act now or lose everything!"
LORA = {"rank": 16, "alpha": 32, "dropout": 0.0, "targets": "all-linear"}
SUPERVISED: dict[str, Any] = {
    "base_model": "tiny", "steps": 6, "batch_size": 4, "max_tokens": 256, "pairs": 40, "public_share": 0.0,
    "learning_rate": 0.01, "save_every": 2, "look_every": 3, "threads": 1, "bfloat16": False, "lora": LORA,
}  # fmt: skip
POLICY: dict[str, Any] = {
    "iterations": 2, "responses": 4, "max_new_tokens": 40, "temperature": 0.2, "epochs": 1, "minibatch": 4,
    "values_first": 0, "look_every": 1, "look_responses": 4, "save_every": 1, "threads": 1, "bfloat16": False,
    "lora": LORA, "bank": {"drafts": 2, "keep": 1, "most_alike": 1.0, "channels": ["email"]},
}  # fmt: skip
RULES = shield.Rules.of(
    parse(ServeSettings, (CONFIGS / "serve.yaml").read_text(encoding="utf-8"), "serve.yaml")
)


def sft_settings(**changes: Any) -> SftSettings:
    """Give sft.yaml at a size that is learned in a moment."""
    return SftSettings.model_validate(_raw("sft.yaml") | SUPERVISED | changes)


def rm_settings(**changes: Any) -> RmSettings:
    """Give rm.yaml likewise."""
    return RmSettings.model_validate(_raw("rm.yaml") | SUPERVISED | changes)


def ppo_settings(**changes: Any) -> PpoTextSettings:
    """Give ppo_text.yaml likewise."""
    return PpoTextSettings.model_validate(_raw("ppo_text.yaml") | POLICY | changes)


def write_text_configs(folder: Path, steps: int = 6) -> None:
    """Copy ops/configs, those of the message models at this size."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in CONFIGS.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    for name, changes in (
        ("sft.yaml", SUPERVISED | {"steps": steps}),
        ("rm.yaml", SUPERVISED),
        ("ppo_text.yaml", POLICY),
    ):
        (folder / name).write_text(yaml.safe_dump(_raw(name) | changes), encoding="utf-8")


def prompts() -> list[str]:
    """Give the prompts that the text answers, none of a held-out context."""
    briefs = (brief for brief in every_brief() if not is_held_out(brief.context))
    return [prompt_of(one) for one in briefs if not one.context.has_name and not one.context.offer_percent]


def write_pairs(folder: Path) -> None:
    """Write a company's own pairs: the text, and one that must not be sent."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{"prompt": prompt, "chosen": TEXT, "rejected": WORSE} for prompt in prompts()]
    (folder / "rlhf_pairs.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8"
    )


def response_texts() -> TextData:
    """Give pairs to imitate."""
    frame = pl.DataFrame({"prompt": prompts(), "response": TEXT})
    return TextData(frame[:-8], frame[-8:], {}, ("pairs of a test.",), {"twice": 2})


def preference_texts(public: bool = True) -> TextData:
    """Give pairs to judge by, and others that are only judged."""
    frame = pl.DataFrame({"prompt": prompts(), "chosen": TEXT, "rejected": WORSE, "kind": "pressure"})
    apart = {"hh_rlhf": frame[:4]} if public else {}
    return TextData(frame[:-8], frame[-8:], apart, ("pairs of a test.",), {})


def _raw(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CONFIGS / name).read_text(encoding="utf-8"))
    return found
