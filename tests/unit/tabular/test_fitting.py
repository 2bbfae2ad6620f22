"""Fitting both predictors."""

from dataclasses import replace

import numpy as np
import pytest

from churn_saver.domain.customer import Customers, View
from churn_saver.errors import InputError
from churn_saver.tabular.boosting import Recipe
from churn_saver.tabular.calibration import Beta, Isotonic
from churn_saver.tabular.cross_fit import folds
from churn_saver.tabular.features import seen_by
from churn_saver.tabular.fitting import AcceptFit, Method, RiskFit, classic, fit_accept, fit_ladder, fit_risk
from churn_saver.tabular.quality import auc, ece, ladder_faults
from tests.builders import customers

RECIPE = Recipe(30, 3, 0.2, 5.0, 0.8, 0.8, 3)
RISK = Method(RECIPE, "isotonic", True, 2)
ACCEPT = Method(RECIPE, "beta", True, 2)


def drawn(seed: int = 0, n: int = 3_000) -> tuple[Customers, np.ndarray]:
    """Draw customers who leave early, on monthly contracts and after many tickets."""
    rng = np.random.default_rng(seed)
    tenure, tickets = rng.integers(0, 60, n), rng.poisson(1, n)
    contract, gender = rng.integers(0, 3, n), rng.integers(0, 2, n)
    odds = 1.0 - 0.05 * tenure + 0.5 * tickets - contract + 0.8 * gender
    fields = {
        "tenure_months": tenure, "contract_type": contract, "support_tickets": tickets, "gender": gender,
        "total_charges": np.full(n, np.nan),
    }  # fmt: skip
    label = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(np.float64)
    return customers(n, fields={k: v.astype(np.float32) for k, v in fields.items()}), label


def risk_fit(method: Method = RISK, allow_protected: bool = False) -> tuple[RiskFit, Customers, np.ndarray]:
    """Fit the churn model on drawn customers."""
    who, label = drawn()
    fold = folds(who.ids, 3, 0.1, 1)
    return fit_risk(who, label, fold, method, allow_protected, lambda: None), who, label


def offers(seed: int = 0, n: int = 4_000) -> dict[str, np.ndarray]:
    """Draw past offers: acceptance rises with the offer, and risky customers were offered more."""
    rng = np.random.default_rng(seed)
    risk = rng.random(n)
    chance = 0.1 + 0.6 * np.column_stack([1 - risk, 1 - risk, risk, risk]) / 2
    chance /= chance.sum(axis=1, keepdims=True)
    level = (rng.random(n)[:, None] > chance.cumsum(axis=1)[:, :3]).sum(axis=1)
    offer = np.array([0.0, 5, 10, 15])[level]
    accepted = (rng.random(n) < 0.5 - 0.4 * risk + 0.02 * offer).astype(np.float64)
    return {
        "churn_risk": risk, "offer_pct": offer, "accepted": accepted,
        "propensity": chance[np.arange(n), level],
    }  # fmt: skip


def accept_fit(
    method: Method = ACCEPT, with_propensity: bool = True
) -> tuple[AcceptFit, dict[str, np.ndarray]]:
    """Fit acceptance on drawn offers."""
    table = offers()
    n = len(table["accepted"])
    who = customers(n, fields={"tenure_months": np.arange(n, dtype=np.float32) % 60})
    fit = fit_accept(
        who, table["churn_risk"], table["offer_pct"], table["accepted"],
        table["propensity"] if with_propensity else None, folds(who.ids, 3, 0.1, 1), method, 0.05, False,
        lambda: None,
    )  # fmt: skip
    return fit, table


def test_churn_is_ranked_and_calibrated_for_every_caller() -> None:
    """More fields rank better, and each view is calibrated by itself."""
    fit, _, label = risk_fit()

    ranked = [auc(label, fit.views[view]) for view in (View.TABLE, View.PREDICT, View.RETAIN)]

    assert ranked[0] > ranked[1] > ranked[2] > 0.65
    assert all(ece(label, p) < 0.05 for p in fit.views.values())


def test_the_model_serves_what_was_measured() -> None:
    """Held-out rows carry the served model's own probabilities, for each caller's fields."""
    fit, who, _ = risk_fit()
    held = np.flatnonzero(folds(who.ids, 3, 0.1, 1) < 0)

    for view, p in fit.views.items():
        served = fit.model.probability(seen_by(who.take(held), view))
        np.testing.assert_array_equal(served, p[held])
    assert fit.out_of_fold is fit.views[View.TABLE]


def test_only_fields_with_values_are_inputs() -> None:
    """Gender is protected, total_charges is empty, monthly_spend is not there."""
    fit, _, _ = risk_fit()

    assert fit.model.fields == ("tenure_months", "contract_type", "support_tickets")


def test_protected_fields_help_when_allowed() -> None:
    """Gender moves churn in this table, so allowing it ranks better."""
    plain, _, label = risk_fit()
    allowed, _, _ = risk_fit(allow_protected=True)

    assert "gender" in allowed.model.fields
    assert auc(label, allowed.out_of_fold) > auc(label, plain.out_of_fold)


