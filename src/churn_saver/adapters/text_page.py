"""Set the page of one training of a message model: what it reached, how it learned, before and after.

One page for all three stages. Works out no figure. Knows no clock and no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

from churn_saver.adapters import policy_words
from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.pages import templates
from churn_saver.adapters.plain_numbers import Floats, column, need, number, sequence, text
from churn_saver.adapters.plain_words import percent
from churn_saver.adapters.policy_page import told
from churn_saver.adapters.text_pictures import text_pictures
from churn_saver.adapters.text_words import STAGE_DOINGS, STAGE_TITLES, word_of
from churn_saver.errors import ArtifactError, quoted

MOST_FIGURES = 8
_REPORT = (
    "stage", "command", "model", "data", "figures", "kinds", "samples", "curves", "provenance", "seconds",
    "notes",
)  # fmt: skip
_MODEL = ("base", "base_version", "licence", "version", "trainable", "parameters")
_ITERATION, _STEP = "iteration", "step"


@dataclass(frozen=True, slots=True)
class Kind:
    """How often the reward model is right on one kind of pair."""

    name: str
    pairs: int
    accuracy: float


@dataclass(frozen=True, slots=True)
class Sample:
    """One prompt, and what the model wrote before and after."""

    prompt: str
    before: str
    before_verdict: str
    """Empty: passes the shield. Otherwise the reasons."""
    after: str
    after_verdict: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that a training reached."""

    name: str
    title: str
    shown: str
    value: float | None
    meaning: str


@dataclass(frozen=True, slots=True)
class TextView:
    """What the page says."""

    stage: str
    title: str
    doing: str
    command: str
    heading: str
    model: Mapping[str, str]
    data: tuple[str, ...]
    figures: tuple[Figure, ...]
    kinds: tuple[Kind, ...]
    samples: tuple[Sample, ...]
    pictures: tuple[Picture, ...]
    provenance: tuple[tuple[str, str], ...]
    seconds: float
    notes: tuple[str, ...]


def text_page(report: Mapping[str, object]) -> str:
    """Set the page.

    Args:
        report: stage (sft, rm, ppo_text), command (that makes it again), model (base, base_version,
            licence, version, trainable, parameters), data (sentences), figures (numbers by name, null
            where not measured), kinds (kind, pairs, accuracy), samples (prompt, before, before_verdict,
            after, after_verdict), curves (one mapping a step or iteration), provenance (plain values),
            seconds (on the clock), notes (sentences).

    Raises:
        ArtifactError: something is missing or of another kind; names it.
    """
    page = templates().get_template("text.html.j2")
    return page.render(v=text_view(report), duration=policy_words.duration, percent=percent)


def text_view(report: Mapping[str, object]) -> TextView:
    """Read a report for its page; arguments and errors as of `text_page`."""
    found = need(report, _REPORT, "the report of the training")
    stage = text(found["stage"], "stage")
    if stage not in STAGE_TITLES:
        raise ArtifactError(f"stage is {quoted(stage)}, wanted one of {', '.join(STAGE_TITLES)}")
    model = need(found["model"], _MODEL, "model")
    figures = need(found["figures"], (), "figures")
    provenance = need(found["provenance"], (), "provenance")
    target = figures.get("kl_target")
    return TextView(
        stage=stage,
        title=STAGE_TITLES[stage],
        doing=STAGE_DOINGS[stage],
        command=text(found["command"], "command"),
        heading=_heading(stage, figures),
        model={name: _count(model[name]) for name in _MODEL},
        data=_sentences(found["data"], "data"),
        figures=tuple(_figure(name, value) for name, value in figures.items())[:MOST_FIGURES],
        kinds=_kinds(found["kinds"]),
        samples=_samples(found["samples"]),
        pictures=tuple(
            text_pictures(_curves(found["curves"]), None if target is None else number(target, "kl_target"))
        ),
        provenance=tuple(told(provenance)),
        seconds=number(found["seconds"], "seconds"),
        notes=_sentences(found["notes"], "notes"),
    )


def _heading(stage: str, figures: Mapping[str, object]) -> str:
    """Say the main figure of the stage in a sentence; none was measured: the stage alone."""
    wanted = {
        "sft": ("sampled_pass", "{} of its drafts may be sent, on contexts never seen"),
        "rm": ("accuracy", "prefers the better of two messages in {} of unseen pairs"),
        "ppo_text": ("reward_gain", "{} standard deviations of reward above the model it started from"),
    }
    name, sentence = wanted[stage]
    value = figures.get(name)
    if value is None:
        return STAGE_TITLES[stage]
    shown = word_of(name).shown(number(value, f"figures.{name}"))
    return f"{STAGE_TITLES[stage]}: {sentence.format(shown)}"


def _figure(name: str, raw: object) -> Figure:
    value = None if raw is None else number(raw, f"figures.{name}")
    word = word_of(name)
    return Figure(name, word.title, word.shown(value), value, word.meaning)


def _kinds(raw: object) -> tuple[Kind, ...]:
    rows = [need(one, ("kind", "pairs", "accuracy"), "kinds") for one in sequence(raw, "kinds")]
    return tuple(
        Kind(
            text(one["kind"], "kinds.kind").replace("_", " "),
            round(number(one["pairs"], "kinds.pairs")),
            number(one["accuracy"], "kinds.accuracy"),
        )
        for one in rows
    )


def _samples(raw: object) -> tuple[Sample, ...]:
    names = ("prompt", "before", "before_verdict", "after", "after_verdict")
    rows = [need(one, names, "samples") for one in sequence(raw, "samples")]
    return tuple(Sample(*(text(one[name], f"samples.{name}") for name in names)) for one in rows)


def _curves(raw: object) -> dict[str, Floats]:
    """Turn points into columns; steps and iterations are the same axis, what a point lacks is NaN."""
    points = [need(point, (), f"curves[{i}]") for i, point in enumerate(sequence(raw, "curves"))]
    names = dict.fromkeys(name for point in points for name in point)
    axis = _STEP if _STEP in names else _ITERATION
    if points and axis not in names:
        raise ArtifactError(
            f"curves have the names {', '.join(names)}, wanted {_ITERATION} or {_STEP} among them"
        )
    columns = {name: column([point.get(name, nan) for point in points], f"curves.{name}") for name in names}
    return columns | {_ITERATION: columns[axis]} if points else {}


def _sentences(raw: object, origin: str) -> tuple[str, ...]:
    return tuple(text(one, origin) for one in sequence(raw, origin))


def _count(raw: object) -> str:
    return f"{raw:,}" if isinstance(raw, int) else str(raw)
