"""Set the page of one training of the decision policy: what it reaches, how it learned, what it rests on.

Works out no figure but shares of those it is given. Knows no clock and no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from churn_saver.adapters import policy_words
from churn_saver.adapters.assumptions import Assumption
from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.pages import templates
from churn_saver.adapters.plain_numbers import Floats, column, need, number, sequence, text
from churn_saver.adapters.plain_words import money
from churn_saver.adapters.policy_pictures import MUCH_REGRET, training_pictures
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.policy.certificate import Certificate, Certified

CURVES = (
    "iteration", "decisions", "reward", "spend", "price", "cap_price", "entropy", "kl", "clip_fraction",
    "value_loss",
)  # fmt: skip
_REPORT = (
    "name", "described", "provenance", "curves", "regrets", "certificate", "budget_per_customer", "seconds",
)  # fmt: skip
_SEED = "seed"


@dataclass(frozen=True, slots=True)
class PolicyView:
    """What the page says."""

    name: str
    title: str
    doing: str
    described: str
    """The table, of which one half taught it."""
    seed: str
    """Empty: not told."""
    main: Certified
    """The row of the budget that it was trained for."""
    certificate: Certificate
    warnings: tuple[str, ...]
    decisions: int
    seconds: float
    rate: float
    """Decisions learned from per second."""
    is_cpu_rate: bool
    """The rate counts CPU seconds; otherwise seconds on the clock."""
    is_priced: bool
    """λ is an input."""
    pictures: tuple[Picture, ...]
    provenance: tuple[tuple[str, str], ...]


def policy_page(report: Mapping[str, object], assumed: Sequence[Assumption] = ()) -> str:
    """Set the page.

    Args:
        report: name (of the rung), described (the table, of which one half taught it), provenance (plain
            values; `seed` is shown first), curves (one `asdict(CurvePoint)` an iteration), regrets
            (`iteration` and `regret_pct`), certificate (`Certificate.to_dict()`), budget_per_customer
            (currency units), seconds (on the clock) and, where it was measured, cpu_seconds.
        assumed: Settings of env.yaml, from `assumptions.assumptions`; none: the page says where they are.

    Raises:
        ArtifactError: something is missing or of another kind; names it.
    """
    page = templates().get_template("policy.html.j2")
    return page.render(
        v=policy_view(report),
        assumptions=assumed,
        points=policy_words.points,
        duration=policy_words.duration,
    )


def policy_view(report: Mapping[str, object]) -> PolicyView:
    """Read a report for its page; arguments and errors as of `policy_page`."""
    found = need(report, _REPORT, "the report of the training")
    name = text(found["name"], "name")
    certificate = Certificate.from_dict(found["certificate"])
    budget = number(found["budget_per_customer"], "budget_per_customer")
    curves = _curves(found["curves"])
    measured = [
        need(one, ("iteration", "regret_pct"), "regrets") for one in sequence(found["regrets"], "regrets")
    ]
    regrets = tuple(
        column([one[key] for one in measured], f"regrets.{key}") for key in ("iteration", "regret_pct")
    )
    is_priced = name == "ppo_price" or (len(certificate.rows) > 1 and not curves["price"].any())
    provenance = need(found["provenance"], (), "provenance")
    seconds = number(found["seconds"], "seconds")
    is_cpu_rate = "cpu_seconds" in found
    spent = number(found["cpu_seconds"], "cpu_seconds") if is_cpu_rate else seconds
    decisions = int(np.nan_to_num(curves["decisions"]).max(initial=0.0))
    return PolicyView(
        name=name,
        title=policy_words.title(name),
        doing=policy_words.doing(name),
        described=text(found["described"], "described"),
        seed=str(provenance.get(_SEED, "")),
        main=min(
            certificate.rows, key=lambda row: abs(row.budget_per_customer_minor - MINOR_PER_UNIT * budget)
        ),
        certificate=certificate,
        warnings=tuple(_warnings(certificate)),
        decisions=decisions,
        seconds=seconds,
        rate=decisions / spent if spent > 0.0 else 0.0,
        is_cpu_rate=is_cpu_rate,
        is_priced=is_priced,
        pictures=tuple(training_pictures(curves, (regrets[0], regrets[1]), budget, is_priced)),
        provenance=(*told(provenance), ("SHA-256 of the assumptions", certificate.assumptions)),
    )


def _curves(raw: object) -> dict[str, Floats]:
    points = [need(point, CURVES, f"curves[{i}]") for i, point in enumerate(sequence(raw, "curves"))]
    return {name: column([point[name] for point in points], f"curves.{name}") for name in CURVES}


def _warnings(certificate: Certificate) -> list[str]:
    """Say at which budgets the policy must not serve, or should not."""
    said = []
    for row in certificate.rows:
        at = f"At a budget of {money(row.budget_per_customer_minor)} per customer"
        if not row.feasible:
            said.append(
                f"{at} it spends {money(row.spend_per_customer_minor)} and breaks its limits: it is not "
                "certified there, its gain means nothing, and the service lets the knapsack decide"
            )
        elif row.regret_pct > MUCH_REGRET:
            said.append(
                f"{at} the regret is {policy_words.points(row.regret_pct)} of the attainable gain, more than "
                f"{MUCH_REGRET:g} %: train longer, or with another seed"
            )
    return said


def told(provenance: Mapping[str, object]) -> list[tuple[str, str]]:
    """List plain values for a page, a group of them in one line."""
    rows = []
    for name, value in provenance.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{key} {_plain(entry)}" for key, entry in value.items())
        rows.append((str(name).replace("_", " ").capitalize(), _plain(value)))
    return rows


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    if isinstance(value, Mapping):
        return "(" + ", ".join(f"{key} {_plain(entry)}" for key, entry in value.items()) + ")"
    return "none" if value is None else str(value)