def test_the_classic_recipe_knows_whole_rows_only() -> None:
    """100 trees of depth 6, isotonic on a split; on few fields it is far worse calibrated."""
    method = classic(RECIPE, 2)
    plain, _, label = risk_fit(method)
    ours, _, _ = risk_fit()

    assert (method.recipe.trees, method.recipe.depth, method.kind) == (100, 6, "split")
    assert isinstance(plain.model.calibration, Isotonic)
    assert ece(label, plain.views[View.RETAIN]) > 2 * ece(label, ours.views[View.RETAIN])


def test_views_that_send_the_same_are_learned_from_once() -> None:
    """A table of tenure alone looks the same to every caller."""
    who, label = drawn(0, 400)
    who = replace(who, fields={"tenure_months": who.fields["tenure_months"]})

    fit = fit_risk(who, label, folds(who.ids, 3, 0.1, 1), RISK, False, lambda: None)

    np.testing.assert_array_equal(fit.views[View.TABLE], fit.views[View.RETAIN])


def test_a_table_without_any_field_is_refused() -> None:
    """There is nothing to learn from."""
    with pytest.raises(InputError, match="none of the fields tenure_months"):
        fit_risk(
            customers(50, fields={}), np.zeros(50), np.zeros(50, dtype=np.int64), RISK, False, lambda: None
        )


def test_same_rows_same_bytes() -> None:
    """Two fits on the same rows are one fit."""
    first, second = risk_fit()[0], risk_fit()[0]

    assert first.model.trees.to_bytes() == second.model.trees.to_bytes()
    assert first.model.calibration.to_json() == second.model.calibration.to_json()


def test_acceptance_rises_strictly_and_is_ranked() -> None:
    """Out of fold too: no ties, no falls, and the logged offers are ranked and calibrated."""
    fit, table = accept_fit()
    faults = ladder_faults(fit.ladder)

    assert (faults.ties, faults.violations) == (0, 0)
    assert auc(table["accepted"], fit.logged) > 0.6
    assert ece(table["accepted"], fit.logged) < 0.05
    assert isinstance(fit.model.calibration, Beta)


def test_the_logged_probability_is_the_ladder_at_the_logged_offer() -> None:
    """One model, one answer: also to the last bit."""
    fit, table = accept_fit()
    level = (table["offer_pct"] / 5).astype(int)

    np.testing.assert_array_equal(fit.logged, fit.ladder[np.arange(len(level)), level])


def test_the_served_ladder_is_the_measured_one() -> None:
    """On held-out rows the served model gives the bits that were measured."""
    fit, table = accept_fit()
    n = len(table["accepted"])
    who = customers(n, fields={"tenure_months": np.arange(n, dtype=np.float32) % 60})
    held = np.flatnonzero(folds(who.ids, 3, 0.1, 1) < 0)

    served = fit.model.probabilities(who.take(held), table["churn_risk"][held])

    np.testing.assert_array_equal(served, fit.ladder[held])
    assert fit.model.names == ("churn_risk", "offer_pct", "tenure_months")


def test_propensities_weigh_rows_and_are_optional() -> None:
    """With them the overlap is reported; without, there is none and the fit is another."""
    weighted, _ = accept_fit()
    plain, _ = accept_fit(with_propensity=False)

    assert weighted.overlap is not None
    assert 0 < weighted.overlap.effective_rows < 4_000
    assert plain.overlap is None
    assert (plain.logged != weighted.logged).any()


def test_the_classic_recipe_ties_offers() -> None:
    """Isotonic steps swallow differences: that is why it is not the default, and nothing hides it."""
    fit, _ = accept_fit(classic(RECIPE, 2))

    faults = ladder_faults(fit.ladder)

    assert fit.model.tie_break == 0
    assert faults.ties > 100
    assert faults.violations > 0


def test_any_matrix_with_an_offer_column_can_be_fitted() -> None:
    """The reference sets bring their own columns; the offer may stand anywhere."""
    table = offers(1, 1_500)
    x = np.column_stack([table["offer_pct"], table["churn_risk"]]).astype(np.float32)

    fit = fit_ladder(
        [x], ("offer_pct", "anything"), table["offer_pct"], table["accepted"], None,
        folds([str(i) for i in range(1_500)], 3, 0.0, 0), ACCEPT, lambda: None,
    )  # fmt: skip

    assert fit.asked.shape == (4, 1_500)
    assert (np.diff(fit.asked, axis=0) > 0).all()


def test_an_offer_off_the_ladder_is_refused() -> None:
    """7 % is no rung."""
    table = offers(1, 100)
    table["offer_pct"][3] = 7

    with pytest.raises(InputError, match="offer_pct is 7, wanted one of 0, 5, 10, 15"):
        fit_ladder(
            [np.zeros((100, 1), dtype=np.float32)], ("offer_pct",), table["offer_pct"], table["accepted"],
            None, np.zeros(100, dtype=np.int64), ACCEPT, lambda: None,
        )  # fmt: skip
