"""What a training run found, as plain values: every figure with its interval, every doubt in words.

Each figure is defined in docs/metrics.md. Knows nothing of how it is shown.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from churn_saver.tabular.intervals import Interval, Scores
from churn_saver.tabular.overlap import OfferSeen, Overlap
from churn_saver.train.datasets import Source

Only = Literal["risk", "accept", "both"]
Points = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ViewRow:
    """The churn model on the fields that one kind of caller sends."""

    view: str
    """table | predict | retain."""
    fields: tuple[str, ...]
    scores: Scores


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """Another way to score the same rows."""

    name: str
    """prevalence | spline-logistic | classic | in service | in service, other hold-out."""
    on: str
    """out of fold | hold-out."""
    scores: Scores
    log_loss_gain: Interval
    """Its log loss minus the model's: above 0 the model is better."""
    auc_gain: Interval
    """The model's AUC minus its own: above 0 the model is better."""


@dataclass(frozen=True, slots=True)
class LadderReport:
    """What is particular to acceptance."""

    causal: str
    """'inverse-propensity weighted', or 'associational'."""
    overlap: Overlap | None
    offers: tuple[OfferSeen, ...]
    ties: int
    violations: int
    customers: int
    """Customers that ties and violations were counted over."""
    bayes_auc: float | None
    """AUC of the true probabilities on the same answers; None: the truth is not known."""
    regret: float | None
    """Share of the oracle's value lost by choosing with the model; None: the truth is not known."""
    constant_regret: float | None
    """The same for the best single offer."""
    margin_kept: float


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One model."""

    name: str
    """risk | accept."""
    source: Source
    rows: int
    positives: int
    hold_out_rows: int
    features: tuple[str, ...]
    recipe: Mapping[str, object]
    out_of_fold: Scores
    """Pooled over the folds, hold-out left aside."""
    hold_out: Scores | None
    """None: too few rows of a label were held out."""
    views: tuple[ViewRow, ...]
    references: tuple[ReferenceRow, ...]
    roc: Points
    """(false positive share, true positive share), out of fold."""
    reliability: Points
    """(mean probability, share of ones, rows) of equal-mass bins, out of fold."""
    ladder: LadderReport | None
    warnings: tuple[str, ...]
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing that a model must reach before anything is written."""

    model: str
    name: str
    value: float
    wanted: str
    passed: bool

    def __str__(self) -> str:
        """Say what was found and what was wanted."""
        return f"{self.model}: {self.name} is {self.value:.4f}, wanted {self.wanted}"


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """One training run."""

    only: Only
    preset: str
    seed: int
    code: str
    models: tuple[ModelReport, ...]
    gates: tuple[Gate, ...]
    notes: tuple[str, ...]

    def of(self, name: str) -> ModelReport | None:
        """Give the report of a model, None where it was not trained in this run."""
        return next((model for model in self.models if model.name == name), None)

    def to_dict(self) -> dict[str, object]:
        """Give the report as plain values for JSON; a figure that does not exist is None."""
        plain = _plain(asdict(self))
        assert isinstance(plain, dict)
        return plain


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
