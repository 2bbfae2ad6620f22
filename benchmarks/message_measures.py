"""What `messages.py` measures drafts by: variety, distance, and what the teacher itself would write."""

import math
from collections import Counter
from collections.abc import Sequence

import torch

from churn_saver.data.retention.drafts import composed
from churn_saver.data.retention.phrases import Draws
from churn_saver.domain.briefs import Brief
from churn_saver.message.language_model import LanguageModel, Written, token_log_probs

Run = tuple[str, ...]


def self_bleu(texts: Sequence[str]) -> float:
    """Give the mean BLEU-4 of each text against all others: 1 when all are the same.

    Counts above 0 are needed in every order, so orders without a match are counted as half a match.
    Source: Zhu et al., Texygen, SIGIR 2018, https://arxiv.org/abs/1802.01886.
    """
    words = [text.lower().split() for text in texts]
    logs = [0.0] * len(words)
    for n in range(1, 5):
        runs = [Counter(zip(*(one[at:] for at in range(n)), strict=False)) for one in words]
        most = _two_most(runs)
        for place, own in enumerate(runs):
            matched = sum(min(count, _among_others(most[run], place)) for run, count in own.items())
            logs[place] += math.log(max(matched, 0.5) / max(own.total(), 1)) / 4
    return sum(map(math.exp, logs)) / len(logs)


def _two_most(runs: Sequence[Counter[Run]]) -> dict[Run, tuple[int, int, int]]:
    """Say of each run how often the text that has it oftenest has it, which one that is, and the next."""
    found: dict[Run, tuple[int, int, int]] = {}
    for place, own in enumerate(runs):
        for run, count in own.items():
            best, whose, second = found.get(run, (0, -1, 0))
            found[run] = (count, place, best) if count > best else (best, whose, max(second, count))
    return found


def _among_others(most: tuple[int, int, int], place: int) -> int:
    best, whose, second = most
    return second if whose == place else best


def distinct_structures(texts: Sequence[str]) -> float:
    """Count different drafts among each 100: words in lower case, whatever stands before the first comma."""
    told = [text.lower().split(",", 1)[-1].strip() for text in texts]
    groups = [told[at : at + 100] for at in range(0, len(told) - 99, 100)] or [told]
    return sum(len(set(group)) / len(group) for group in groups) / len(groups) * 100


@torch.inference_mode()
def divergence(policy: LanguageModel, reference: LanguageModel, parts: Sequence[Written]) -> float:
    """Estimate KL(policy ‖ reference) in nats per draft: mean log p − log q of the policy's own drafts."""
    total = 0.0
    for part in parts:
        for rows in torch.split(torch.arange(len(part.texts)), 32):
            batch = part.batch.at(rows)
            apart = token_log_probs(policy.network, batch) - token_log_probs(reference.network, batch)
            total += float(apart.sum())
    return total / sum(len(part.texts) for part in parts)


def without_weakness(briefs: Sequence[Brief], seed: int) -> tuple[str, ...]:
    """Let the grammar that taught all models write for the same briefs, at its best."""
    draws, told = Draws(seed), list[str]()
    for brief in briefs:
        while (draft := composed(brief, (), "train", draws)) is None:
            pass
        told.append(draft.text)
    return tuple(told)
