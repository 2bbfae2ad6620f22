"""One stage of the message training as it is ordered, and what it is made from.

What a stage is made from decides whether it has to be made again. Knows no model and no recipe.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from churn_saver import __version__
from churn_saver.adapters.text_models import STAGES, is_there, read_model
from churn_saver.domain.progress import Progress

TRAININGS = "trainings"
"""Folder of what interrupted stages have learned so far."""
CURVES = "curves"
MADE_FROM, DATA, FIGURES = "made_from", "data", "figures"

OnPoint = Callable[[Mapping[str, float]], None]
"""Told every step or iteration, as names and numbers."""


@dataclass(frozen=True, slots=True)
class TextOrder:
    """Where a stage reads and writes, and how it begins."""

    checkpoints: Path
    data: Path
    """Folder of a company's own texts, and of prepared public ones."""
    seed: int = 0
    fresh: bool = False
    """Begin anew, whatever an interrupted run left."""

    def state(self, stage: str) -> Path:
        """Say where an interrupted stage keeps what it has learned."""
        return self.checkpoints / TRAININGS / STAGES[stage][0]

    def curves(self, stage: str) -> Path:
        """Say where the curves of a stage are drawn."""
        return self.checkpoints / CURVES / STAGES[stage][0]

    def page(self, stage: str) -> Path:
        """Say where the report of a stage goes."""
        return self.checkpoints / f"{STAGES[stage][0]}.html"


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of a stage while it runs."""

    progress: Progress
    on_point: OnPoint


def made_from(settings: Mapping[str, object], seed: int, **others: object) -> dict[str, object]:
    """Say what decides how a stage turns out, as plain values: equal in all of it, equal model.

    Args:
        settings: Of the stage.
        seed: Of all its draws.
        others: Versions of what it stands on, digests of its texts.
    """
    values = {"settings": dict(settings), "seed": seed, "code": __version__, **others}
    plain: dict[str, object] = json.loads(json.dumps(values))
    return plain


def stands(order: TextOrder, stage: str, wanted: Mapping[str, object]) -> bool:
    """Say whether a stage was finished from exactly this, its report included.

    Raises:
        ArtifactError: there is a model, and it cannot be read.
    """
    if order.fresh or not is_there(order.checkpoints, stage) or not order.page(stage).is_file():
        return False
    return read_model(order.checkpoints, stage).provenance.get(MADE_FROM) == wanted


def digest(frames: Sequence[pl.DataFrame]) -> str:
    """Give 16 hex digits over the rows of tables, in their order."""
    found = hashlib.sha256()
    for frame in frames:
        found.update(frame.write_csv().encode() + b"\0")
    return found.hexdigest()[:16]
