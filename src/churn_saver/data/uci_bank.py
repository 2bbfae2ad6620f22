"""UCI Bank Marketing, and a semi-synthetic offer on top of it.

The data has no offer, price or discount, so nothing about offers can be learned from it: an offer
level whose effect is ASSUMED is added, and because the truth is then known, an acceptance model
and a policy can be measured against it. `duration` is dropped: it is known only after the call
and leaks the answer. Rows are in date order, so whoever cross-fits must shuffle.
Source: Moro, Cortez, Rita (2014), doi:10.24432/C5K306, CC BY 4.0.
"""

from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churn_saver.data.checking.checked import Checked, check
from churn_saver.data.meaning.columns import Column, flag, number, required, text
from churn_saver.data.meaning.naming import places
from churn_saver.data.reading.archive import ZIP_MAGIC, unpacked
from churn_saver.data.reading.parsing import parse
from churn_saver.domain.action import N_OFFERS, OFFER_PERCENTS
from churn_saver.errors import InputError

MEMBER = "bank-additional/bank-additional-full.csv"
MEMBER_SHA256 = "74adfc578bf77a7ff4bb1ba4a9f8709d9e3c6907342959c2c8416847e0afb4d8"
"""Of the original table of 41,188 contacts, whichever zip it came in."""
INNER_ZIP = "bank-additional.zip"
"""UCI's newest download packs the zip into another one."""
NEVER_CONTACTED_DAYS = 999
"""What the file writes for `pdays` where there was no earlier contact."""
NUMBERS = (
    "age", "campaign", "pdays", "previous",
    "emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed",
)  # fmt: skip
WORDS = (
    "job", "marital", "education", "default", "housing", "loan",
    "contact", "month", "day_of_week", "poutcome",
)  # fmt: skip
EFFECT_SCALE = 0.08
"""Discount, as a fraction, that brings 63 % of the full effect; assumed."""
LEAST_PROPENSITY = 0.05
_TINY = 1e-6
_LARGEST = 1e9


def read_bank(raw: bytes, file: str) -> pl.DataFrame:
    """Read the zip as it is downloaded, or the CSV in it; as `check_bank`, but a bad cell is an error.

    Raises:
        InputError: the zip is damaged, unsafe, too large or lacks the table.
        TableError: a cell cannot be used, or a column is missing.
    """
    return check_bank(table_in(raw, file), file).require(skip_bad_rows=False)


def table_in(raw: bytes, file: str) -> bytes:
    """Give the CSV of all contacts: out of the zip as it is downloaded, or as it is.

    Raises:
        InputError: the zip is damaged, unsafe, too large or lacks the table.
    """
    return unpacked(raw, file, MEMBER, INNER_ZIP) if raw.startswith(ZIP_MAGIC) else raw


def check_bank(content: bytes, file: str) -> Checked:
    """Check the table of contacts.

    Returns:
        frame has `customer_id` (by place in the file), `NUMBERS` as Float64 with null where pdays says
        never, `WORDS` as they came, `accepted_base` (0/1).

    Raises:
        TableError: the file is no table, or a column is missing.
    """
    columns: tuple[Column, ...] = (
        *(required(number(name, "a number", -_LARGEST, _LARGEST)) for name in NUMBERS),
        *(required(text(name)) for name in WORDS),
        required(flag("accepted_base", aliases=("y",))),
    )
    grid = parse(content, file)
    found = places(grid.header, grid.header_line, file, columns, {})
    checked = check(grid, found, columns, file)
    frame = checked.frame.select(
        pl.format("B{}", pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(5)).alias("customer_id"),
        pl.exclude("pdays"),
        pl.col("pdays").replace(NEVER_CONTACTED_DAYS, None),
    ).select("customer_id", *NUMBERS, *WORDS, "accepted_base")
    return replace(checked, frame=frame)


