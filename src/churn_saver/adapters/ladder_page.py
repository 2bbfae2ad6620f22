"""Set the page of the ladder: every rung at equal budget, and how the one that serves was chosen.

Works out no figure. Knows no clock and no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from churn_saver.adapters import policy_words
from churn_saver.adapters.assumptions import Assumption
from churn_saver.adapters.ladder import OPTIMUM, LadderRow
from churn_saver.adapters.ladder_pictures import factor_name, ladder_picture, ranked
from churn_saver.adapters.pages import templates
from churn_saver.adapters.plain_numbers import need, number, sequence, text
from churn_saver.adapters.plain_words import sentence
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.domain.plain import record_of
from churn_saver.errors import ArtifactError

_LADDER = ("champion", "why", "rows", "described", "seeds", "budget_per_customer", "optimum")


@dataclass(frozen=True, slots=True)
class LadderView:
    """What the page says."""

    champion: LadderRow
    """At the budget itself."""
    why: str
    described: str
    """The table, of which one half judged."""
    seeds: int
    budget: float
    """Per customer, currency units."""
    rows: tuple[LadderRow, ...]
    """At the budget itself, the best first."""
    factors: tuple[float, ...]
    """Of the budget, rising."""
    others: Mapping[tuple[str, float], LadderRow]
    """Every row, by rung and factor."""
    ruler: tuple[tuple[str, str], ...]
    """What is known of the optimum, by name."""


def ladder_page(ladder: Mapping[str, object], assumed: Sequence[Assumption] = ()) -> str:
    """Set the page.

    Args:
        ladder: champion (a rung), why (how it was chosen, in words), rows (each `asdict(LadderRow)`),
            described (the table, of which one half judged), seeds, budget_per_customer (currency units)
            and optimum: any of `asdict(Yardstick)`, `gap` (share of the attainable gain) and `seconds`.
        assumed: Settings of env.yaml, from `assumptions.assumptions`; none: the page says where they are.

    Raises:
        ArtifactError: something is missing or of another kind, or the champion was not measured at the
            budget itself; names it.
    """
    view = ladder_view(ladder)
    return templates().get_template("ladder.html.j2").render(
        v=view,
        picture=ladder_picture(list(view.others.values()), view.champion.name),
        assumptions=assumed,
        points=policy_words.points,
        duration=policy_words.duration,
        title=policy_words.title,
        doing=policy_words.doing,
        factor=factor_name,
        ruler=OPTIMUM,
    )  # fmt: skip


def ladder_view(ladder: Mapping[str, object]) -> LadderView:
    """Read a ladder for its page; arguments and errors as of `ladder_page`."""
    found = need(ladder, _LADDER, "the ladder")
    rows = ladder_rows(found["rows"])
    bars = ranked(rows)
    name = text(found["champion"], "champion")
    if name not in [row.name for row in bars]:
        raise ArtifactError(f"the champion {name!r} has no row at budget factor 1: measure it there")
    return LadderView(
        champion=next(row for row in bars if row.name == name),
        why=_told(text(found["why"], "why")),
        described=text(found["described"], "described"),
        seeds=int(number(found["seeds"], "seeds")),
        budget=number(found["budget_per_customer"], "budget_per_customer"),
        rows=tuple(bars),
        factors=tuple(sorted({row.budget_factor for row in rows})),
        others={(row.name, row.budget_factor): row for row in rows},
        ruler=tuple(_ruler(need(found["optimum"], (), "optimum"))),
    )


def ladder_rows(raw: object) -> list[LadderRow]:
    """Read the rows of a ladder.

    Raises:
        ArtifactError: no list, or a row that is none; names it.
    """
    return [record_of(LadderRow, row, f"rows[{i}]") for i, row in enumerate(sequence(raw, "rows"))]


def _told(why: str) -> str:
    """Make a sentence of a reason; the name of a rung stays as serve.yaml writes it."""
    told = sentence(why)
    return why[:1] + told[1:] if why.split(" ")[0] in policy_words.TITLES else told


def _ruler(optimum: Mapping[str, object]) -> list[tuple[str, str]]:
    """Say what is known of the optimum."""
    known = {name: number(value, f"optimum.{name}") for name, value in optimum.items() if value is not None}
    said = []
    if {"optimum", "never"} <= known.keys():
        gain = (known["optimum"] - known["never"]) / MINOR_PER_UNIT
        said.append(("Attainable gain per customer, currency units", f"{gain:,.2f}"))
    if "price" in known:
        said.append(("Price of budget λ*", f"{known['price']:.3f}"))
    if "gap" in known:
        said.append(("Certified: nothing gains more by", f"{known['gap']:.1e} of it"))
    if "seconds" in known:
        said.append(("Found in", policy_words.duration(known["seconds"])))
    return said
