"""How toxic a text reads: a linear classifier of words, scored without the library that trained it.

Term frequencies times inverse document frequencies at unit length, several linear margins, each through
its own calibration curve, and the mean of those: what scikit-learn's CalibratedClassifierCV over a
TfidfVectorizer computes. It knows words, not meaning: it misses threats and disguises, and a word such as
"sucks" is enough for it; so the shield keeps it beside its own words. It knows no file; where the numbers
come from stands in their manifest (https://pypi.org/project/alt-profanity-check/, MIT).
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, isnan, sqrt

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import ArtifactError

THRESHOLD = 0.5
"""Texts at or above it are toxic: the classifier's own boundary, not chosen on anything of ours."""
FIELDS = ("words", "idf", "weights", "intercepts", "slopes", "offsets")
_TOKEN = re.compile(r"\b\w\w+\b")
_STEEPEST = 700.0
"""Beyond it an exponential would leave the range of floats."""


@dataclass(frozen=True, slots=True)
class Toxicity:
    """The classifier; k margins over a vocabulary."""

    terms: Mapping[str, tuple[float, tuple[float, ...]]]
    """Inverse document frequency, and k weights, of each word."""
    margins: tuple[tuple[float, float, float], ...]
    """Intercept, slope and offset of each margin, (k,)."""

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Toxicity":
        """Put the classifier together.

        Shapes: words: UTF-8 bytes, V words one a line; idf (V,), weights (k, V), intercepts, slopes and
        offsets (k,).

        Raises:
            ArtifactError: an array is missing, not finite, or of another shape than the others say.
        """
        if set(arrays) != set(FIELDS):
            raise ArtifactError(f"the classifier holds {sorted(arrays)}, wanted {sorted(FIELDS)}")
        words = arrays["words"].astype(np.uint8).tobytes().decode().split("\n")
        idf, weights, *curves = (arrays[name].astype(np.float64) for name in FIELDS[1:])
        shapes = {"idf": idf.shape, "weights": weights.shape} | {
            name: curve.shape for name, curve in zip(FIELDS[3:], curves, strict=True)
        }
        k = len(weights)
        if shapes != {"idf": (len(words),), "weights": (k, len(words)), **dict.fromkeys(FIELDS[3:], (k,))}:
            raise ArtifactError(f"the classifier's arrays have shapes {shapes} for {len(words)} words")
        if not all(np.isfinite(array).all() for array in (idf, weights, *curves)):
            raise ArtifactError("the classifier holds a number that is not finite")
        rows = zip(words, idf.tolist(), map(tuple, weights.T.tolist()), strict=True)
        terms = {word: (rarity, row) for word, rarity, row in rows}
        return cls(terms, tuple(zip(*(curve.tolist() for curve in curves), strict=True)))

    def probability(self, text: str) -> float:
        """Give the chance that a text is toxic, 0..1; a text without a known word says nothing either way."""
        counts = Counter(_TOKEN.findall(text.lower()))
        found = [
            (count * self.terms[word][0], self.terms[word][1])
            for word, count in counts.items()
            if word in self.terms
        ]
        length = sqrt(sum(value * value for value, _ in found)) or 1.0
        total = 0.0
        for k, (intercept, slope, offset) in enumerate(self.margins):
            margin = intercept + sum(value * weights[k] for value, weights in found) / length
            total += 1.0 / (1.0 + exp(min(max(slope * margin + offset, -_STEEPEST), _STEEPEST)))
        return total / len(self.margins)

    def is_toxic(self, text: str) -> bool:
        """Say whether a text is toxic, at the classifier's own boundary.

        Raises:
            ArtifactError: its chance is no number, so that nobody can say.
        """
        probability = self.probability(text)
        if isnan(probability):
            raise ArtifactError("the classifier's chance of a text to be toxic is no number")
        return probability >= THRESHOLD
