"""Plans on disk: proposals as Parquet parts and an index that names them with their hashes.

A plan holds names and messages, so it belongs where the results of the run belong. Its id is the
hash of its parts: the same plan committed twice is the same commit.
"""

import hashlib
import io
import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.files import read_bytes, write_bytes
from churn_saver.domain.action import N_CHOICES, NO_CONTACT
from churn_saver.domain.proposal import Proposals, Versions
from churn_saver.errors import InputError

INDEX = "plan.json"
_SHARED = ("decided_at", "price", "versions")


@dataclass(frozen=True, slots=True)
class PartFile:
    """One part of a plan."""

    name: str
    sha256: str
    rows: int
    contacts: int
    needs_minor: int


@dataclass(frozen=True, slots=True)
class PlanIndex:
    """What a plan is, without its rows."""

    plan_id: str
    campaign_id: str
    made_at: str
    """ISO 8601, UTC."""
    price: float | None
    """λ that the knapsack solved over the table, and the campaign keeps; None: another rung decided, or no
    row had a worth to solve over."""
    bound_minor: float
    """No plan within the budget gains more; 0: not the knapsack's, so nobody knows."""
    free_minor: int
    not_due: int
    """Rows left out because their next decision is later."""
    made_from: str
    """SHA-256 over all that the plan was made from: table, campaign, models, policy, settings."""
    parts: tuple[PartFile, ...]
    policy: str = ""
    """Who decided, as its decisions name it."""
    own_price: float | None = None
    """λ of a measured policy, on its own scale, which the campaign does not keep; None: of no such one."""
    notes: tuple[str, ...] = ()
    """What the plan had to do without, one sentence each."""
    shadows: tuple[PartFile, ...] = ()
    """What a shadow would do about each of the parts, in their order; empty: nobody was asked."""

    @property
    def at_price(self) -> float | None:
        """λ that the plan was decided at, on the scale of who decided; None: there was none."""
        return self.price if self.own_price is None else self.own_price

    @property
    def rows(self) -> int:
        """Customers in the plan."""
        return sum(part.rows for part in self.parts)

    @property
    def contacts(self) -> int:
        """Planned contacts."""
        return sum(part.contacts for part in self.parts)

    @property
    def needs_minor(self) -> int:
        """Most that the plan can cost, minor units."""
        return sum(part.needs_minor for part in self.parts)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a plan differs from the one before, customer by customer."""

    added: int
    """Contacted now, not before."""
    dropped: int
    changed: int
    """Contacted in both, with another offer."""
    same: int
    needs_minor: int
    """Change of the most that it can cost, minor units."""


def plan_id_of(parts: tuple[PartFile, ...]) -> str:
    """Name a plan by what is in it."""
    return hashlib.sha256("".join(part.sha256 for part in parts).encode()).hexdigest()[:16]


def write_part(folder: Path, number: int, proposals: Proposals) -> PartFile:
    """Write one part and say what was written."""
    buffer = io.BytesIO()
    _to_frame(proposals).write_parquet(buffer)
    raw, name = buffer.getvalue(), f"part-{number:05d}.parquet"
    write_bytes(folder / name, raw)
    return PartFile(
        name,
        hashlib.sha256(raw).hexdigest(),
        len(proposals),
        int((proposals.choice != NO_CONTACT).sum()),
        int(proposals.needs_minor.sum()),
    )


def write_index(folder: Path, index: PlanIndex) -> None:
    """Write the index last: a folder without one is not a plan."""
    write_bytes(folder / INDEX, json.dumps(asdict(index), indent=2).encode())


def read_index(folder: Path) -> PlanIndex:
    """Read a plan's index.

    Raises:
        InputError: the folder holds no plan, or something that is none.
    """
    if not (folder / INDEX).is_file():
        raise InputError(f"{folder} holds no plan (no {INDEX}). Make one: churn-saver decide TABLE --plan")
    try:
        raw = json.loads(read_bytes(folder / INDEX, "churn-saver decide TABLE --plan"))
        parts = tuple(PartFile(**part) for part in raw.pop("parts"))
        notes = tuple(map(str, raw.pop("notes", ())))
        shadows = tuple(PartFile(**part) for part in raw.pop("shadows", ()))
        if shadows and [part.rows for part in shadows] != [part.rows for part in parts]:
            raise ValueError("its shadows are not of its parts")
        return PlanIndex(**raw, parts=parts, notes=notes, shadows=shadows)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{folder / INDEX} is no plan index: {error}. Make the plan again.") from error


def read_part(folder: Path, part: PartFile) -> Proposals:
    """Read one part.

    Raises:
        InputError: the part is missing, was changed since the plan was made, or is of another version.
    """
    raw = read_whole(folder, part)
    try:
        return _from_frame(pl.read_parquet(io.BytesIO(raw)))
    except pl.exceptions.ColumnNotFoundError as error:
        raise InputError(
            f"{folder / part.name} has no column {str(error).splitlines()[0]}: "
            "another version of churn-saver made the plan. Make the plan again."
        ) from error


def read_whole(folder: Path, part: PartFile) -> bytes:
    """Read a file of a plan.

    Raises:
        InputError: it is missing, or was changed since the plan was made.
    """
    raw = read_bytes(folder / part.name, "churn-saver decide TABLE --plan")
    if (found := hashlib.sha256(raw).hexdigest()) != part.sha256:
        raise InputError(
            f"{folder / part.name} has SHA-256 {found[:16]}..., the plan says {part.sha256[:16]}...: "
            "it was changed after planning. Make the plan again."
        )
    return raw


def difference(old: Path, new: Path) -> Difference:
    """Compare two plans by customer; a customer missing from one was not contacted by it."""
    before, after = _choices(old), _choices(new)
    both = before.join(after, on="customer_id", how="full", coalesce=True, suffix="_new").fill_null(0)
    was, now = both["choice"] != NO_CONTACT, both["choice_new"] != NO_CONTACT
    same_offer = both["choice"] == both["choice_new"]
    return Difference(
        added=int((~was & now).sum()),
        dropped=int((was & ~now).sum()),
        changed=int((was & now & ~same_offer).sum()),
        same=int((was & now & same_offer).sum()),
        needs_minor=int(after["needs_minor"].sum()) - int(before["needs_minor"].sum()),
    )


def _choices(folder: Path) -> pl.DataFrame:
    columns = ["customer_ids", "choice", "needs_minor"]
    parts = [
        pl.read_parquet(folder / part.name, columns=columns, glob=False) for part in read_index(folder).parts
    ]
    empty = {"customer_ids": pl.String, "choice": pl.Int8, "needs_minor": pl.Int64}
    frame = pl.concat(parts) if parts else pl.DataFrame(schema=empty)
    return frame.rename({"customer_ids": "customer_id"})


def _to_frame(proposals: Proposals) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for entry in fields(Proposals):
        value = getattr(proposals, entry.name)
        if entry.name == "excluded":
            columns |= {f"excluded_{j}": pl.Series(value[:, j]) for j in range(N_CHOICES)}
        elif entry.name == "violations":
            columns[entry.name] = pl.Series([list(codes) for codes in value], dtype=pl.List(pl.String))
        elif entry.name not in _SHARED:
            columns[entry.name] = pl.Series(value, dtype=_DTYPES.get(entry.name))
    shared = {
        "decided_at": proposals.decided_at.isoformat(),
        "price": proposals.price,
        **asdict(proposals.versions),
    }
    return pl.DataFrame(columns).with_columns(**{name: pl.lit(value) for name, value in shared.items()})


_TEXTS = (
    "customer_ids", "names", "texts", "message_sources", "message_entries", "features", "time_zones",
    "countries", "channels",
)  # fmt: skip
_DTYPES: dict[str, pl.DataType] = {
    **dict.fromkeys(_TEXTS, pl.String()),
    "send_at": pl.Datetime("us", "UTC"),
    "valid_until": pl.Date(),
    "expires_on": pl.Date(),
}


def _from_frame(frame: pl.DataFrame) -> Proposals:
    columns: dict[str, object] = {}
    for entry in fields(Proposals):
        if entry.name == "excluded":
            columns[entry.name] = np.column_stack(
                [frame[f"excluded_{j}"].to_numpy() for j in range(N_CHOICES)]
            )
        elif entry.name == "violations":
            columns[entry.name] = [tuple(codes) for codes in frame[entry.name].to_list()]
        elif entry.name in _DTYPES:
            columns[entry.name] = frame[entry.name].to_list()
        elif entry.name not in _SHARED:
            columns[entry.name] = frame[entry.name].to_numpy()
    first = frame.row(0, named=True)
    return Proposals(
        **columns,  # type: ignore[arg-type]
        decided_at=datetime.fromisoformat(first["decided_at"]),
        price=first["price"],
        versions=Versions(first["policy"], first["models"], first["code"]),
    )
