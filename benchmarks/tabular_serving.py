"""What one request and a million customers cost, beside a scikit-learn pipeline on one row.

    python benchmarks/tabular_serving.py [--telco CSV] [--json PATH]

Without a file the demo's table serves; `benchmarks/tabular.py` runs this on real Telco. Figures are
defined in docs/metrics.md, section Tabular.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from churn_saver.data import demo
from churn_saver.domain.customer import Customers
from churn_saver.tabular.boosting import Recipe, grow
from churn_saver.tabular.calibration import Beta
from churn_saver.tabular.cross_fit import folds
from churn_saver.tabular.features import encode
from churn_saver.tabular.fitting import TIE_BREAK, Method, fit_risk
from churn_saver.tabular.predictors import AcceptModel, RiskModel, accept_columns, accept_names
from churn_saver.train.datasets import RiskTable, risk_table

MILLION = 1_000_000


def serving(table: RiskTable, model: RiskModel) -> dict[str, float]:
    """Time one request and a million customers, beside a scikit-learn pipeline on one row; microseconds."""
    request = {name: float(column[0]) for name, column in table.customers.fields.items()}
    one = table.customers.take(np.array([0]))

    def vector() -> object:
        fields = {name: np.array([value], dtype=np.float32) for name, value in request.items()}
        return encode(
            Customers(
                one.ids, one.names, one.bill_minor, fields, one.churn_risk, one.contacts_last_7d,
                one.days_since_last_contact, one.time_zones, one.countries, one.channels, one.opted_in,
            ),
            model.names,
        )  # fmt: skip

    accept = small_accept_model()
    peer_vector, peer_predict = peer(table, request)
    risk = model.probability(one)
    found = {
        "vector_us": timed(vector),
        "vector_peer_us": timed(peer_vector),
        "risk_us": timed(lambda: model.probability(one)),
        "risk_peer_us": timed(peer_predict),
        "accept_four_offers_us": timed(lambda: accept.probabilities(one, risk)),
    }
    many = table.customers.take(np.arange(MILLION) % len(table.customers))
    start = time.perf_counter()
    risks = model.probability(many)
    found["risk_million_s"] = time.perf_counter() - start
    start = time.perf_counter()
    accept.probabilities(many, risks)
    found["accept_million_s"] = time.perf_counter() - start
    return found


def telco_or_demo(path: Path | None) -> RiskTable:
    """Read IBM Telco, or draw the demo's churn table."""
    if path is not None:
        return risk_table(path.read_bytes(), path.name, "company")
    return risk_table(demo.csv_bytes(demo.churn_table(np.random.default_rng(42))), "demo", "demo")


def small_accept_model() -> AcceptModel:
    """Grow an acceptance model of the shipped size on the three columns."""
    rng = np.random.default_rng(0)
    n, names = 20_000, accept_names(("tenure_months",))
    offer = rng.choice([0.0, 5.0, 10.0, 15.0], n)
    x = accept_columns(rng.random(n), offer, rng.integers(0, 72, (n, 1)).astype(np.float32))
    label = (rng.random(n) < 0.1 + 0.02 * offer).astype(np.float64)
    recipe = Recipe(150, 3, 0.08, 20, 0.7, 0.8, 0, ("offer_pct",))
    return AcceptModel(grow([x], label, None, names, recipe), Beta(1.0, 1.0, 0.0), TIE_BREAK)


def peer(table: RiskTable, request: Mapping[str, float]) -> tuple[Callable[[], object], Callable[[], object]]:
    """Give what a scikit-learn pipeline does for one request: make the vector; make it and predict."""
    from sklearn.compose import make_column_transformer
    from sklearn.isotonic import IsotonicRegression
    from sklearn.preprocessing import OneHotEncoder
    from xgboost import XGBClassifier

    frame = pl.DataFrame({name: column.astype(np.float64) for name, column in table.customers.fields.items()})
    words = [name for name in frame.columns if frame[name].n_unique() <= 4]
    numbers = [name for name in frame.columns if name not in words]
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), words), ("passthrough", numbers)
    )
    trees = XGBClassifier(n_estimators=200, max_depth=3, n_jobs=1)
    x = columns.fit_transform(frame)
    trees.fit(x, table.churned)
    curve = IsotonicRegression(out_of_bounds="clip").fit(trees.predict_proba(x)[:, 1], table.churned)

    def vector() -> object:
        return columns.transform(pl.DataFrame({name: [value] for name, value in request.items()}))

    def predict() -> object:
        return curve.predict(trees.predict_proba(vector())[:, 1])

    return vector, predict


def timed(call: Callable[[], object], repeats: int = 200) -> float:
    """Give the median time of a call in microseconds."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken) * 1e6)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--telco", type=Path)
    arguments.add_argument("--json", type=Path)
    asked = arguments.parse_args()
    table = telco_or_demo(asked.telco)
    fold = folds(table.customers.ids, 2, 0.1, 42)
    method = Method(Recipe(200, 3, 0.05, 30, 0.5, 0.4, 42), "isotonic", True, 1)
    model = fit_risk(table.customers, table.churned, fold, method, False, lambda: None).model
    found = serving(table, model)
    for name, value in found.items():
        print(f"{name:<24} {value:>12,.1f}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
