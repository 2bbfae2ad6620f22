"""A judge of messages that nothing is trained on: which of two drafts for a brief is better.

    python benchmarks/judge.py [--json PATH] [--pairs N] [--seed N]

Word and letter runs weighed by a logistic Bradley-Terry model, and plain counts of what a reader would see,
go into gradient-boosted trees: another architecture than the reward model's, taught with texts of its own
(`judge_texts`). It is asked in both orders; where they disagree, it is a tie, which counts half. It is no
human. Figures are defined in docs/metrics.md, section Messages.
"""

import argparse
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.judge_signs import circumstances, signs
from benchmarks.judge_texts import FIRST, KEPT, SECOND, TAUGHT, Pair, pairs
from churn_saver.domain.briefs import Brief

PAIRS, KEPT_PAIRS, SEED = 20_000, 4_000, 5
_TREES = {
    "objective": "binary:logistic", "max_depth": 5, "eta": 0.1, "subsample": 0.7, "colsample_bytree": 0.5,
    "min_child_weight": 3, "nthread": 2, "seed": SEED,
}  # fmt: skip
_ROUNDS = 300
_TOKEN = r"\{?\w+\}?|[.!?]"  # noqa: S105
_BOOTSTRAPS = 2_000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How often one writer's drafts beat another's."""

    win_rate: float
    """Wins and half the ties, of all."""
    low: float
    high: float
    """95 % interval, drafts of one context kept together."""
    tie_rate: float
    n: int


@dataclass(frozen=True, slots=True)
class Strength:
    """A Bradley-Terry model of runs of words and letters: one number for a text, more is better."""

    words: TfidfVectorizer
    letters: TfidfVectorizer
    weights: LogisticRegression

    @classmethod
    def of(cls, taught: Sequence[Pair]) -> "Strength":
        """Weigh the runs so that the better text of a pair gets the higher number."""
        texts = [text for pair in taught for text in (pair.better, pair.worse)]
        words = TfidfVectorizer(ngram_range=(1, 3), min_df=3, sublinear_tf=True, token_pattern=_TOKEN)
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), min_df=5, sublinear_tf=True)
        runs = hstack([words.fit_transform(texts), letters.fit_transform(texts)]).tocsr()
        sign = np.where(np.arange(len(taught)) % 2 == 0, 1.0, -1.0)
        weights = LogisticRegression(fit_intercept=False, max_iter=300)
        weights.fit((runs[0::2] - runs[1::2]).multiply(sign[:, None]).tocsr(), sign > 0)
        return cls(words, letters, weights)

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Give the number of each text."""
        runs = hstack([self.words.transform(texts), self.letters.transform(texts)]).tocsr()
        return np.asarray(self.weights.decision_function(runs), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Judge:
    """Taught once, asked often."""

    strength: Strength
    trees: xgb.Booster

    @classmethod
    def taught(cls, n: int, seed: int) -> "Judge":
        """Teach it n pairs.

        The trees learn what the runs are worth on phrases that those runs were not weighed on: weighed on
        the first phrases for the second, and the other way round. Those it keeps are weighed on both.
        """
        rows, labels = list[Floats](), list[Floats]()
        for runs_of, trees_of in ((FIRST, SECOND), (SECOND, FIRST)):
            half = Strength.of(pairs(n // 2, seed, runs_of))
            learnt = pairs(n // 2, seed + 1, trees_of)
            briefs, better, worse = _columns(learnt)
            rows += [_rows(half, briefs, better, worse), _rows(half, briefs, worse, better)]
            labels += [np.ones(len(learnt)), np.zeros(len(learnt))]
        matrix = xgb.DMatrix(np.vstack(rows), np.concatenate(labels))
        return cls(Strength.of(pairs(n, seed, TAUGHT)), xgb.train(_TREES, matrix, _ROUNDS))

    def outcomes(self, briefs: Sequence[Brief], ours: Sequence[str], theirs: Sequence[str]) -> Floats:
        """Compare drafts for the same briefs in both orders.

        Returns:
            1 where ours won in both, 0 where theirs did, ½ where the orders disagree or the drafts are one.
        """
        before = self.chances(briefs, ours, theirs) > 0.5
        after = self.chances(briefs, theirs, ours) < 0.5
        same = np.array([one.strip() == other.strip() for one, other in zip(ours, theirs, strict=True)])
        return np.where(same, 0.5, (before.astype(np.float64) + after) / 2)

    def chances(self, briefs: Sequence[Brief], first: Sequence[str], second: Sequence[str]) -> Floats:
        """Give the chance that the first draft is the better one, asked in this order alone."""
        return self.trees.predict(xgb.DMatrix(_rows(self.strength, briefs, first, second))).astype(np.float64)

    def duel(self, briefs: Sequence[Brief], ours: Sequence[str], theirs: Sequence[str]) -> Verdict:
        """Compare two writers; the interval is of a bootstrap over contexts."""
        outcomes = self.outcomes(briefs, ours, theirs)
        names, group = np.unique([repr(brief.context) for brief in briefs], return_inverse=True)
        sums, sizes = np.bincount(group, outcomes), np.bincount(group)
        drawn = np.random.default_rng(SEED).integers(len(names), size=(_BOOTSTRAPS, len(names)))
        rates = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
        low, high = np.quantile(rates, (0.025, 0.975))
        ties = float(np.mean(outcomes == 0.5))
        return Verdict(float(outcomes.mean()), float(low), float(high), ties, len(outcomes))


def _columns(taught: Sequence[Pair]) -> tuple[list[Brief], list[str], list[str]]:
    return [pair.brief for pair in taught], [pair.better for pair in taught], [pair.worse for pair in taught]


def _rows(strength: Strength, briefs: Sequence[Brief], first: Sequence[str], second: Sequence[str]) -> Floats:
    one = np.array([signs(brief, text) for brief, text in zip(briefs, first, strict=True)])
    other = np.array([signs(brief, text) for brief, text in zip(briefs, second, strict=True)])
    told = np.array([circumstances(brief) for brief in briefs])
    apart = (strength(first) - strength(second))[:, None]
    return np.hstack([one - other, told, apart])


def accuracy(judge: Judge, held: Sequence[Pair]) -> dict[str, float]:
    """Give the share of pairs judged rightly, ties half, in all and for each kind of weakness."""
    right = judge.outcomes(*_columns(held))
    kinds, sendable = np.array([pair.kind for pair in held]), np.array([pair.sendable for pair in held])
    each = {f"judge_{kind}": float(right[kinds == kind].mean()) for kind in sorted(set(kinds))}
    return {
        "judge_accuracy": float(right.mean()),
        "judge_sendable_accuracy": float(right[sendable].mean()),
        **each,
    }


def main(arguments: list[str] | None = None) -> None:
    """Teach the judge and tell how good it is on phrases that it was not taught."""
    parser = argparse.ArgumentParser(description="Teach the judge of messages and measure it.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--pairs", type=int, default=PAIRS, help="to teach it with")
    parser.add_argument("--seed", type=int, default=SEED, help="of the pairs")
    asked = parser.parse_args(arguments)
    started = time.perf_counter()
    judge = Judge.taught(asked.pairs, asked.seed)
    found: dict[str, object] = {**accuracy(judge, pairs(KEPT_PAIRS, asked.seed, KEPT))}
    found |= {
        "judge_pairs": asked.pairs, "judge_kept_pairs": KEPT_PAIRS, "seed": asked.seed,
        "machine": platform.machine(), "total_seconds": time.perf_counter() - started,
    }  # fmt: skip
    print("\n".join(f"{name:<28}{value:>12.4g}" if isinstance(value, float) else f"{name:<28}{value!s:>12}"
                    for name, value in found.items()))  # fmt: skip
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
