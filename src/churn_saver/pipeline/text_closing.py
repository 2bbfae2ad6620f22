"""Close a stage of the message training: its last page goes, its model is written, its report, its page.

Then its state goes. In this order, so that a stage which is killed in between is finished by the same
command in a moment: a page beside a model is always that model's.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import remove, remove_folder, write_bytes
from churn_saver.adapters.text_models import (
    NO_LICENCE,
    OPT_LICENCE,
    STAGES,
    TextModel,
    licence_of,
    model_folder,
    write_model,
)
from churn_saver.adapters.text_page import text_page
from churn_saver.pipeline.text_order import DATA, FIGURES, MADE_FROM, TextOrder

_NOTES = {
    NO_LICENCE: "the tiny model is made from nothing: its figures prove the mechanics and say "
    "nothing of quality",
    OPT_LICENCE: "the weights of this base model may be used for non-commercial research only, and so "
    "may whatever is made from it",
}
"""What a report adds for the licence of a base model."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What a stage has learned, and what its report shows beside the model's own provenance."""

    model: TextModel
    sizes: tuple[int, int]
    """Numbers that were trained, and all."""
    points: Sequence[Mapping[str, float]]
    started: float
    """On the monotonic clock, when the command began."""
    samples: Sequence[Mapping[str, object]] = ()
    kinds: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """What a stage leaves."""

    stage: str
    folder: Path
    version: str
    page: Path
    report: Mapping[str, object]
    """As of `adapters.text_page`."""


def close(order: TextOrder, learned: Learned) -> Finished:
    """Write model, report and page, and forget the state of the unfinished stage.

    Args:
        order: Where.
        learned: Its provenance has `MADE_FROM`, `DATA` and `FIGURES`.

    Raises:
        InputError: a place cannot be written to.
    """
    model = learned.model
    page = order.page(model.stage)
    if page.exists():
        remove(page)
    version = write_model(order.checkpoints, model)
    report = _report(learned, version)
    write_bytes(page.with_suffix(".json"), canonical(_nulled(report)))
    write_bytes(page, text_page(report).encode())
    remove_folder(order.state(model.stage))
    return Finished(model.stage, model_folder(order.checkpoints, model.stage), version, page, report)


def _report(learned: Learned, version: str) -> dict[str, object]:
    model = learned.model
    sources = model.provenance[MADE_FROM]
    told = dict(sources) if isinstance(sources, Mapping) else {}
    return {
        "stage": model.stage,
        "command": STAGES[model.stage][1],
        "model": {
            "base": model.base,
            "base_version": model.base_version,
            "licence": licence_of(model.base),
            "version": version,
            "trainable": learned.sizes[0],
            "parameters": learned.sizes[1],
        },
        "data": model.provenance[DATA],
        "figures": model.provenance[FIGURES],
        "kinds": list(learned.kinds),
        "samples": list(learned.samples),
        "curves": [dict(point) for point in learned.points],
        "provenance": told,
        "seconds": time.monotonic() - learned.started,
        "notes": [words for licence, words in _NOTES.items() if licence == licence_of(model.base)],
    }


def _nulled(value: object) -> object:
    """Put null where a number is none: JSON has no NaN."""
    if isinstance(value, Mapping):
        return {str(name): _nulled(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_nulled(one) for one in value]
    return None if value != value else value
