"""Make the artefacts that ship with the package, so that the service answers before any training.

    python ops/scripts/make_defaults.py Telco-Customer-Churn.csv

Churn risk is learned from IBM Telco, acceptance from the demo's table of past offers (its effect of an
offer is assumed, not measured), the price of budget from the same Telco customers, scored out-of-fold.
"""

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from churn_saver.adapters import artifacts
from churn_saver.adapters.files import write_bytes
from churn_saver.cli.training import PAGE, fit
from churn_saver.config import environment
from churn_saver.data import demo
from churn_saver.domain.action import choice_costs_minor
from churn_saver.domain.customer import ContactHistory
from churn_saver.opening import defaults_folder, read_settings
from churn_saver.opening.campaigns import PRICE, PRICE_SHA256
from churn_saver.policy.frontier import frontier
from churn_saver.policy.reward import contact_values
from churn_saver.train.datasets import ACCEPT_FILE, MARKER, find_accept, risk_table
from churn_saver.train.risk import REPORT

BUDGETS_MINOR = np.unique(np.geomspace(1, 10_000, 65).round().astype(np.int64))
"""Budgets per customer, minor units: a cent to a hundred."""
SEED = 42


def main() -> None:
    """Train, solve the price of budget, and write both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("telco", type=Path, help="IBM Telco CSV as it is downloaded")
    parser.add_argument("--data", type=Path, default=Path("var/defaults"), help="where the demo's offers go")
    options = parser.parse_args()

    env, _, settings = read_settings(environment({}))
    accept_file = options.data / ACCEPT_FILE
    write_bytes(accept_file, demo.csv_bytes(demo.accept_table(np.random.default_rng(SEED))))
    marker = {accept_file.name: hashlib.sha256(accept_file.read_bytes()).hexdigest()}
    write_bytes(options.data / MARKER, json.dumps(marker).encode())
    risk = risk_table(options.telco.read_bytes(), options.telco.name, "processed")
    trained = fit(risk, find_accept(options.data), settings, defaults_folder())
    assert trained.out_of_fold is not None

    for beside in (PAGE, REPORT):
        (defaults_folder() / beside).unlink()

    predictors = artifacts.load(defaults_folder())
    customers = replace(risk.customers, churn_risk=trained.out_of_fold)
    values = contact_values(
        trained.out_of_fold,
        ContactHistory.unseen(len(customers)).usual_risk,
        predictors.accept.probabilities(customers, trained.out_of_fold),
        np.zeros(len(customers)),
        customers.bill_minor,
        env.horizon_days,
        env,
    )
    costs = choice_costs_minor(customers.bill_minor, env.contact_cost_minor)
    solved = frontier(values.gain, costs, np.ones(costs.shape, dtype=np.bool_), BUDGETS_MINOR.tolist())
    price = json.dumps(solved.to_dict(), indent=1).encode()
    write_bytes(defaults_folder() / PRICE, price)
    write_bytes(defaults_folder() / PRICE_SHA256, hashlib.sha256(price).hexdigest().encode())


if __name__ == "__main__":
    main()
