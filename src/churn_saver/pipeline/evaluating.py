"""Judge a policy on a log: find its probabilities, learn what rewards to expect, estimate, and say how sure.

    arm:WORD     always that arm; in the books wherever the gates leave it open, else no contact
    uniform      any arm that the row allows, all alike
    logged       the policy that logged
    file:PATH    probabilities of a policy that somebody else asked
    anything else is a rung, or the file of a trained policy: the books' own decisions can be asked again

Knows no screen and no page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.adapters.evaluation_report import Evaluation
from churn_saver.adapters.log_files import LogFile
from churn_saver.adapters.probability_files import read_probabilities
from churn_saver.domain.logbook import Logbook
from churn_saver.errors import InputError, SupportError, listed, quoted
from churn_saver.evidence.estimators import (
    FEW_EFFECTIVE_ROWS,
    UNBALANCED_Z,
    Valuation,
    difference,
    evaluate,
)
from churn_saver.evidence.logged import Floats, Logged, Whole
from churn_saver.evidence.outcome_model import RECIPE, Recipe, cross_fitted
from churn_saver.evidence.propensity import with_estimated
from churn_saver.evidence.support import refuse_unsupported
from churn_saver.evidence.targets import deterministic
from churn_saver.pipeline.booked import ARMS, Asked, booked, open_where_allowed

LOGGED, UNIFORM = "logged", "uniform"
_ARM, _FILE = "arm:", "file:"
AskRung = Callable[[str, Logbook, Whole], Floats]
"""Gives the probabilities of a rung, or of a trained policy's file, for rows of a logbook, (m, 5)."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A log, and what is needed to say what a policy would do on it."""

    source: str
    log: Logged
    arms: tuple[str, ...]
    reward: str
    """What is valued, with its unit."""
    decision_ids: pl.Series | None
    left_out: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    rung: Callable[[str], Floats] | None = None
    """Asks a rung by its name; None: the log is not of our books."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be judged."""

    policy: str
    against: str | None = None
    clip: float | None = None
    """Largest weight; None: cut none."""


def ground_of_file(file: LogFile, source: str, reward: str) -> Ground:
    """Stand on a log of anybody's."""
    return Ground(source, file.log, file.arms, reward, file.decision_ids, notes=file.notes)


def ground_of_books(book: Logbook, asked: Asked, ask: AskRung) -> Ground:
    """Stand on a campaign of our books.

    Raises:
        InputError: no decision counts.
    """
    found = booked(book, asked)
    words = {
        "retained": f"share of customers who stay {asked.days} days",
        "margin": f"margin of {asked.days} days less spend, {book.campaign.currency}",
    }
    ids = pl.Series([book.decision_ids[row] for row in found.rows.tolist()], dtype=pl.String)
    return Ground(
        f"campaign:{book.campaign.campaign_id}", found.log, ARMS, words[asked.reward], ids, found.left_out,
        rung=lambda name: ask(name, book, found.rows),
    )  # fmt: skip


def judged(ground: Ground, question: Question, recipe: Recipe = RECIPE) -> Evaluation:
    """Judge one policy, and its difference to another one.

    Args:
        ground: The log.
        question: What is to be judged.
        recipe: How trees are grown for expected rewards, and for propensities where there are none.

    Raises:
        InputError: a policy that there is not, or that cannot be asked on this log.
        TableError: rows of a policy that are no probabilities of what the row allows.
        SupportError: the log cannot show what a policy would have earned; names arm and rows.
    """
    log = ground.log if ground.log.propensity is not None else with_estimated(ground.log, recipe)
    names = [question.policy] if question.against is None else [question.policy, question.against]
    targets = [target_of(name, ground) for name in names]
    try:
        for name, target in zip(names, targets, strict=True):
            if target is not None:
                refuse_unsupported(log, target, name)
    except SupportError as error:
        legend = listed([f"{number} is {arm}" for number, arm in enumerate(ground.arms)])
        raise SupportError(f"{error}. Arms: {legend}") from None
    expected = cross_fitted(log, recipe)
    values = [evaluate(log, target, expected, clip=question.clip) for target in targets]
    apart = None
    if len(targets) == 2:
        apart = difference(log, targets[0], targets[1], expected, clip=question.clip)
    for name, value in zip(names, values, strict=True):
        _refuse_guesswork(value, name, ground.arms)
    return Evaluation(
        ground.source, ground.reward, ground.arms, question.policy, values[0], question.against,
        values[1] if apart is not None else None, apart, question.clip, ground.left_out, ground.notes,
    )  # fmt: skip


def target_of(name: str, ground: Ground) -> Floats | None:
    """Give the probabilities of a policy on a log, (n, k); None: it is the one that logged.

    Raises:
        InputError: there is no such policy, or it cannot be asked on this log.
        TableError: a file of probabilities has bad cells.
    """
    allowed = ground.log.allowed
    if name == LOGGED:
        return None
    if name == UNIFORM:
        chances: Floats = allowed / allowed.sum(axis=1, keepdims=True)
        return chances
    if name.startswith(_FILE):
        path = Path(name.removeprefix(_FILE))
        return read_probabilities(path, ground.arms, ground.decision_ids, len(ground.log))
    if name.startswith(_ARM):
        return _always(name.removeprefix(_ARM), ground)
    if ground.rung is None:
        raise InputError(
            f"policy {quoted(name)} cannot be asked about a log of others: what it decides on is not in it. "
            f"Ask it where it runs and hand its answers in as {_FILE}PROBABILITIES; or name {LOGGED}, "
            f"{UNIFORM} or {_ARM}WORD, WORD one of: {listed(ground.arms)}"
        )
    return ground.rung(name)


def _always(word: str, ground: Ground) -> Floats:
    if word not in ground.arms:
        raise InputError(f"arm {quoted(word)} is not in the log, wanted one of: {listed(ground.arms)}")
    arm, k = ground.arms.index(word), len(ground.arms)
    if ground.rung is not None:
        return deterministic(open_where_allowed(arm, ground.log.allowed), k)
    return deterministic(np.full(len(ground.log), arm), k)


def _refuse_guesswork(value: Valuation, name: str, arms: tuple[str, ...]) -> None:
    """Refuse on estimated propensities what would be a caution on logged ones."""
    if not value.estimated_propensities:
        return
    side = value.sides[0]
    for arm, overlap in zip(arms, side.overlap, strict=True):
        if abs(overlap.balance_z) > UNBALANCED_Z:
            raise SupportError(
                f"the log has no propensities, and estimated ones do not balance {name}: its weights on arm "
                f"{quoted(arm)} come to {overlap.found:.3f} a row, wanted {overlap.wanted:.3f}. Log the "
                "probability of each decision"
            )
    if value.effective_rows < FEW_EFFECTIVE_ROWS:
        raise SupportError(
            f"the log has no propensities, and with estimated ones {value.effective_rows:.1f} effective rows "
            f"of {value.rows:,} carry {name}, wanted {FEW_EFFECTIVE_ROWS:g} or more. Log the probability of "
            "each decision, or take a longer log"
        )
