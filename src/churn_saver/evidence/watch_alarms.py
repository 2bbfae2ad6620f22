"""What of a look is off, in a sentence each: the thing, the figure, and what was wanted."""

from collections.abc import Sequence

from churn_saver.evidence.drift import ColumnDrift, Drift
from churn_saver.evidence.fairness import LEVEL
from churn_saver.evidence.group_treatment import ColumnTreatment
from churn_saver.evidence.matured import Maturity
from churn_saver.evidence.outcome_checks import Calibration, Delivery
from churn_saver.evidence.shares import normal_quantile
from churn_saver.evidence.simultaneous import each_level


def alarms_of(moved: Drift | None, calibrations: Sequence[Calibration], went_out: Delivery) -> list[str]:
    """Name the columns that moved, the scores that are off, and messages that do not go out.

    Args:
        moved: None: nothing was compared.
        calibrations: Each score against its outcomes.
        went_out: Of the window.
    """
    said: list[str] = []
    if moved is not None:
        said += [_moved(one) for one in moved.columns if one.verdict == "moved"]
        said += [f"{name} is gone: no decision of the window has it" for name in moved.went]
        said += [f"{name} holds another kind of value now" for name in moved.changed]
    said += [_off(one, one.found) for one in calibrations if one.found and one.verdict == "off"]
    if went_out.verdict == "off":
        said.append(
            f"{went_out.delivered:,} of {went_out.decided:,} contacts went out, wanted "
            f"{100 * went_out.least:g} % at least"
        )
    return said


def alarms_of_groups(treatment: Sequence[ColumnTreatment]) -> tuple[list[str], list[str]]:
    """Name the groups that are treated worse than their bound.

    An interval holds together with those of the same measure and column. A look asks of many, so for an
    alarm it is stretched to hold together with those of all groups of the look: by the ratio of the two
    normal quantiles.

    Returns:
        Those that are surely worse among all groups of the look, and those that are so by themselves.
    """
    questions = sum(len(measure.groups) for column in treatment for measure in column.found)
    sure: list[str] = []
    alone: list[str] = []
    for column in treatment:
        for measure in column.found:
            stretch = _quantile(questions) / _quantile(len(measure.groups))
            for figure in measure.groups:
                if figure.verdict != "worse than bound":
                    continue
                short = figure.shortfall
                is_sure = short.value - stretch * (short.value - short.low) > measure.bound
                told = (
                    f"{column.column}: {plain(measure.measure)} of {figure.group} is "
                    f"{_less(measure.measure, short.value)} below that of all others, beyond the bound"
                )
                (sure if is_sure else alone).append(told)
    return sure, [f"{told} by itself, and not surely so among {questions} groups" for told in alone]


def plain(name: str) -> str:
    """Give a name of code as words."""
    return name.replace("_", " ")


def _moved(one: ColumnDrift) -> str:
    return f"{one.column} has moved: PSI {one.psi:.2f}, and by chance at most {one.psi_by_chance:.2f}"


def _off(one: Calibration, found: Maturity) -> str:
    """Say in which direction what happened lies from what was predicted."""
    gap = found.in_the_large.value
    return (
        f"{plain(one.score)} is off: {100 * abs(gap):.1f} percentage points "
        f"{'more' if gap > 0 else 'less'} happened than was predicted, judged by {found.rows:,} {one.whom}"
    )


def _quantile(questions: int) -> float:
    return normal_quantile(each_level(LEVEL, questions))


def _less(measure: str, shortfall: float) -> str:
    return f"{shortfall:.2f}" if measure == "cost_share" else f"{100 * shortfall:.1f} percentage points"
