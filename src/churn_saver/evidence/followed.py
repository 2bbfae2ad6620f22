"""Customers of a campaign in two arms, and what is known so far of each.

`Followed.checked` is the door: it names every row that cannot be used and drops none. Pending is not
"no": a customer is judged at the end of the window, the same number of days for everybody, and until
then only the days for which it is known what became of him count. Knows nothing of files, of why
somebody left, or of who decided.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from churn_saver.errors import Fault, InputError, TableError

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Whole: TypeAlias = NDArray[np.integer]

FIRST_LINE = 2
"""Line of row 0, as in a file with a header."""
_NEXT_STEP = (
    "Mend these rows, or leave them out of both arms and say how many and why: a row dropped in silence "
    "bends the comparison."
)
_KEPT = 100
"""Faults of one kind that are kept; the others are counted."""


class State(IntEnum):
    """What is known of a customer; the numbers stand in arrays."""

    PENDING = 0
    """Still a customer when last heard of, and the window is not over."""
    RETAINED = 1
    """Still a customer at the end of the window."""
    CHURNED = 2
    """Left, after so many days."""


@dataclass(frozen=True, slots=True)
class Followed:
    """n customers, one row each; built by `Followed.checked`."""

    treated: Flags
    """In the treated arm, contacted or not; False: in the holdout, (n,)."""
    arm_probability: Floats
    """Probability with which the customer's own arm was drawn, inside (0, 1), (n,)."""
    state: Whole
    """Of `State`, (n,)."""
    days: Floats
    """Days after the draw: until leaving, or for which it is known that he stayed, (n,)."""
    margin_minor: Floats
    """Margin inside the window, before costs, minor units, (n,); of a pending customer it is not read."""
    cost_minor: Floats
    """Spent on the customer inside the window, minor units, (n,); of a pending customer it is not read."""
    window_days: float
    """Days after which everybody is judged."""

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.treated)

    @property
    def known(self) -> Flags:
        """Whose outcome at the end of the window is known, (n,)."""
        known: Flags = self.state != State.PENDING
        return known

    @property
    def kept(self) -> Floats:
        """1 where still a customer at the end of the window, (n,); whoever leaves later is one of them."""
        later = (self.state == State.CHURNED) & (self.days > self.window_days)
        kept: Floats = ((self.state == State.RETAINED) | later).astype(np.float64)
        return kept

    @property
    def time(self) -> Floats:
        """Days inside the window, (n,)."""
        time: Floats = np.minimum(self.days, self.window_days)
        return time

    @property
    def treated_probability(self) -> Floats:
        """Probability with which the customer was drawn into the treated arm, (n,)."""
        return np.where(self.treated, self.arm_probability, 1.0 - self.arm_probability)

    @classmethod
    def checked(
        cls,
        *,
        treated: Flags,
        arm_probability: Floats,
        state: Whole,
        days: Floats,
        margin_minor: Floats,
        window_days: float,
        cost_minor: Floats | None = None,
        customer: Whole | None = None,
        source: str = "campaign",
    ) -> "Followed":
        """Check every row and give the customers.

        Shapes: all (n,).

        Args:
            treated: The arm that was drawn, whatever was done then: intention to treat.
            arm_probability: Of the customer's own arm, inside (0, 1).
            state: Of `State`.
            days: Not negative. Of who left: when; of others: for how long it is known that they stayed.
            margin_minor: Finite; NaN is let pass where pending.
            window_days: Above 0.
            cost_minor: Not negative; NaN is let pass where pending. None: nothing was spent.
            customer: Codes, each once; None: not known.
            source: What the rows came from, as messages name it.

        Raises:
            TableError: rows that cannot be used, each named: row i as line i + 2.
            InputError: no rows, columns that do not fit each other, an arm without customers, or a window
                that is none.
        """
        cost = np.zeros(len(treated)) if cost_minor is None else cost_minor
        columns = {"arm_probability": arm_probability, "state": state, "days": days,
                   "margin_minor": margin_minor, "cost_minor": cost}  # fmt: skip
        if customer is not None:
            columns["customer"] = customer
        _refuse_misfits(source, treated, columns, window_days)
        followed = cls(
            treated, arm_probability.astype(np.float64), state, days.astype(np.float64),
            margin_minor.astype(np.float64), cost.astype(np.float64), float(window_days),
        )  # fmt: skip
        checks = list(_bad_cells(followed))
        if customer is not None:
            checks.append((_repeats(customer), "customer", customer, "each customer once"))
        faults = [
            Fault(source, int(row) + FIRST_LINE, column, f"{values[row]:g}", wanted)
            for bad, column, values, wanted in checks
            for row in np.flatnonzero(bad)[:_KEPT]
        ]
        if faults:
            total = sum(int(bad.sum()) for bad, *_ in checks)
            raise TableError(sorted(faults, key=lambda fault: fault.line), _NEXT_STEP, total)
        return followed


