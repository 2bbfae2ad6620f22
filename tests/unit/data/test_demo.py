"""Demo tables and their truth."""

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from churn_saver.data import demo
from churn_saver.data.tables import ACCEPT_TRAIN, CHURN_TRAIN, CUSTOMERS, PAIRS, Table, read

TABLES: list[tuple[Callable[..., pl.DataFrame], Table, list[str]]] = [
    (
        demo.churn_table,
        CHURN_TRAIN,
        ["customer_id", "tenure_months", "monthly_spend", "support_tickets", "contract_type", "churned"],
    ),
    (
        demo.accept_table,
        ACCEPT_TRAIN,
        ["customer_id", "offer_pct", "churn_risk", "tenure_months", "accepted", "propensity"],
    ),
    (
        demo.customers_table,
        CUSTOMERS,
        [
            "customer_id", "name", "tenure_months", "monthly_spend", "contract_type", "payment_method",
            "support_tickets", "time_zone", "contacts_last_7d", "days_since_last_contact",
        ],
    ),
]  # fmt: skip


def expected_auc(p: NDArray[np.float64]) -> float:
    """AUC of the true probabilities, with the chance of the labels integrated out."""
    p = np.sort(p)
    stayed_below = np.cumsum(1 - p) - (1 - p) / 2
    return float((p * stayed_below).sum() / (p.sum() * (1 - p).sum()))


@pytest.mark.parametrize(("draw", "table", "columns"), TABLES, ids=lambda case: getattr(case, "name", ""))
def test_table_has_the_documented_columns_and_passes_its_check(
    draw: Callable[..., pl.DataFrame], table: Table, columns: list[str]
) -> None:
    """Written as CSV and read again nothing is at fault."""
    frame = draw(np.random.default_rng(3), n=500)

    checked = read(demo.csv_bytes(frame), f"{table.name}.csv", table)

    assert frame.columns == columns
    assert (checked.faults, checked.ignored, checked.frame.height) == ((), (), 500)


@pytest.mark.parametrize(("draw", "table", "columns"), TABLES, ids=lambda case: getattr(case, "name", ""))
def test_same_seed_gives_the_same_bytes(
    draw: Callable[..., pl.DataFrame], table: Table, columns: list[str]
) -> None:
    """Another seed gives other ones."""
    first, second, other = (demo.csv_bytes(draw(np.random.default_rng(seed), n=300)) for seed in (7, 7, 8))

    assert first == second != other


def test_churn_is_as_frequent_and_as_hard_to_tell_as_stated() -> None:
    """26 % leave; the true probabilities reach the docstring's AUC of 0.86, as expected and as drawn."""
    frame = demo.churn_table(np.random.default_rng(1), n=100_000)
    contract = (
        frame["contract_type"].replace_strict({word: i for i, word in enumerate(demo.CONTRACTS)}).to_numpy()
    )

    truth = demo.churn_truth(
        frame["tenure_months"].to_numpy(),
        frame["monthly_spend"].to_numpy(),
        contract,
        frame["support_tickets"].to_numpy(),
    )

    assert frame["churned"].to_numpy().mean() == pytest.approx(0.26, abs=0.01)
    assert truth.mean() == pytest.approx(frame["churned"].to_numpy().mean(), abs=0.005)
    assert expected_auc(truth) == pytest.approx(0.86, abs=0.005)
    ranks = pl.Series(truth).rank().to_numpy()
    left = frame["churned"].to_numpy() == 1
    drawn_auc = (ranks[left].sum() - left.sum() * (left.sum() + 1) / 2) / (left.sum() * (~left).sum())
    assert drawn_auc == pytest.approx(0.86, abs=0.01)


def test_churn_truth_by_hand() -> None:
    """Tenure 0, spend 45, two years: −1.58 − 1.3 = −2.88; monthly with 2 tickets: −1.58 + 1.5 + 1.2."""
    zero, spend = np.zeros(2, dtype=np.int64), np.full(2, 45.0)

    truth = demo.churn_truth(zero, spend, np.array([2, 0]), np.array([0, 2]))

    np.testing.assert_allclose(truth, 1 / (1 + np.exp([2.88, -1.12])), rtol=1e-12)


def test_spend_is_heavy_tailed_and_tenure_starts_low() -> None:
    """Within 18 to 120, mean above median; a quarter of the customers is there for four months at most."""
    frame = demo.churn_table(np.random.default_rng(1), n=20_000)
    spend = frame["monthly_spend"].to_numpy()

    assert 18 <= spend.min() < np.median(spend) < spend.mean() - 5 < spend.max() <= 120
    assert np.quantile(frame["tenure_months"].to_numpy(), 0.25) <= 4


