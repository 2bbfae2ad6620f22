"""Draw how a policy learned as inline SVG, one picture a curve; each title says where it ends.

Takes the report's own plain values, so that a picture never shows another figure than the JSON. Knows
nothing of files, pages and how a curve is drawn (`curve_drawing` does).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from churn_saver.adapters.curve_drawing import Picture, curve, from_zero, picked, short
from churn_saver.adapters.pictures import WARM
from churn_saver.adapters.plain_numbers import Floats
from churn_saver.adapters.plain_words import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MUCH_REGRET = 10.0
"""Per cent of the attainable gain from which a policy is warned of."""
_DECADES = 30.0
"""Ratio from which an axis is logarithmic."""
_DASHED = (0, (5, 3))
_MEAN = "Mean of the episodes that ended. "


def training_pictures(
    curves: Mapping[str, Floats], regrets: tuple[Floats, Floats], budget: float, is_priced: bool
) -> list[Picture]:
    """Draw reward, spend, λ, the figures of the update and the regret, as far as they were measured.

    Args:
        curves: `iteration` and the curves by name, (k,) each; NaN: not measured.
        regrets: Iterations and per cent of the attainable gain, (j,) each.
        budget: Per customer, currency units.
        is_priced: λ is an input of the policy and drawn for each episode.
    """
    if not len(curves["iteration"]):
        return []
    drawers = [_reward, _spend, _price, _entropy, _kl, _clip_fraction, _value_loss]
    found = [draw(curves, budget, is_priced) for draw in drawers if not (is_priced and draw is _price)]
    if len(regrets[0]):
        found.append(_regret(*regrets))
    return [picture for picture in found if picture is not None]


def _reward(curves: Mapping[str, Floats], _budget: float, _is_priced: bool) -> Picture | None:
    def title(first: float, last: float, _most: float) -> str:
        return f"Reward: from {short(first)} to {short(last)} per customer"

    caption = f"{_MEAN}A gain over never contacting where ppo.yaml says reward: gain."
    return curve(curves, "reward", "currency units", title, caption=caption)


def _spend(curves: Mapping[str, Floats], budget: float, is_priced: bool) -> Picture | None:
    def title(_first: float, last: float, _most: float) -> str:
        of = " over all prices" if is_priced else f" of {budget:,.2f} per customer"
        return f"Spend ends at {last:,.2f}{of}"

    def budget_line(axes: "Axes") -> None:
        axes.axhline(budget, color=WARM, linewidth=1.3, linestyle=_DASHED)
        axes.text(1.01, budget, f"budget\n{budget:,.2f}", size=8.5, va="center",
                  transform=axes.get_yaxis_transform())  # fmt: skip
        axes.set_ylim(0, max(1.12 * budget, axes.get_ylim()[1]))

    caption = (
        "Each has a λ of its own, so this is not held to the budget: the price that meets a budget is "
        "found after training."
        if is_priced
        else "While λ settles, the spend swings around the budget; the table has the exact spend."
    )
    return curve(curves, "spend", "currency units", title, budget_line, _MEAN + caption)


def _price(curves: Mapping[str, Floats], _budget: float, _is_priced: bool) -> Picture | None:
    def title(_first: float, last: float, _most: float) -> str:
        return f"Price of budget λ ends at {short(last)}"

    caps = curves["cap_price"]
    has_caps = bool(np.nanmax(caps, initial=0.0) > 0.0)

    def cap_line(axes: "Axes") -> None:
        if has_caps:
            shown = picked(caps)
            axes.plot(curves["iteration"][shown], caps[shown], color=WARM, linewidth=1.4,
                      label="of the cap")  # fmt: skip
            axes.lines[0].set_label("of the budget")
            axes.legend(loc="best", fontsize=8.5)
        axes.set_ylim(0, None)

    caption = "What one more unit of spend must bring in reward; it rises while too much is spent."
    return curve(curves, "price", "λ", title, cap_line, caption)


def _entropy(curves: Mapping[str, Floats], _budget: float, _is_priced: bool) -> Picture | None:
    def title(first: float, last: float, _most: float) -> str:
        return f"Entropy: from {short(first)} to {short(last)}"

    caption = "How undecided the policy is on contact and offer. An early fall to 0: it stopped trying."
    return curve(curves, "entropy", "nats", title, from_zero, caption)


def _kl(curves: Mapping[str, Floats], _budget: float, _is_priced: bool) -> Picture | None:
    def title(_first: float, last: float, most: float) -> str:
        return f"KL of an update: {short(last)} at the end, {short(most)} at most"

    return curve(curves, "kl", "nats", title, from_zero, "How far one update moves the policy.")


def _clip_fraction(curves: Mapping[str, Floats], _budget: float, _is_priced: bool) -> Picture | None:
    def title(_first: float, last: float, most: float) -> str:
        return f"Clipped: {percent(last)} at the end, {percent(most)} at most"

    def shares(axes: "Axes") -> None:
        from_zero(axes)
        axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")

    caption = "New over old probabilities that are farther from 1 than the clip allows."
    return curve(curves, "clip_fraction", "share of ratios", title, shares, caption)


def _value_loss(curves: Mapping[str, Floats], _budget: float, _is_priced: bool) -> Picture | None:
    def title(first: float, last: float, _most: float) -> str:
        return f"Value loss: from {short(first)} to {short(last)}"

    known = curves["value_loss"][np.isfinite(curves["value_loss"])]
    is_wide = bool(len(known) and known.min() > 0.0 and known.max() > _DECADES * known.min())

    def scale(axes: "Axes") -> None:
        if is_wide:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter(lambda value, _: short(value))
            axes.yaxis.set_minor_formatter(lambda _value, _place: "")
        else:
            from_zero(axes)

    caption = "How wrong the policy is about what a customer will still bring and cost."
    return curve(curves, "value_loss", "bills squared", title, scale, caption)


def _regret(iteration: Floats, regret: Floats) -> Picture | None:
    def title(_first: float, last: float, _most: float) -> str:
        return f"Regret: {last:.1f} % of the attainable gain at the end"

    def limit(axes: "Axes") -> None:
        axes.axhline(MUCH_REGRET, color=WARM, linewidth=1.1, linestyle=_DASHED)
        axes.set_ylim(0, max(1.2 * MUCH_REGRET, axes.get_ylim()[1]))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g} %")

    caption = f"By exact evaluation while it learned, spend valued at its price. Dashed: {MUCH_REGRET:g} %."
    found = {"iteration": iteration, "regret": regret}
    return curve(found, "regret", "share of the attainable gain", title, limit, caption)
