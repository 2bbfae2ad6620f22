"""The first line of a campaign's report, by the metric that its protocol names.

Who stays is worded by `evidence/first_line`; money here, in the same order: arms of the wrong sizes, a
campaign too small, an effect, none.
"""

from churn_saver.config import ProtocolSettings
from churn_saver.domain.money import MINOR_PER_UNIT, shown
from churn_saver.evidence.detectable import POWER
from churn_saver.evidence.first_line import first_line, is_too_small
from churn_saver.evidence.lift import Lift
from churn_saver.evidence.shares import Interval
from churn_saver.pipeline.looking import percent_of


def headline(lift: Lift, protocol: ProtocolSettings | None, currency: str) -> tuple[str, bool]:
    """Say what can be said of a campaign, and whether it is too small to say it.

    Args:
        lift: Of the campaign.
        protocol: None: nobody wrote one, and half of those who leave are what is asked for.
        currency: Of its money.
    """
    if protocol is None:
        return first_line(lift), is_too_small(lift)
    if protocol.metric == "retained":
        return first_line(lift, protocol.wanted_effect), is_too_small(lift, protocol.wanted_effect)
    wanted_minor = protocol.wanted_effect * MINOR_PER_UNIT
    too_small = lift.net_minor.smallest > wanted_minor
    if lift.sample_ratio.is_mismatch:
        return lift.sample_ratio.verdict, too_small
    return _money_line(lift, wanted_minor, currency, too_small), too_small


def _money_line(lift: Lift, wanted_minor: float, currency: str, too_small: bool) -> str:
    found = lift.net_minor
    seen = (
        f"{_amounts(found.difference)} {currency} a customer at {percent_of(lift.level)}, less what it cost"
    )
    if too_small:
        customers = lift.treated.customers + lift.holdout.customers
        return (
            f"This campaign is too small to say whether it earned money: {customers:,} customers show a "
            f"difference of {_amount(found.smallest)} {currency} each in {100 * POWER:g} % of such "
            f"campaigns, and {_amount(wanted_minor)} are asked for. Seen: {seen}."
        )
    if found.difference.low > 0:
        return f"The campaign earned money: {seen}, which is {_amounts(lift.earned_minor)} {currency} in all."
    if found.difference.high < 0:
        return f"The campaign lost money: {seen}, which is {_amounts(lift.earned_minor)} {currency} in all."
    return (
        f"That the campaign earned or lost money was not found: {seen}. {_amount(found.smallest)} {currency} "
        f"a customer would have been found in {100 * POWER:g} % of such campaigns."
    )


def _amounts(found: Interval) -> str:
    return f"{_amount(found.value)} (from {_amount(found.low)} to {_amount(found.high)})"


def _amount(minor: float) -> str:
    return shown(round(minor)).replace("-", "−")