@given(st.floats(0, 1), st.integers(0, 1_200))
def test_laws_of_acceptance(risk: float, tenure: int) -> None:
    """Every offer adds, by less and less; the base is 5 to 35 %, acceptance at 15 % is 20 to 70 %."""
    truth = demo.accept_truth(np.array([risk]), np.array([tenure]))[0]
    steps = np.diff(truth)

    assert truth.shape == (4,)
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()
    assert 0.05 <= truth[0] <= 0.35
    assert 0.2 <= truth[3] <= 0.7 + 1e-12


def test_accept_truth_by_hand() -> None:
    """Risk .25, tenure 11: a = σ(0) = ½, so p0 = .2 and p at 15 % is .2 + .25; τ = 3 + 17/4 = 7.25."""
    truth = demo.accept_truth(np.array([0.25]), np.array([11]))[0]

    reach = (1 - np.exp(-5 / 7.25)) / (1 - np.exp(-15 / 7.25))
    np.testing.assert_allclose(truth[[0, 1, 3]], [0.2, 0.2 + 0.25 * reach, 0.45], rtol=1e-12)


def test_best_offer_differs_between_customers() -> None:
    """If an acceptance keeps two bills at risk, each rung is the best one for at least a tenth."""
    frame = demo.accept_table(np.random.default_rng(1), n=20_000)
    risk = frame["churn_risk"].to_numpy()

    truth = demo.accept_truth(risk, frame["tenure_months"].to_numpy())
    best = (truth * (2 * risk[:, None] - np.array([0, 0.05, 0.1, 0.15]))).argmax(axis=1)

    assert (np.bincount(best, minlength=4) / len(best) > 0.1).all()


def test_acceptance_is_drawn_from_its_truth() -> None:
    """Acceptance is the truth within four standard errors and rises with the offer; Bayes AUC 0.74."""
    frame = demo.accept_table(np.random.default_rng(2), n=100_000)
    level = frame["offer_pct"].to_numpy() // 5
    truth = demo.accept_truth(frame["churn_risk"].to_numpy(), frame["tenure_months"].to_numpy())
    truth = truth[np.arange(len(level)), level]
    accepted = frame["accepted"].to_numpy()

    for k in range(4):
        p = truth[level == k]
        assert abs(accepted[level == k].mean() - p.mean()) < 4 * np.sqrt((p * (1 - p)).sum()) / len(p)
    raw = [accepted[level == k].mean() for k in range(4)]
    assert raw == sorted(raw)
    assert expected_auc(truth) == pytest.approx(0.74, abs=0.01)


def test_accept_propensities_are_honest() -> None:
    """At least 0.05; the inverse ones of a level sum to the number of rows (four standard errors)."""
    frame = demo.accept_table(np.random.default_rng(2), n=100_000)

    assert frame["propensity"].is_between(0.05, 1).all()
    for percent in (0, 5, 10, 15):
        weights = 1 / frame.filter(pl.col("offer_pct") == percent)["propensity"].to_numpy()
        assert abs(weights.sum() / 100_000 - 1) < 4 * np.sqrt((weights**2).sum()) / 100_000


def test_customers_are_complete_where_they_must_be() -> None:
    """Ids count from C00001; zone and last contact are known for some; the two contact columns agree."""
    frame = demo.customers_table(np.random.default_rng(1))

    assert frame["customer_id"].head(2).to_list() == ["C00001", "C00002"]
    assert frame["customer_id"].n_unique() == frame.height == 7_000
    for name in ("time_zone", "days_since_last_contact"):
        assert 0 < frame[name].null_count() < 7_000
    days = pl.col("days_since_last_contact")
    assert frame.filter((pl.col("contacts_last_7d") > 0) != (days < 7).fill_null(False)).height == 0
    assert {"O'Brien", "Jean-Luc", "Zoë", "Nguyễn"} <= set(frame["name"].to_list())


def test_pairs_pass_their_check() -> None:
    """200 pairs, same seed same bytes, several ways to be worse, no offer stated where there is none."""
    rows = demo.rlhf_pairs(np.random.default_rng(4))

    content = demo.jsonl_bytes(rows)

    checked = read(content, "rlhf_pairs.jsonl", PAIRS)
    assert (checked.faults, checked.frame.height) == ((), 200)
    assert content == demo.jsonl_bytes(demo.rlhf_pairs(np.random.default_rng(4)))
    assert len({row["rejected"] for row in rows}) > 3
    assert all(("{offer}" in row["chosen"]) == ("Offer: none" not in row["prompt"]) for row in rows)


def test_empty_tables_can_be_drawn() -> None:
    """No rows, same columns."""
    for draw, _, columns in TABLES:
        assert draw(np.random.default_rng(0), n=0).columns == columns
