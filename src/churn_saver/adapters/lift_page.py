"""Set the page of what a campaign did: the first line, the two arms, their difference, what is left out.

Works out no figure. Knows no clock and no file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.lift_pictures import lift_pictures
from churn_saver.adapters.pages import templates
from churn_saver.adapters.plain_numbers import need, number, sequence, text
from churn_saver.adapters.plain_words import percent, units

_REPORT = (
    "campaign_id", "currency", "made_at", "started_at", "holdout_share", "window_days", "margin_share",
    "level_shown", "first_line", "is_too_small", "look", "protocol", "cautions", "left_out", "curve", "arms",
    "effects", "saved", "earned", "sample_ratio",
)  # fmt: skip
_ARMS = ("treated", "holdout")
_ARM = ("customers", "known", "pending", "median_days", "retained", "margin", "cost")
_ENDS = ("value", "low", "high")
_PROTOCOL = (
    "metric", "days", "wanted_effect", "customers", "looks", "alpha", "gate", "fairness", "digest",
    "recorded_at",
)  # fmt: skip
NO_RATIO = "–"
"""Where the holdout's figure may be 0 or less."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table, as it is shown."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiftView:
    """What page and screen say."""

    campaign_id: str
    first_line: str
    look: str
    is_planned: bool
    level: str
    window_days: int
    currency: str
    cautions: tuple[str, ...]
    arms: tuple[Line, ...]
    """Each with a cell for the treated and one for the holdout."""
    effects: tuple[Line, ...]
    """Difference, ratio, smallest effect."""
    saved: str
    earned: str
    sizes: str
    """What the sample-ratio check says."""
    is_mismatch: bool
    is_too_small: bool
    left_out: tuple[Line, ...]
    """Treated and held out, by reason."""
    protocol: tuple[Line, ...]
    """Empty: none was written."""
    provenance: tuple[Line, ...]


def lift_page(report: Mapping[str, object]) -> str:
    """Set the page.

    Args:
        report: Of `lift_report`, or read back from its JSON.

    Raises:
        ArtifactError: something is missing or of another kind; names it.
    """
    view, drawn = lift_view(report), _pictures(report)
    return templates().get_template("lift.html.j2").render(v=view, r=report, pictures=drawn)


def lift_view(report: Mapping[str, object]) -> LiftView:
    """Read a report for page and screen; argument and errors as of `lift_page`."""
    found = need(report, _REPORT, "the report of the lift")
    look = need(found["look"], ("sentence", "is_planned"), "look")
    ratio = need(found["sample_ratio"], ("verdict", "is_mismatch"), "sample_ratio")
    currency = text(found["currency"], "currency")
    return LiftView(
        campaign_id=text(found["campaign_id"], "campaign_id"),
        first_line=text(found["first_line"], "first_line"),
        look=text(look["sentence"], "look.sentence"),
        is_planned=look["is_planned"] is True,
        level=text(found["level_shown"], "level_shown"),
        window_days=int(number(found["window_days"], "window_days")),
        currency=currency,
        cautions=tuple(text(one, "cautions") for one in sequence(found["cautions"], "cautions")),
        arms=_arms(found["arms"]),
        effects=_effects(found["effects"]),
        saved=_ends(found["saved"], "saved", _whole),
        earned=_ends(found["earned"], "earned", units),
        sizes=text(ratio["verdict"], "sample_ratio.verdict"),
        is_mismatch=ratio["is_mismatch"] is True,
        is_too_small=found["is_too_small"] is True,
        left_out=_left_out(found["left_out"]),
        protocol=() if found["protocol"] is None else _protocol(found["protocol"]),
        provenance=_provenance(found),
    )