def engineered(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `contacted_before` (0/1): whether `pdays` knows of an earlier contact.

    Shapes: frame (n, columns) → (n, columns + 1).
    """
    return frame.with_columns(pl.col("pdays").is_not_null().cast(pl.Int8).alias("contacted_before"))


def design_matrix(frame: pl.DataFrame) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Give numbers as they are (NaN for null) and one 0/1 column for each word that occurs.

    Shapes: frame (n, columns) → (n, d), d names such as `age` and `job=admin.`.
    """
    blocks = [frame[name].fill_null(np.nan).to_numpy() for name in NUMBERS]
    names = list(NUMBERS)
    for name in WORDS:
        for word in frame[name].unique().sort().to_list():
            blocks.append((frame[name] == word).to_numpy())
            names.append(f"{name}={word}")
    return np.column_stack(blocks).astype(np.float32), tuple(names)


def semi_synthetic(
    frame: pl.DataFrame,
    base_probability: NDArray[np.float64],
    rng: np.random.Generator,
    logging: Literal["uniform", "targeted"],
) -> pl.DataFrame:
    """Add an offer to each row, and who accepts it; the effect of the offer is assumed, not measured.

    logit p_k = logit p_0(x) + s(x)·(1 − e^(−offer_k / 0.08)),
    s(x) = 1.6 + .5·[age < 35] − .5·[poutcome = success] + .4·[housing = yes].
    Level 0 keeps its real label; above it a real yes stays and a real no turns yes with
    probability (p_k − p_0)/(1 − p_0), so that P(accepted | x, k) = p_k when p_0 is calibrated.

    Shapes: frame (n, columns), base_probability (n,) → (n, columns + 7).

    Args:
        frame: From `read_bank`.
        base_probability: p_0, cross-fitted on shuffled rows.
        rng: Draws the level and who changes his mind.
        logging: uniform: each level with 1/4. targeted: the less likely a yes, the higher the offer.

    Returns:
        The frame with offer_pct, accepted, propensity and the truth true_prob_0..3.

    Raises:
        InputError: base_probability is not one probability for each row.
    """
    n = frame.height
    if base_probability.shape != (n,) or not ((base_probability >= 0) & (base_probability <= 1)).all():
        raise InputError(
            f"base_probability has shape {base_probability.shape}, wanted {n} values from 0 to 1: "
            "predict it for each row of the frame"
        )
    truth = _true_probabilities(frame, base_probability.clip(_TINY, 1 - _TINY))
    chances = _logging_chances(truth[:, 0], logging)
    level = (rng.random(n)[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    rows = np.arange(n)
    turned = rng.random(n) < (truth[rows, level] - truth[:, 0]) / (1 - truth[:, 0])
    accepted = (frame["accepted_base"].to_numpy() == 1) | turned
    return frame.with_columns(
        pl.Series("offer_pct", np.array(OFFER_PERCENTS, dtype=np.float64)[level]),
        pl.Series("accepted", accepted.astype(np.int8)),
        pl.Series("propensity", chances[rows, level]),
        *(pl.Series(f"true_prob_{k}", truth[:, k]) for k in range(N_OFFERS)),
    )


def _true_probabilities(frame: pl.DataFrame, base: NDArray[np.float64]) -> NDArray[np.float64]:
    strength = frame.select(
        1.6
        + 0.5 * (pl.col("age") < 35).cast(pl.Float64)
        - 0.5 * (pl.col("poutcome") == "success").cast(pl.Float64)
        + 0.4 * (pl.col("housing") == "yes").cast(pl.Float64)
    ).to_series().to_numpy()  # fmt: skip
    offers = np.array(OFFER_PERCENTS) / 100
    shift = strength[:, None] * (1 - np.exp(-offers / EFFECT_SCALE))
    odds: NDArray[np.float64] = (base / (1 - base))[:, None] * np.exp(shift)
    return odds / (1 + odds)


def _logging_chances(base: NDArray[np.float64], logging: str) -> NDArray[np.float64]:
    """Give the chance of each level, (n, 4): rising with the offer where a yes is unlikely."""
    tilt = np.zeros(len(base)) if logging == "uniform" else (1.5 * (1 - base / 0.2)).clip(-1.5, 1.5)
    weights = np.exp(tilt[:, None] * np.arange(N_OFFERS))
    share: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return LEAST_PROPENSITY + (1 - N_OFFERS * LEAST_PROPENSITY) * share
