"""Set the page of one look at a campaign: first what is off, then the figures behind it.

Works out no figure of its own. Knows no clock and no file.
"""

from datetime import UTC

from churn_saver.adapters.pages import templates
from churn_saver.adapters.plain_words import percent
from churn_saver.adapters.watch_pictures import calibration, group_rates, psi_bars
from churn_saver.domain.slots import long_date
from churn_saver.evidence.fairness import GroupFigure, Measure
from churn_saver.evidence.outcome_checks import Score
from churn_saver.evidence.shares import Interval
from churn_saver.evidence.watch import Watch

TITLES: dict[Score, str] = {"churn_risk": "Churn risk", "accept_prob": "Chance of an acceptance"}
EVENTS: dict[Score, str] = {"churn_risk": "leave", "accept_prob": "accept"}
MEASURES: dict[Measure, str] = {
    "contact_rate": "Contact rate",
    "offer_rate": "Offer rate",
    "cost_share": "Cost, in even shares",
    "effect": "Effect on who stays",
    "difference": "Difference",
}
RATES = 2
"""Measures of a column that are rates: contacts and offers come first."""
VERDICTS = {
    "steady": "pass", "slight": "", "moved": "fail", "cannot tell": "",
    "holds": "pass", "off": "fail",
    "within bound": "pass", "worse than bound": "fail", "too small": "",
}  # fmt: skip
"""How a verdict is set: neither green nor red where nobody can tell."""


def watch_page(look: Watch, psi_limit: float) -> str:
    """Set the page.

    Args:
        look: What was found.
        psi_limit: PSI above which a sure difference is a move.
    """
    at = look.at.astimezone(UTC)
    scores = [
        (one, TITLES[one.score], calibration(one.found, EVENTS[one.score]) if one.found else None)
        for one in look.calibrations
    ]
    columns = [
        (one, group_rates(one.column, one.found[:RATES]) if one.found else None) for one in look.treatment
    ]
    page = templates().get_template("watch.html.j2")
    return page.render(
        v=look,
        made_at=f"{long_date(at)}, {at:%H:%M} UTC",
        heading=heading(look),
        drift_picture=psi_bars(look.drift, psi_limit) if look.drift and look.drift.columns else None,
        scores=scores,
        columns=columns,
        psi_limit=psi_limit,
        verdicts=VERDICTS,
        measures=MEASURES,
        ends=ends,
        figure_of=_figure_of,
    )


def heading(look: Watch) -> str:
    """Say the outcome of a look in a few words."""
    if look.is_quiet:
        return "Nothing is off, as far as these decisions can show"
    return "One thing is off" if len(look.alarms) == 1 else f"{len(look.alarms)} things are off"


def ends(interval: Interval, is_share: bool = True) -> str:
    """Write an interval: 0.1, 0.05, 0.15 → '10.0 % (5.0 to 15.0)'."""
    if not is_share:
        return f"{interval.value:.2f} ({interval.low:.2f} to {interval.high:.2f})".replace("-", "−")
    shown = f"{percent(interval.value)} ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
    return shown.replace("-", "−")


def _figure_of(measure: Measure, figure: GroupFigure) -> tuple[str, str]:
    """Write a group's value and its shortfall."""
    is_share = measure != "cost_share"
    return ends(figure.value, is_share), ends(figure.shortfall, is_share)
