"""Say what the figures of a message training are: one vocabulary for curves, pages and screen.

Names are those that the recipes log; docs/metrics.md defines their estimators. Knows no training, no
page and no screen. A figure without words here is shown by its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from churn_saver.adapters.curve_drawing import short
from churn_saver.adapters.curves import Tags
from churn_saver.adapters.plain_words import percent

STAGE_TITLES: Mapping[str, str] = {
    "sft": "Supervised fine-tuning",
    "rm": "Reward model",
    "ppo_text": "PPO of the wording",
}
STAGE_DOINGS: Mapping[str, str] = {
    "sft": "A language model learns to write drafts with slots from pairs of prompt and response.",
    "rm": "A language model with a head learns which of two messages is better.",
    "ppo_text": "The fine-tuned model writes, the reward model scores, and the wording moves towards what "
    "scores higher without leaving the fine-tuned model far behind.",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What one figure is called, counted in and means."""

    group: str
    """Of its curve."""
    title: str
    unit: str
    meaning: str
    is_share: bool = False

    def shown(self, value: float | None) -> str:
        """Write a value of it; what was not measured is a dash."""
        if value is None or value != value:
            return "–"
        return percent(value) if self.is_share else short(value)


def _share(group: str, title: str, meaning: str) -> Word:
    return Word(group, title, "share", meaning, is_share=True)


WORDS: Mapping[str, Word] = {
    "loss": Word("update", "Loss", "nats", "Of a step's pairs: per token of a response, or per preference"),
    "valid_loss": Word("validation", "Validation loss", "nats", "The same on pairs never trained on"),
    "valid_accuracy": _share(
        "validation", "Validation accuracy", "Pairs never trained on in which the chosen one scores higher"
    ),
    "learning_rate": Word("update", "Learning rate", "1", "Of AdamW"),
    "gradient_norm": Word("update", "Gradient norm", "norm", "Before clipping"),
    "reward": Word(
        "drafts",
        "Reward",
        "standard deviations",
        "Score of the reward model without penalties, mean of drafts",
    ),
    "kl": Word("drafts", "KL", "nats per draft", "How far the wording is from the fine-tuned model's"),
    "smoothed_kl": Word("drafts", "Smoothed KL", "nats per draft", "What β answers to"),
    "beta": Word("drafts", "β", "1 / nat", "Weight of the KL in the reward"),
    "gold": _share("drafts", "Rules kept", "Rules that the reward model never saw, mean of the drafts"),
    "pass_rate": _share("drafts", "Pass rate", "Drafts that may be sent"),
    "distinct_2": _share("drafts", "Distinct pairs", "Different pairs of words among all pairs of words"),
    "length": Word("drafts", "Length", "tokens", "Of a draft, its end included, mean"),
    "ended": _share("drafts", "Ended", "Drafts that came to their end"),
    "entropy": Word("update", "Entropy", "nats per token", "How undecided the writer is, mean of the tokens"),
    "clip_fraction": _share("update", "Clipped", "New over old probabilities outside the clip"),
    "policy_loss": Word("update", "Policy loss", "1", "Clipped surrogate"),
    "value_loss": Word(
        "update", "Value loss", "rewards squared", "How wrong the value head is about what comes"
    ),
    "look_gold": _share("looks", "Rules kept, same briefs", "The same briefs and draws at every look"),
    "look_pass_rate": _share("looks", "Pass rate, same briefs", "The same briefs and draws at every look"),
    "greedy_pass": _share("held_out", "Likeliest drafts pass", "May be sent, contexts that no training saw"),
    "sampled_pass": _share(
        "held_out", "Drawn drafts pass", "At temperature 1, contexts that no training saw"
    ),
    "accuracy": _share("held_out", "Accuracy", "Unseen pairs in which the chosen one scores higher"),
    "worst_kind": _share("held_out", "Worst kind", "Accuracy on the kind of rejection that it knows least"),
    "public_accuracy": _share(
        "held_out", "Public pairs", "Accuracy on conversations that are not of our field"
    ),
    "reward_gain": Word(
        "held_out", "Reward gained", "standard deviations", "Kept policy against the start, new drafts"
    ),
    "gold_gain": Word("held_out", "Rules gained", "share", "Kept policy against the start, new drafts"),
    "kl_target": Word("held_out", "KL wanted", "nats per draft", "As ppo_text.yaml says"),
    "distinct_2_ratio": _share(
        "held_out", "Variety kept", "Distinct pairs of the kept policy over the start's"
    ),
}
"""By name of the curve or figure."""

TAGS: Tags = {name: (word.group, f"{word.meaning}, {word.unit}") for name, word in WORDS.items()}
"""For `adapters.curves.Curves`."""


def word_of(name: str) -> Word:
    """Give the words of a figure; one without any is called by its name."""
    return WORDS.get(name, Word("other", name.replace("_", " ").capitalize(), "", ""))