def _arms(raw: object) -> tuple[Line, ...]:
    arms = need(raw, _ARMS, "arms")
    both = [need(arms[name], _ARM, f"arms.{name}") for name in _ARMS]

    def line(name: str, *cells: str) -> Line:
        return Line(name, cells)

    counts = {"Customers": "customers", "Known": "known", "Pending": "pending"}
    return (
        *(line(name, *(_whole(number(arm[key], key)) for arm in both)) for name, key in counts.items()),
        line("Median days followed", *(f"{number(arm['median_days'], 'median_days'):.1f}" for arm in both)),
        line("Still customers", *(_ends(arm["retained"], "retained", percent) for arm in both)),
        line("Margin per customer", *(_ends(arm["margin"], "margin", units) for arm in both)),
        line("Cost per customer", *(_ends(arm["cost"], "cost", units) for arm in both)),
    )


def _effects(raw: object) -> tuple[Line, ...]:
    effects = need(raw, ("retained", "margin", "net"), "effects")
    rows = (
        ("Still customers, % points", "retained", _points),
        ("Margin per customer", "margin", units),
        ("Margin less cost", "net", units),
    )
    lines = []
    for name, key, say in rows:
        one = need(effects[key], ("difference", "ratio", "smallest"), f"effects.{key}")
        ratio = NO_RATIO if one["ratio"] is None else _ends(one["ratio"], f"{key}.ratio", "{:.3f}".format)
        smallest = say(number(one["smallest"], f"{key}.smallest"))
        lines.append(Line(name, (_ends(one["difference"], f"{key}.difference", say), ratio, smallest)))
    return tuple(lines)


def _left_out(raw: object) -> tuple[Line, ...]:
    rows = [need(one, ("why", "treated", "held_out"), "left_out") for one in sequence(raw, "left_out")]
    return tuple(
        Line(
            text(one["why"], "left_out.why").capitalize(),
            tuple(_whole(number(one[arm], f"left_out.{arm}")) for arm in ("treated", "held_out")),
        )
        for one in rows
    )


def _protocol(raw: object) -> tuple[Line, ...]:
    found = need(raw, _PROTOCOL, "protocol")
    named = ", ".join(str(day) for day in sequence(found["looks"], "protocol.looks"))
    gate = need(found["gate"], (), "protocol.gate")
    fairness = need(found["fairness"], (), "protocol.fairness")
    bounds = (
        f"{group}: {', '.join(f'{name} {bound}' for name, bound in need(one, (), group).items())}"
        for group, one in fairness.items()
    )
    told = {
        "Metric": found["metric"],
        "Judged after": f"{found['days']} days",
        "Effect asked for": found["wanted_effect"],
        "Customers foreseen": found["customers"],
        "Looks on days": named,
        "Chance of error, all looks": found["alpha"],
        "Gate of a challenger": ", ".join(f"{name} {bound}" for name, bound in gate.items()),
        "Shortfall of a group at most": "; ".join(bounds) or "none named",
        "Recorded": found["recorded_at"],
        "SHA-256": found["digest"],
    }
    return tuple(Line(name, (str(value).replace("_", " "),)) for name, value in told.items())


def _provenance(found: Mapping[str, object]) -> tuple[Line, ...]:
    told = {
        "Campaign": found["campaign_id"],
        "Started": found["started_at"],
        "Looked at": found["made_at"],
        "Holdout share": percent(number(found["holdout_share"], "holdout_share")),
        "Margin of a bill": percent(number(found["margin_share"], "margin_share"), 0),
    }
    return tuple(Line(name, (str(value),)) for name, value in told.items())


def _pictures(report: Mapping[str, object]) -> Sequence[Picture]:
    """Draw; the effect asked for stands beside the difference where it is one of shares."""
    wanted = None
    if report["protocol"] is not None:
        protocol = need(report["protocol"], _PROTOCOL, "protocol")
        if protocol["metric"] == "retained":
            wanted = number(protocol["wanted_effect"], "wanted_effect")
    return lift_pictures(report, wanted)


def _ends(raw: object, origin: str, say: Callable[[float], str]) -> str:
    """Write a figure with its interval."""
    found = need(raw, _ENDS, origin)
    value, low, high = (say(number(found[end], f"{origin}.{end}")) for end in _ENDS)
    return f"{value} ({low} to {high})"


def _points(difference: float) -> str:
    return f"{100 * difference:.1f}".replace("-", "−")


def _whole(count: float) -> str:
    return f"{round(count):,}".replace("-", "−")