_Check: TypeAlias = tuple[Flags, str, NDArray[np.generic], str]
"""Rows at fault, their column, its values, and what was wanted."""


def _refuse_misfits(
    source: str, treated: Flags, columns: Mapping[str, NDArray[np.generic]], window_days: float
) -> None:
    if not 0 < window_days < np.inf:
        raise InputError(f"{source}: the window is {window_days} days, wanted a number of days above 0")
    if treated.ndim != 1 or treated.dtype != np.bool_ or not len(treated):
        raise InputError(
            f"{source}: treated has shape {treated.shape} and type {treated.dtype}, wanted (n,) of true and "
            f"false, one customer or more"
        )
    for name, column in columns.items():
        if column.shape != treated.shape:
            raise InputError(
                f"{source}: {name} has shape {column.shape}, wanted {treated.shape}, one row for each "
                f"customer: build all columns from the same rows"
            )
    if not np.issubdtype(columns["state"].dtype, np.integer):
        raise InputError(
            f"{source}: state is of type {columns['state'].dtype}, wanted whole numbers of `State`"
        )
    for name, count in (("treated arm", int(treated.sum())), ("holdout", int((~treated).sum()))):
        if count == 0:
            raise InputError(
                f"{source}: nobody is in the {name}, so there is nothing to compare with. Check the holdout "
                f"share of the campaign, and that the log has both arms"
            )


def _bad_cells(rows: Followed) -> Iterator[_Check]:
    p, pending, window = rows.arm_probability, rows.state == State.PENDING, f"{rows.window_days:g}"
    wanted = "a probability above 0 and below 1: who can only be in one arm shows no difference"
    yield ~((p > 0) & (p < 1)), "arm_probability", p, wanted
    known_states = np.isin(rows.state, [int(state) for state in State])
    yield ~known_states, "state", rows.state, "0 (pending), 1 (retained) or 2 (churned)"
    yield ~((rows.days >= 0) & np.isfinite(rows.days)), "days", rows.days, "days, not negative"
    early = (rows.state == State.RETAINED) & (rows.days < rows.window_days)
    yield early, "days", rows.days, f"{window} or more of who is retained: pending until then"
    late = pending & (rows.days >= rows.window_days)
    wanted = f"less than {window} of who is pending: say what became of him, or for how many days it is known"
    yield late, "days", rows.days, wanted
    for name, money in (("margin_minor", rows.margin_minor), ("cost_minor", rows.cost_minor)):
        yield ~np.isfinite(money) & ~(pending & np.isnan(money)), name, money, "an amount, in minor units"
    yield rows.cost_minor < 0, "cost_minor", rows.cost_minor, "no amount below 0"


def _repeats(customer: Whole) -> Flags:
    """Mark every row whose customer stood before."""
    repeated = np.ones(len(customer), dtype=np.bool_)
    repeated[np.unique(customer, return_index=True)[1]] = False
    return repeated
