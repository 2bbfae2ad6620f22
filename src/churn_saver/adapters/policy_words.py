"""Say rungs of the ladder, shares of the attainable gain and times in words, for screen and page.

Knows no page. A rung without words is shown by its name.
"""

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "optimum": "Constrained optimum",
    "exact": "Exact at one price",
    "ppo_cloned": "PPO, cloned start",
    "ppo_price": "PPO, price as input",
    "ppo": "PPO",
    "ppo_nine": "PPO, nine inputs",
    "uplift": "Learned effects",
    "knapsack": "Myopic knapsack",
    "greedy": "Greedy",
    "risk_value": "Risk × bill",
    "propensity_rule": "Risk threshold",
    "random": "Random",
    "never": "Never contact",
}
DOINGS: Mapping[str, str] = {
    "optimum": "The most that any policy within the budget can gain when it knows the model. The ruler: it "
    "never serves.",
    "exact": "In every state the best answer at one price of budget, looked up in a table that is worked out "
    "anew for each portfolio and price.",
    "ppo_cloned": "A network that first copied the exact policy and then learned on.",
    "ppo_price": "One network for every budget: the price of budget is an input.",
    "ppo": "A network that learned from nothing, for one budget.",
    "ppo_nine": "A network that learned from nothing and sees the nine documented inputs alone.",
    "uplift": "The contact that gains most at the price of budget, by effects that were learned from a log.",
    "knapsack": "The contact that gains most at the price of budget, as if it were the last.",
    "greedy": "The contact that gains most, as if budget were free.",
    "risk_value": "10 % to whoever has much to lose: risk times bill above a threshold.",
    "propensity_rule": "10 % to whoever is likely to leave. Needs no model of what a contact is worth.",
    "random": "A fixed share of those who may be contacted, with any offer.",
    "never": "Leaves everybody alone: the zero of every gain.",
}
_MINUTE = 60
_UNITS = ((1.0, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns"))


def title(name: str) -> str:
    """Call a rung by its name for people."""
    return TITLES.get(name, name.replace("_", " "))


def doing(name: str) -> str:
    """Say in a sentence what a rung does; empty where nobody wrote it down."""
    return DOINGS.get(name, "")


def points(percent: float, digits: int = 1) -> str:
    """Write per cent as they were measured: 96.34 → '96.3 %', with a space that does not break."""
    shown = f"{percent:.{digits}f}"
    return f"{shown.replace('-', '−') if float(shown) else shown.lstrip('-')}\N{NO-BREAK SPACE}%"


def duration(seconds: float) -> str:
    """Write how long something took: 192 → '3 min 12 s', 0.00004 → '40 µs'; what was not timed is a dash."""
    if round(seconds) >= _MINUTE:
        minutes, rest = divmod(round(seconds), _MINUTE)
        return f"{minutes:,} min {rest} s"
    if seconds <= 0.0:
        return "–"
    factor, unit = next(((f, u) for f, u in _UNITS if seconds * f >= 1.0), _UNITS[-1])
    return f"{seconds * factor:.3g} {unit}"
