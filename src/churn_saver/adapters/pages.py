"""Set the decision report and the training report as pages: one HTML file each, nothing beside it.

No script, no font, no link to anywhere: a page reads the same offline, on paper and in ten years.
Whatever stands in a table is escaped, names and messages too. Works out no figure of its own:
`summary` and the training report do. Knows no clock and no file: both are handed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError

from churn_saver.adapters import pictures, plain_words
from churn_saver.adapters.assumptions import Assumption
from churn_saver.adapters.samples import samples
from churn_saver.adapters.summary import Summary, choices
from churn_saver.adapters.training_view import TITLES, model_view, model_views, provenance
from churn_saver.domain.slots import long_date
from churn_saver.errors import InputError


@dataclass(frozen=True, slots=True)
class Run:
    """What a decision report says of the run itself."""

    made_at: datetime
    """Aware."""
    customers_file: str
    command: str
    """Makes this report again."""
    campaign_id: str
    price: float
    """λ."""
    models: str
    """Version of the predictors, 'none' without."""
    code: str
    out_of_fold: bool = False
    """The table is labelled, and each customer was scored by models that never saw the row."""
    protected_used: bool = False
    """Protected columns are inputs of the model."""
    hashes: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file that the run depends on, by name."""
    notes: Sequence[str] = ()
    """What else a reader must know, one sentence each."""


def decision_report(
    summary: Summary,
    frame: pl.DataFrame,
    training: Mapping[str, object] | None,
    assumed: Sequence[Assumption],
    run: Run,
) -> str:
    """Set the page of one run.

    Args:
        summary: Of the same frame.
        frame: Decisions, one row a customer, columns as in decisions.parquet.
        training: The training report of the models that scored; None: not at hand.
        assumed: Settings of env.yaml, from `assumptions.assumptions`.
        run: What is to be said of the run.

    Raises:
        InputError: the training report is of another version; names what it lacks.
    """
    shown = {
        "offers": "Offers",
        "messages": "Messages" if summary.contacted else "",
        "others": "Not contacted",
        "scores": "Scores",
        "groups": "Groups" if summary.groups else "",
        "assumptions": "Assumptions",
        "reproduce": "Reproduce",
    }
    return _page(
        "decision.html.j2",
        s=summary,
        run=run,
        made_at=_moment(run.made_at),
        contents=[(key, name) for key, name in shown.items() if name],
        pictures=_money_pictures(summary, frame, run.price),
        samples=samples(frame),
        risk=None if training is None else model_view(training, "risk"),
        accept=None if training is None else model_view(training, "accept"),
        assumptions=assumed,
        provenance=_provenance(summary, run),
        colours=pictures.CHOICE_COLOURS,
    )


def training_report(report: Mapping[str, object]) -> str:
    """Set the page of one training run.

    Args:
        report: From `TrainingReport.to_dict()`, or read back from its JSON.

    Raises:
        InputError: the report is of another version; names what it lacks.
    """
    views = model_views(report)
    return _page(
        "training.html.j2",
        report=report,
        models=views,
        heading=" and ".join(view.title for view in views).capitalize(),
        titles=TITLES,
        provenance=provenance(report, views),
    )


def _money_pictures(summary: Summary, frame: pl.DataFrame, price: float) -> list[tuple[str, str]]:
    drawn = []
    risk = frame["churn_risk"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    if summary.mean_risk is not None:
        mix = pictures.offer_mix_by_risk(risk, choices(frame))
        drawn.append((mix, "Bars of few customers say little: mind the numbers above them."))
    if not summary.contacted:
        return drawn
    contacts = frame.filter("contact")
    reserved = contacts["reserved_minor"].to_numpy()
    value = contacts["expected_value"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    curve = pictures.spend(reserved, value, summary.limit_minor, summary.currency, price)
    drawn.append(
        (curve, "λ is the margin that one more unit of budget must bring; below it nothing is spent.")
    )
    if summary.expected_value is not None and summary.expected_value > 0:
        gain = pictures.expected_gain_curve(reserved, value, summary.currency)
        drawn.append((gain, "The flatter the curve ends, the less a larger budget would bring."))
    return drawn


def _provenance(summary: Summary, run: Run) -> list[tuple[str, str]]:
    return [
        ("Customer table", run.customers_file),
        ("Campaign", run.campaign_id),
        ("Policy", ", ".join(summary.policies)),
        ("Price of budget λ", f"{run.price:.6g}"),
        ("Models", run.models),
        ("Decision code", run.code),
        *((f"SHA-256 of {name}", digest) for name, digest in run.hashes.items()),
    ]


def _moment(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{long_date(at)}, {at:%H:%M} UTC"


def _page(template: str, **values: object) -> str:
    try:
        return templates().get_template(template).render(**values)
    except UndefinedError as error:
        raise InputError(
            f"the training report is of another version ({error}); train again with `make train-risk`"
        ) from error


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Give the templates of all pages: escaped, strict about what is missing, with our words as filters."""
    environment = Environment(
        loader=PackageLoader("churn_saver.adapters"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for words in (
        plain_words.count,
        plain_words.money,
        plain_words.units,
        plain_words.percent,
        plain_words.reason,
        plain_words.sentence,
    ):
        environment.filters[words.__name__] = words
    environment.filters["column"] = lambda name: plain_words.COLUMNS.get(name, name)
    environment.globals |= {"share": plain_words.share, "interval": plain_words.interval}
    return environment
