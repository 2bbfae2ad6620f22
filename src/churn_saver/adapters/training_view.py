"""Read a training report's plain values for a page: one view a model, with its pictures.

Keys as `TrainingReport.to_dict()` writes them; a report of another version is refused by the name
of what it lacks. Works out no figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from churn_saver.adapters import pictures
from churn_saver.errors import InputError

TITLES: Mapping[str, str] = {"risk": "Churn risk", "accept": "Offer acceptance"}
EVENTS: Mapping[str, str] = {"risk": "leave", "accept": "accept"}
SCORES = ("rows", "auc", "ece", "ece_equal_mass", "brier", "log_loss", "ece_floor")
MODEL = (
    "name", "source", "rows", "positives", "hold_out_rows", "features", "recipe", "out_of_fold", "hold_out",
    "views", "references", "roc", "reliability", "ladder", "warnings", "assumptions",
)  # fmt: skip
REPORT = ("only", "preset", "seed", "code", "models", "gates", "notes")


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model of a training report."""

    name: str
    title: str
    event: str
    """What is predicted, as a verb."""
    report: Mapping[str, object]
    """The model's own part of the report."""
    verdict: str
    """How good it is, in a sentence."""
    roc: str
    """SVG."""
    reliability: str
    """SVG."""
    caption: str
    """Of the reliability picture: why its figure is not the gate's."""


def model_views(report: Mapping[str, object]) -> tuple[ModelView, ...]:
    """Give every model of a report with its pictures.

    Args:
        report: From `TrainingReport.to_dict()`, or read back from its JSON.

    Raises:
        InputError: a key is missing; names it.
    """
    _need(report, REPORT, "the training report")
    return tuple(_model_view(_named(model, "models")) for model in _list(report["models"], "models"))


def model_view(report: Mapping[str, object], name: str) -> ModelView | None:
    """Give one model with its pictures; None where the run did not train it.

    Args:
        report: As in `model_views`.
        name: risk | accept.

    Raises:
        InputError: a key is missing; names it.
    """
    _need(report, REPORT, "the training report")
    for model in _list(report["models"], "models"):
        if _named(model, "models").get("name") == name:
            return _model_view(_named(model, "models"))
    return None


def provenance(report: Mapping[str, object], views: Sequence[ModelView]) -> list[tuple[str, str]]:
    """List what a report was made from.

    Args:
        report: As in `model_views`.
        views: From `model_views`.
    """
    rows = [("Code", str(report["code"])), ("Preset", str(report["preset"])), ("Seed", str(report["seed"]))]
    for view in views:
        source = _named(view.report["source"], "source")
        _need(source, ("kind", "file", "sha256"), "source")
        recipe = _named(view.report["recipe"], "recipe")
        logged = f"; {source['logged']}" if source.get("logged") else ""
        rows += [
            (f"{view.title}: table", f"{source['file']} ({source['kind']}){logged}"),
            (f"{view.title}: SHA-256", str(source["sha256"])),
            (f"{view.title}: inputs", ", ".join(map(str, _list(view.report["features"], "features")))),
            (f"{view.title}: recipe", ", ".join(f"{key} {value}" for key, value in recipe.items())),
        ]
    return rows


def _model_view(model: Mapping[str, object]) -> ModelView:
    _need(model, MODEL, "a model of the training report")
    name = str(model["name"])
    event = EVENTS.get(name, "do so")
    scores = _named(model["out_of_fold"], "out_of_fold")
    _need(scores, SCORES, f"out_of_fold of model {name!r}")
    auc = [_figure(scores["auc"], end) for end in ("value", "low", "high")]
    shown = f"{auc[0]:.3f} ({auc[1]:.3f}–{auc[2]:.3f})"
    curve = [_numbers(point, 2) for point in _list(model["roc"], "roc")]
    bins = [_numbers(point, 3) for point in _list(model["reliability"], "reliability")]
    verdict = (
        f"{TITLES.get(name, name)}: on {round(_number(scores['rows'])):,} rows that the model had not seen, "
        f"one that does {event} scores above one that does not in {100 * auc[0]:.0f} of 100 pairs "
        f"(AUC {auc[0]:.3f}, 95 % interval {auc[1]:.3f}–{auc[2]:.3f}). Its chances are off by "
        f"{100 * _figure(scores['ece'], 'value'):.1f} points on average; a perfect model of this size would "
        f"show {100 * _number(scores['ece_floor']):.1f} by chance alone."
    )
    return ModelView(
        name=name,
        title=TITLES.get(name, name),
        event=event,
        report=model,
        verdict=verdict,
        roc=pictures.roc([(x, y) for x, y in curve], shown, event),
        caption=(
            f"{len(bins)} bins of equally many rows. In bins of equal width, as the gates count, the two are "
            f"{100 * _figure(scores['ece'], 'value'):.1f} points apart."
        ),
        reliability=pictures.reliability([(p, q, round(n)) for p, q, n in bins], event),
    )


def _need(found: Mapping[str, object], wanted: Sequence[str], what: str) -> None:
    missing = [key for key in wanted if key not in found]
    if missing:
        raise InputError(
            f"{what} lacks {', '.join(missing)}, found {', '.join(found) or 'nothing'}: it is of another "
            "version; train again with `make train-risk`"
        )


def _named(value: object, what: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise InputError(f"{what} of the training report holds {type(value).__name__}, wanted named values")
    return value


def _list(value: object, what: str) -> Sequence[object]:
    if not isinstance(value, list | tuple):
        raise InputError(f"{what} of the training report holds {type(value).__name__}, wanted a list")
    return value


def _figure(value: object, end: str) -> float:
    interval = _named(value, "a figure")
    _need(interval, ("value", "low", "high"), "a figure of the training report")
    return _number(interval[end])


def _numbers(value: object, size: int) -> list[float]:
    found = [_number(entry) for entry in _list(value, "a point")]
    if len(found) != size:
        raise InputError(f"a point of the training report holds {len(found)} numbers, wanted {size}")
    return found


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise InputError(f"the training report holds {value!r}, wanted a number")
    return float(value)
