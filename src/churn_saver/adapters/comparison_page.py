"""Set the page of a comparison: whether a challenger may become champion, condition by condition.

Works out no figure. Knows no clock and no file.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.drawing import INK, drawn
from churn_saver.adapters.pages import templates
from churn_saver.adapters.pictures import ACCENT, WARM
from churn_saver.adapters.shadow_rows import HEADINGS, TITLE, shadow_rows
from churn_saver.errors import shown
from churn_saver.evidence.conditions import Gain, Name, Unread
from churn_saver.evidence.fairness import Fairness
from churn_saver.evidence.promotion import Evidence, Verdict
from churn_saver.evidence.shadowed import Beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLES: Mapping[Name, str] = {
    "value": "It earns more",
    "caps": "No limit was broken",
    "fairness": "No group is worse off",
    "replay": "Decisions can be made again",
    "sample_ratio": "The arms have their sizes",
}
WAYS = {
    "randomised": "Both served, each its own customers by a sticky draw; those are compared, by intention to "
    "treat.",
    "logged": "Both were asked about the same logged decisions, whose outcomes are weighted: the doubly "
    "robust difference.",
}
PROVENANCE = {
    "Challenger, whole hash of the version": "challenger_version",
    "Champion, whole hash of the version": "champion_version",
    "SHA-256 of the protocol": "protocol",
    "Judged at": "judged_at",
    "Digest of this comparison": "digest",
}
_DASHED = (0, (5, 3))
_LONGEST = 24
"""Characters of a group's name beside a picture."""
_MEANT = "difference"
"""Of the measures, the one in the unit of the gain."""


def comparison_page(
    evidence: Evidence, verdict: Verdict, written: Mapping[str, object], shadow: Beside | None = None
) -> str:
    """Set the page.

    Args:
        evidence: What the gate looked at.
        verdict: What it said.
        written: The document (`evidence/promotion`): names, counts and digest.
        shadow: What the challenger would have done; None: it never was a shadow here.
    """
    gain = evidence.gain
    losses = {} if isinstance(evidence.losses, Unread) else evidence.losses.columns
    return (
        templates()
        .get_template("comparison.html.j2")
        .render(
            verdict=verdict,
            gain=None if isinstance(gain, Unread) else gain,
            way="" if isinstance(gain, Unread) else WAYS[gain.way],
            losses=losses,
            titles=TITLES,
            written=written,
            headline=headline(verdict, written),
            provenance=_provenance(written),
            shadow_title=TITLE,
            shadow_headings=HEADINGS,
            shadow=[] if shadow is None else shadow_rows(shadow),
            pictures=_pictures(gain, losses),
        )
    )


def headline(verdict: Verdict, written: Mapping[str, object]) -> str:
    """Say in one sentence whether it may."""
    names = f"{written['challenger']} may", f"become champion after {written['champion']}"
    if verdict.passes:
        return f"{names[0]} {names[1]}: all {len(verdict.conditions)} conditions hold"
    failed = [TITLES[one.name].lower() for one in verdict.conditions if not one.holds]
    return f"{names[0]} not {names[1]}: not shown that {', '.join(failed)}"


def _provenance(written: Mapping[str, object]) -> list[tuple[str, object]]:
    told = [(name, written.get(key)) for name, key in PROVENANCE.items()]
    return [(name, "none" if value is None else value) for name, value in told]


def _pictures(gain: Gain | Unread, losses: Mapping[str, Fairness]) -> list[Picture]:
    pictures = [] if isinstance(gain, Unread) else [_gain(gain)]
    return pictures + [_groups(column, found) for column, found in losses.items() if found.groups]


def _gain(gain: Gain) -> Picture:
    found = gain.difference

    def paint(axes: "Axes") -> None:
        axes.axvline(0.0, color=INK, linewidth=1.1, alpha=0.6, linestyle=_DASHED)
        axes.plot([found.low, found.high], [0, 0], color=WARM, linewidth=2.2)
        axes.plot([found.value], [0], marker="o", markersize=8, color=WARM)
        axes.set(ylim=(-1, 1), xlabel=f"challenger less champion: {gain.unit}")
        axes.set_yticks([])
        axes.grid(False, axis="y")

    title = f"Gain {found.value:+.4g}, from {found.low:+.4g} to {found.high:+.4g}"
    caption = (
        f"The interval of {100 * gain.level:.4g} %. Dashed: no difference; it must lie to the right of it."
    )
    return drawn(title, "A difference with its interval, beside 0.", paint, (4.8, 1.9)), caption


def _groups(column: str, found: Fairness) -> Picture:
    groups = found.groups

    def paint(axes: "Axes") -> None:
        for row, one in enumerate(groups):
            colour = ACCENT if one.verdict == "within bound" else WARM
            axes.plot([one.shortfall.low, one.shortfall.high], [row, row], color=colour, linewidth=1.8)
            axes.plot([one.shortfall.value], [row], marker="o", markersize=6, color=colour)
        axes.axvline(found.bound, color=INK, linewidth=1.1, alpha=0.6, linestyle=_DASHED)
        axes.set_yticks(range(len(groups)), [shown(one.group, _LONGEST) for one in groups])
        meaning = (
            "what the group loses by the change" if found.measure == _MEANT else "shortfall of the group"
        )
        axes.set(ylim=(len(groups) - 0.5, -0.5), xlabel=meaning)
        axes.grid(False, axis="y")

    worst = max(groups, key=lambda one: one.shortfall.value)
    title = (
        f"{shown(column, _LONGEST)}: {shown(worst.group, _LONGEST)} loses most, {worst.shortfall.value:+.3g}"
    )
    caption = f"Dashed: the bound of {found.bound:g}. Orange: beyond it, or not known to lie within."
    return drawn(title, "An interval a group.", paint, (4.8, 1.4 + 0.32 * max(len(groups), 2))), caption
