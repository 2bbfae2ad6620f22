"""Set the page of learned effects: whom a contact moves, how sure that is, what is left in money.

Works out no figure. Knows no clock and no file.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from churn_saver.adapters.curve_drawing import Picture
from churn_saver.adapters.pages import templates
from churn_saver.adapters.plain_numbers import column, need, number, sequence, text
from churn_saver.adapters.policy_page import told
from churn_saver.adapters.uplift_pictures import as_large_as_said, in_money, ranking

_REPORT = (
    "source", "code", "rows", "customers", "days", "seed", "columns", "recipe", "notes", "stayed", "slope",
    "shown", "arms", "warnings",
)  # fmt: skip
_ARM = ("arm", "rows", "average", "auuc", "qini", "shown", "curve", "parts", "money")
_CURVE = ("x", "gain", "low", "high")
_NO_OFFER = "0"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def shown(self, factor: float = 1.0, digits: int = 1) -> str:
        """Write it with its interval: '1.2 (0.4 to 2.0)'."""
        value, low, high = (
            f"{factor * one:.{digits}f}".replace("-", "−") for one in (self.value, self.low, self.high)
        )
        return f"{value} ({low} to {high})"


@dataclass(frozen=True, slots=True)
class ArmView:
    """What the page says of an arm."""

    name: str
    rows: int
    average: Figure
    auuc: Figure
    qini: Figure
    is_shown: bool
    """The held-out ranking wins over a random order."""
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class UpliftView:
    """What the page says."""

    source: str
    rows: int
    customers: int
    days: int
    stayed: float
    """Share of the rows whose customer stayed."""
    slope: Figure
    is_shown: bool
    arms: tuple[ArmView, ...]
    in_money: bool
    """Curves in money could be drawn."""
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    provenance: tuple[tuple[str, str], ...]


def uplift_page(report: Mapping[str, object]) -> str:
    """Set the page.

    Args:
        report: As `train.uplift.learn_effects` gives it.

    Raises:
        ArtifactError: something is missing or of another kind; names it.
    """
    return templates().get_template("uplift.html.j2").render(v=uplift_view(report))


def uplift_view(report: Mapping[str, object]) -> UpliftView:
    """Read a report for its page; argument and errors as of `uplift_page`."""
    found = need(report, _REPORT, "the report of the effects")
    source = need(found["source"], ("name",), "source")
    arms = tuple(_arm(one, f"arms[{i}]") for i, one in enumerate(sequence(found["arms"], "arms")))
    made = {"code": found["code"], "seed": found["seed"], "recipe": found["recipe"]}
    return UpliftView(
        source=text(source["name"], "source.name"),
        rows=int(number(found["rows"], "rows")),
        customers=int(number(found["customers"], "customers")),
        days=int(number(found["days"], "days")),
        stayed=number(found["stayed"], "stayed"),
        slope=_figure(found["slope"], "slope"),
        is_shown=bool(found["shown"]),
        arms=arms,
        in_money=any(len(arm.pictures) > 2 for arm in arms),
        columns=_texts(found["columns"], "columns"),
        notes=_texts(found["notes"], "notes"),
        warnings=_texts(found["warnings"], "warnings"),
        provenance=tuple(told({**source, **made})),
    )


def _arm(raw: object, origin: str) -> ArmView:
    found = need(raw, _ARM, origin)
    offer = text(found["arm"], f"{origin}.arm")
    name = "Message alone" if offer == _NO_OFFER else f"{offer} % off"
    curve = need(found["curve"], _CURVE, f"{origin}.curve")
    pictures = [ranking(name, *(column(curve[one], f"{origin}.curve.{one}") for one in _CURVE))]
    pictures.append(_parts(name, found["parts"], f"{origin}.parts"))
    if found["money"] is not None:
        money = need(found["money"], _CURVE, f"{origin}.money")
        pictures.append(in_money(name, *(column(money[one], f"{origin}.money.{one}") for one in _CURVE)))
    average, auuc, qini = (_figure(found[one], f"{origin}.{one}") for one in ("average", "auuc", "qini"))
    rows = int(number(found["rows"], f"{origin}.rows"))
    return ArmView(name, rows, average, auuc, qini, bool(found["shown"]), tuple(pictures))


def _parts(name: str, raw: object, origin: str) -> Picture:
    parts = [need(one, ("predicted", "observed"), origin) for one in sequence(raw, origin)]
    observed = [_figure(part["observed"], f"{origin}.observed") for part in parts]
    return as_large_as_said(
        name,
        column([part["predicted"] for part in parts], f"{origin}.predicted"),
        *(column([getattr(one, end) for one in observed], origin) for end in ("value", "low", "high")),
    )


def _figure(raw: object, origin: str) -> Figure:
    found = need(raw, ("value", "low", "high"), origin)
    return Figure(*(number(found[end], f"{origin}.{end}") for end in ("value", "low", "high")))


def _texts(raw: object, origin: str) -> tuple[str, ...]:
    return tuple(text(one, f"{origin}[{i}]") for i, one in enumerate(sequence(raw, origin)))
