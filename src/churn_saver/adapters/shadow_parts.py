"""What a shadow would do about a plan, as Parquet files beside the parts of the plan.

No text and no name stands in them. Knows nothing of who the shadow is.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.plans import PartFile, read_whole
from churn_saver.domain.action import N_CHOICES, NO_CONTACT
from churn_saver.domain.shadows import Shadowed
from churn_saver.errors import InputError

_COLUMNS = (
    "choice", "intended", "probability", "needs_minor", "churn_risk", "accept_prob", "expected_value",
    "price",
)  # fmt: skip


def write_shadows(folder: Path, number: int, made: Shadowed) -> PartFile:
    """Write what a shadow would do about one part, and say what was written."""
    columns = {name: pl.Series(getattr(made, name)) for name in _COLUMNS}
    columns |= {f"chance_{choice}": pl.Series(made.chances[:, choice]) for choice in range(N_CHOICES)}
    buffer = io.BytesIO()
    pl.DataFrame(columns).with_columns(version=pl.lit(made.version)).write_parquet(buffer)
    raw, name = buffer.getvalue(), f"shadow-{number:05d}.parquet"
    write_bytes(folder / name, raw)
    contacts, needs = int((made.choice != NO_CONTACT).sum()), int(made.needs_minor.sum())
    return PartFile(name, hashlib.sha256(raw).hexdigest(), len(made), contacts, needs)


def read_shadows(folder: Path, part: PartFile) -> Shadowed:
    """Read what a shadow would do about one part; its decisions have no names yet.

    Raises:
        InputError: the file is missing, was changed since the plan was made, or is of another version.
    """
    raw = read_whole(folder, part)
    try:
        frame = pl.read_parquet(io.BytesIO(raw))
        chances = np.column_stack([frame[f"chance_{choice}"].to_numpy() for choice in range(N_CHOICES)])
        columns = {name: frame[name].to_numpy() for name in _COLUMNS}
        version = str(frame["version"][0])
    except (pl.exceptions.PolarsError, IndexError) as error:
        raise InputError(
            f"{folder / part.name} cannot be read ({str(error).splitlines()[0]}): another version of "
            "churn-saver made the plan. Make the plan again."
        ) from error
    return Shadowed(version=version, decision_ids=[""] * len(frame), chances=chances, **columns)
