"""The ladder on disk: every rung as it was measured, who won, and the hashes of the trained ones.

`ladder.json` stands beside the policies that it vouches for. Knows nothing of how rungs are measured
or who should win.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from math import inf, isfinite
from pathlib import Path
from typing import get_args

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.plain_files import read_plain
from churn_saver.adapters.policies import policy_file, read_policy
from churn_saver.config.serving import Rung
from churn_saver.domain.plain import object_of, record_of
from churn_saver.errors import ArtifactError, InputError, listed, quoted, shown
from churn_saver.policy.certificate import ServedPolicy

LADDER = "ladder.json"
SCHEMA = 1
"""Raised when a reader of the old files could no longer read the new ones."""
RUNGS = tuple(name for name in get_args(Rung) if name != "champion")
NETWORKS = ("ppo", "ppo_nine", "ppo_price", "ppo_cloned")
"""Rungs that are a trained policy's file."""
OPTIMUM = "optimum"
"""Has rows beside the rungs and never serves: the ruler."""
MAKE = "make bench-policy"


@dataclass(frozen=True, slots=True)
class LadderRow:
    """One rung at one budget, by exact evaluation on the held-out panel."""

    name: str
    budget_factor: float
    """Of the budget in env.yaml."""
    gain_pct: float
    """Of the attainable gain; mean over the seeds."""
    low: float
    """Of the 95 % interval of `gain_pct` over the seeds."""
    high: float
    regret_pct: float
    feasible: bool
    spend_per_customer: float
    """Currency units."""
    seeds: int
    seconds_per_decision: float
    amortised: bool
    """Cheap enough to decide a request; defined by the gate."""

    def __post_init__(self) -> None:
        """Refuse a name that is no rung, and figures that are none."""
        if self.name not in (*RUNGS, OPTIMUM):
            raise InputError(f"name is {quoted(self.name)}, wanted one of: {listed((*RUNGS, OPTIMUM))}")
        for field in fields(self):
            if field.type is float and not isfinite(getattr(self, field.name)):
                raise InputError(
                    f"{field.name} of {self.name} is {getattr(self, field.name)}, wanted a number"
                )


@dataclass(frozen=True, slots=True)
class Ladder:
    """All rungs, and the one that the service loads when serve.yaml says 'champion'."""

    champion: str
    rows: tuple[LadderRow, ...]
    files: Mapping[str, str]
    """SHA-256 of the policy's file, by rung."""
    exact_prices: tuple[tuple[float, float], ...] = ()
    """(budget per customer in minor units, λ at which the exact policy meets it), rising in budget; empty:
    not measured, so `exact` cannot serve."""

    def __post_init__(self) -> None:
        """Refuse a champion that was not measured or that nobody vouches for."""
        measured = {row.name for row in self.rows}
        if self.champion not in RUNGS or self.champion not in measured:
            raise InputError(
                f"champion is {quoted(self.champion)}, wanted a rung with a row: "
                f"{listed(sorted(measured - {OPTIMUM})) or 'there is none'}"
            )
        strangers = sorted(self.files.keys() - set(NETWORKS))
        if strangers:
            raise InputError(f"files names {listed(strangers)}, wanted trained rungs: {listed(NETWORKS)}")
        if self.champion in NETWORKS and self.champion not in self.files:
            raise InputError(f"files lacks the champion, {self.champion}: nobody vouches for its file")
        budgets = [0.0, *(budget for budget, _ in self.exact_prices)]
        if not all(left < right < inf for left, right in pairwise(budgets)) or not all(
            0.0 <= price < inf for _, price in self.exact_prices
        ):
            raise InputError(
                f"exact_prices is {quoted(str(self.exact_prices))}, wanted budgets above 0 that rise, each "
                "with a price of 0 or more"
            )


def write_ladder(folder: Path, ladder: Ladder) -> None:
    """Write the ladder; the policies that it vouches for must stand there already.

    Raises:
        InputError: the place cannot be written to.
    """
    write_bytes(folder / LADDER, ladder_bytes(ladder))


def ladder_bytes(ladder: Ladder) -> bytes:
    """Give the bytes that `write_ladder` writes."""
    return canonical(asdict(ladder) | {"schema": SCHEMA})


def read_ladder(folder: Path) -> Ladder:
    """Read the ladder.

    Raises:
        ArtifactError: missing, of another schema, or no ladder; names what is wrong.
    """
    path = folder / LADDER
    try:
        found = json.loads(read_plain(path, MAKE))
    except InputError as error:
        raise ArtifactError(str(error)) from error
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} is not JSON ({error}). Measure again: {MAKE}") from error
    try:
        return _ladder_of(found)
    except (ArtifactError, InputError) as error:
        raise ArtifactError(f"{path}: {error}. Measure again: {MAKE}") from error


def champion(folder: Path) -> tuple[str, ServedPolicy | None]:
    """Give the champion's name and, where it is a trained policy, the policy.

    Raises:
        ArtifactError: as `read_ladder` and `policies.read_policy`.
    """
    ladder = read_ladder(folder)
    name = ladder.champion
    return name, trained(folder, ladder, name) if name in NETWORKS else None


def trained(folder: Path, ladder: Ladder, name: str) -> ServedPolicy:
    """Read a trained rung, and only the very file that was measured.

    Args:
        folder: Where ladder and policies stand.
        ladder: Vouches.
        name: Rung, in `NETWORKS`.

    Raises:
        ArtifactError: the ladder does not vouch for it, or as `policies.read_policy`.
    """
    if name not in ladder.files:
        raise ArtifactError(
            f"{folder / LADDER} vouches for {listed(sorted(ladder.files)) or 'no trained rung'}, wanted "
            f"{quoted(name)}. Train and measure it: make train-ppo, then {MAKE}"
        )
    return read_policy(folder / policy_file(name), ladder.files[name])


def _ladder_of(raw: object) -> Ladder:
    if isinstance(raw, dict) and raw.get("schema") != SCHEMA:
        raise ArtifactError(
            f"schema is {quoted(str(raw.get('schema')))}, wanted {SCHEMA}: it was written by another version"
        )
    # Ladders were written without prices of the exact policy once.
    whole = {"exact_prices": [], **raw} if isinstance(raw, dict) else raw
    found = object_of(whole, (*Ladder.__slots__, "schema"), "the ladder")
    rows, files, name = found["rows"], found["files"], found["champion"]
    if not isinstance(rows, list) or not isinstance(files, dict) or not isinstance(name, str):
        raise ArtifactError(
            "rows, files and champion are of other types, wanted a list, an object and a text"
        )
    for rung, sha256 in files.items():
        if not isinstance(sha256, str):
            raise ArtifactError(f"files.{shown(rung)} is {quoted(str(sha256))}, wanted a SHA-256 in hex")
    measured = tuple(record_of(LadderRow, row, f"rows[{i}]") for i, row in enumerate(rows))
    return Ladder(name, measured, dict(files), _exact_prices(found["exact_prices"]))


def _exact_prices(raw: object) -> tuple[tuple[float, float], ...]:
    points = []
    for point in raw if isinstance(raw, list) else [raw]:
        if not isinstance(point, list) or [type(x) in (int, float) for x in point] != [True, True]:
            raise ArtifactError(f"exact_prices holds {quoted(str(point))}, wanted pairs of budget and price")
        points.append((float(point[0]), float(point[1])))
    return tuple(points)
