"""Scores split over inputs: by hand, and adding up."""

import numpy as np
import pytest

from churn_saver.tabular.boosting import Recipe, grow
from churn_saver.tabular.calibration import Isotonic
from churn_saver.tabular.contributions import accept_contributions, risk_contributions
from churn_saver.tabular.features import encode, names_of
from churn_saver.tabular.predictors import RiskModel
from tests.builders import customers
from tests.tiny_predictors import HIGH_RISK, LEAF, tiny_predictors


@pytest.mark.parametrize(("tenure", "leaf"), [(12.0, LEAF), (36.0, -LEAF)])
def test_one_split_by_hand(tenure: float, leaf: float) -> None:
    """Both leaves have as many rows, so the trees start from 0 and tenure has the whole leaf."""
    who = customers(fields={"tenure_months": np.array([tenure], dtype=np.float32)})
    found = risk_contributions(tiny_predictors().risk, who)

    assert found.margin == pytest.approx(leaf, abs=1e-6)
    assert found.base == pytest.approx(0.0, abs=1e-6)
    assert found.parts == {"tenure_months": pytest.approx(leaf, abs=1e-6)}


def test_the_offer_is_an_input_of_its_acceptance() -> None:
    """Below 10 % it lowers the score by a leaf, from 10 % on it raises it; nothing else has a part."""
    found = accept_contributions(tiny_predictors().accept, customers(), np.array([HIGH_RISK]))

    assert [one.parts["offer_pct"] for one in found] == pytest.approx([-LEAF, -LEAF, LEAF, LEAF], abs=1e-6)
    assert [one.parts["churn_risk"] for one in found] == [0.0] * 4
    assert [one.parts["tenure_months"] for one in found] == [0.0] * 4


def grown(seed: int) -> RiskModel:
    """Grow a model on numbers and words, a fifth of them absent."""
    rng = np.random.default_rng(seed)
    names = names_of(("tenure_months", "contract_type"))
    x = rng.normal(10.0, 8.0, size=(400, len(names))).astype(np.float32)
    x[:, 1:] = x[:, 1:] > 10
    x[rng.random(x.shape) < 0.2] = np.nan
    label = (rng.random(400) < 0.5).astype(np.float64)
    calibration = Isotonic(np.array([-3.0, 3.0]), np.array([0.05, 0.9]))
    return RiskModel(grow([x], label, None, names, Recipe(20, 3, 0.3, 1, 1, 1, seed)), calibration)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("contract", [0.0, 2.0, np.nan])
def test_base_and_parts_add_up_to_the_raw_score(seed: int, contract: float) -> None:
    """To 1e-6; the words of a field are one part, which is what the library gives its columns together."""
    model = grown(seed)
    fields = {"tenure_months": [7.0], "contract_type": [contract]}
    who = customers(fields={name: np.array(one, dtype=np.float32) for name, one in fields.items()})
    found = risk_contributions(model, who)

    x = encode(who, model.names)
    columns = model.trees.contributions(x)[0]
    assert found.margin == model.trees.raw(x)[0]
    assert found.base + sum(found.parts.values()) == pytest.approx(found.margin, abs=1e-6)
    assert found.base == pytest.approx(columns[-1], abs=1e-5)
    assert list(found.parts) == ["tenure_months", "contract_type"]
    assert found.parts["contract_type"] == pytest.approx(columns[1:4].sum(), abs=1e-9)
