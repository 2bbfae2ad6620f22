"""The two predictors as they serve."""

import threading

import numpy as np
import pytest

from churn_saver.domain.customer import Customers
from churn_saver.errors import ArtifactError, InputError
from churn_saver.tabular import predictors
from churn_saver.tabular.boosting import Recipe, grow
from churn_saver.tabular.calibration import Beta, Isotonic
from churn_saver.tabular.features import encode, names_of
from churn_saver.tabular.predictors import (
    CHUNK_ROWS,
    AcceptModel,
    Predictors,
    RiskModel,
    accept_columns,
    accept_names,
    check_accept_names,
    ladder_rows,
    logged_of,
)
from tests.builders import customers

FIELDS = ("tenure_months", "contract_type")
ISOTONIC = Isotonic(np.array([-3.0, 0.0, 3.0]), np.array([0.05, 0.3, 0.9]))


def drawn(seed: int, n: int) -> Customers:
    """Draw customers with tenure and contract, a tenth of the cells absent."""
    rng = np.random.default_rng(seed)
    fields = {
        "tenure_months": np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 72, n)).astype(np.float32),
        "contract_type": np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 3, n)).astype(np.float32),
    }
    return customers(n, fields=fields)


def risk_model() -> RiskModel:
    """Grow a model in which churn falls with tenure."""
    who = drawn(0, 800)
    tenure = np.nan_to_num(who.fields["tenure_months"], nan=30)
    label = (np.random.default_rng(1).random(800) < np.exp(-tenure / 30)).astype(np.float64)
    names = names_of(FIELDS)
    return RiskModel(grow([encode(who, names)], label, None, names, Recipe(20, 2, 0.3, 1, 1, 1, 0)), ISOTONIC)


def accept_model(effect: float = 0.03, tie_break: float = 1e-6) -> AcceptModel:
    """Grow a model in which acceptance rises by `effect` per per cent, and not at all at 0."""
    rng = np.random.default_rng(2)
    who, risk, offer = drawn(3, 1_000), rng.random(1_000), rng.choice([0.0, 5, 10, 15], 1_000)
    label = (rng.random(1_000) < 0.2 + effect * offer + 0.2 * risk).astype(np.float64)
    names = accept_names(FIELDS)
    x = accept_columns(risk, offer, encode(who, names[2:]))
    recipe = Recipe(20, 2, 0.3, 1, 1, 1, 0, ("offer_pct",))
    return AcceptModel(grow([x], label, None, names, recipe), Beta(1.1, 0.9, -0.1), tie_break)


def test_churn_falls_with_tenure() -> None:
    """A new customer is more likely to leave than one of five years; both are probabilities."""
    who = customers(2, fields={"tenure_months": np.array([1, 60], dtype=np.float32)})

    p = risk_model().probability(who)

    assert p[0] > 0.6
    assert p[1] < 0.4


def test_acceptance_rises_strictly_along_the_ladder() -> None:
    """No ties and no falls over 10,000 customers, also where the trees see no difference at all."""
    who = drawn(4, 10_000)
    risk = np.random.default_rng(5).random(10_000)

    for effect in (0.03, 0.0):
        ladder = accept_model(effect).probabilities(who, risk)

        assert ladder.shape == (10_000, 4)
        assert (np.diff(ladder, axis=1) > 0).all()
        assert ladder.min() > 0
        assert ladder.max() < 1


def test_without_a_tie_break_the_trees_own_ties_show() -> None:
    """A model that never saw an effect ties every offer, and says so honestly."""
    ladder = accept_model(0.0, tie_break=0.0).probabilities(drawn(6, 50), np.full(50, 0.3))

    assert (np.diff(ladder, axis=1) == 0).any()
    assert (np.diff(ladder, axis=1) >= 0).all()


def test_a_tie_break_moves_no_probability_by_a_visible_amount() -> None:
    """15 whole per cent of 1e-6 log-odds: at most 15e-6 / 4."""
    who, risk = drawn(7, 300), np.full(300, 0.4)

    plain = accept_model(tie_break=0.0).probabilities(who, risk)

    assert np.abs(accept_model().probabilities(who, risk) - plain).max() < 4e-6


def test_a_customer_alone_has_the_bits_of_a_table() -> None:
    """Alone, in any batch, before or after the edge of a piece, a customer scores to the same bits."""
    n = CHUNK_ROWS + 3
    who = drawn(8, n)
    risk, accept = risk_model(), accept_model()
    p = risk.probability(who)
    ladder = accept.probabilities(who, p)

    for row in (0, 1, 64, CHUNK_ROWS - 1, CHUNK_ROWS, n - 1):
        alone = who.take(np.array([row]))
        assert risk.probability(alone)[0] == p[row]
        assert accept.probabilities(alone, p[[row]])[0].tolist() == ladder[row].tolist()


def test_threads_share_a_model() -> None:
    """Eight threads asking at once all get what one gets."""
    model, who = accept_model(), drawn(9, 200)
    risk = np.full(200, 0.5)
    wanted = model.probabilities(who, risk)
    found: list[np.ndarray] = []

    threads = [
        threading.Thread(target=lambda: found.append(model.probabilities(who, risk))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert all((one == wanted).all() for one in found)


def test_nobody_is_scored_too() -> None:
    """An empty table gives empty answers."""
    who = drawn(0, 5).take(np.array([], dtype=np.int64))

    assert risk_model().probability(who).shape == (0,)
    assert accept_model().probabilities(who, np.array([])).shape == (0, 4)


def test_risks_and_customers_must_match() -> None:
    """One risk a customer."""
    with pytest.raises(InputError, match="2 churn risks for 3 customers, wanted one each"):
        accept_model().probabilities(drawn(0, 3), np.zeros(2))


def test_models_say_which_fields_they_use() -> None:
    """Names are columns, fields what a caller sends; acceptance adds churn_risk and offer_pct itself."""
    both = Predictors(risk_model(), accept_model(), "0" * 16)

    assert both.risk.fields == FIELDS
    assert both.accept.fields == FIELDS
    assert both.accept.names[:2] == ("churn_risk", "offer_pct")
    assert both.risk.names == both.accept.names[2:]


def test_ladder_rows_by_hand() -> None:
    """Two customers make eight rows, offers running fastest."""
    rows = ladder_rows(np.array([0.25, 0.5]), np.array([[7.0], [8.0]], dtype=np.float32))

    assert rows[:5].tolist() == [[0.25, 0, 7], [0.25, 5, 7], [0.25, 10, 7], [0.25, 15, 7], [0.5, 0, 8]]
    assert rows.shape == (8, 3)


def test_the_logged_offer_is_picked() -> None:
    """10 % is the third rung, 0 % the first."""
    ladder = np.array([[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]])

    assert logged_of(ladder, np.array([10.0, 0.0])).tolist() == [0.3, 0.5]


def test_acceptance_columns_start_with_its_own_two() -> None:
    """Other beginnings are refused."""
    check_accept_names(accept_names(("tenure_months",)))

    with pytest.raises(ArtifactError, match=r"starts with columns \['offer_pct', 'churn_risk'\]"):
        check_accept_names(("offer_pct", "churn_risk"))


def test_pieces_cover_every_row_once() -> None:
    """Memory stays bounded: no piece is longer than `CHUNK_ROWS`."""
    pieces = predictors._pieces(2 * CHUNK_ROWS + 1)

    assert [piece.stop - piece.start for piece in pieces] == [CHUNK_ROWS, CHUNK_ROWS, 1]
    assert pieces[0].start == 0
