"""The predictors on the real Telco and Bank files, beside the classic recipe and a spline-logistic model.

    python benchmarks/tabular.py [--telco CSV] [--bank ZIP] [--json PATH]

Without paths the files are looked for below CHURN_SAVER_TEST_DATA. The Bank file has no offers: a
semi-synthetic one is added, so its truth is known and the offer effect is assumed, not measured.
Every figure is defined in docs/metrics.md; brackets are 95 % bootstrap intervals.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from churn_saver.config import TabularSettings, parse
from churn_saver.data.uci_bank import read_bank
from churn_saver.tabular.cross_fit import HELD_OUT, folds
from churn_saver.tabular.features import encode
from churn_saver.tabular.fitting import fit_risk
from churn_saver.tabular.intervals import Interval, Scores, scores
from churn_saver.tabular.reference import spline_logistic
from churn_saver.train.bank_reference import (
    Accepted,
    Logging,
    base_of,
    draw_offers,
    ladder_of,
    measure,
    spline_ladder_of,
)
from churn_saver.train.datasets import RiskTable, risk_table
from churn_saver.train.risk import methods

Floats = NDArray[np.float64]
ROOT = Path(__file__).resolve().parents[1]
MARGINS = (0.2, 0.3, 0.5)
"""Margins kept per acceptance, in bills, at which regret is shown; the gate takes tabular.yaml's."""
DRAWS = (1, 2, 3)
"""Seeds of the semi-synthetic offers; the first one is the published draw."""


def serving(telco: Path) -> dict[str, float]:
    """Time serving in a process of its own; see tabular_serving.py."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "serving.json"
        script = Path(__file__).with_name("tabular_serving.py")
        subprocess.run(
            [sys.executable, str(script), "--telco", str(telco), "--json", str(out)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        return dict(json.loads(out.read_bytes()))


def nothing() -> None:
    """Report no progress."""


def churn(table: RiskTable, settings: TabularSettings) -> dict[str, Scores]:
    """Score our churn model with each view, the classic recipe and the reference, all out of fold."""
    own, textbook = methods(settings, "risk")
    who, label = table.customers, table.churned
    fold = folds(who.ids, settings.folds, settings.hold_out_share, settings.seed)
    fit = fit_risk(who, label, fold, own, settings.allow_protected, nothing)
    plain = fit_risk(who, label, fold, textbook, settings.allow_protected, nothing)
    found = {f"ours, {view.value} fields": p for view, p in fit.views.items()}
    found["classic"] = plain.out_of_fold
    found["spline-logistic"] = spline_logistic(encode(who, fit.model.names), label, fold)
    learned = fold != HELD_OUT

    def judged(p: Floats, rows: NDArray[np.bool_]) -> Scores:
        return scores(label[rows], p[rows], np.random.default_rng(settings.seed), settings.bootstrap_draws)

    rows = {name: judged(p, learned) for name, p in found.items()}
    rows["ours, hold-out"] = judged(fit.out_of_fold, ~learned)
    return rows


def main() -> None:
    """Measure, print and, if asked, write."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    data = os.environ.get("CHURN_SAVER_TEST_DATA")
    below = Path(data) if data else None
    arguments.add_argument(
        "--telco", type=Path, default=below and below / "ibm_telco/Telco-Customer-Churn.csv"
    )
    arguments.add_argument("--bank", type=Path, default=below and below / "uci_bank/bank-additional.zip")
    arguments.add_argument("--json", type=Path)
    asked = arguments.parse_args()
    if asked.telco is None or asked.bank is None:
        sys.exit(
            "tabular: name --telco and --bank, or set CHURN_SAVER_TEST_DATA to the folder that holds them"
        )
    settings = parse(
        TabularSettings, (ROOT / "ops/configs/tabular.yaml").read_text(encoding="utf-8"), "tabular.yaml"
    )
    console = Console(width=160)
    table = risk_table(asked.telco.read_bytes(), asked.telco.name, "company")
    risks = churn(table, settings)
    console.print(risk_lines(risks))
    bank = read_bank(asked.bank.read_bytes(), asked.bank.name)
    found = acceptance(bank, settings)
    console.print(accept_lines(found, settings.accept.margin_kept))
    costs = serving(asked.telco)
    console.print(serving_lines(costs))
    if asked.json:
        asked.json.write_text(json.dumps(figures(risks, found, costs), indent=2), encoding="utf-8")


def acceptance(frame: pl.DataFrame, settings: TabularSettings) -> dict[str, Accepted]:
    """Measure our acceptance model on each draw, and on the first one the classic recipe and splines."""
    base, floor = base_of(frame, settings), settings.accept.propensity_floor
    own, textbook = methods(settings, "accept")
    found = {}
    loggings: tuple[Logging, ...] = ("uniform", "targeted")
    for logging in loggings:
        for draw in DRAWS:
            offers = draw_offers(base, draw, logging, floor)
            ladders = {"ours": ladder_of(offers, own)}
            if draw == DRAWS[0]:
                ladders |= {
                    "classic": ladder_of(offers, textbook), "spline-logistic": spline_ladder_of(offers)
                }  # fmt: skip
            for name, ladder in ladders.items():
                found[f"{name}, {logging}, draw {draw}"] = measure(offers, ladder, settings, MARGINS)
    return found


def figures(
    risks: Mapping[str, Scores], found: Mapping[str, Accepted], costs: Mapping[str, float]
) -> dict[str, object]:
    """Give the figures that others read, by their agreed names, and everything else under `all`."""
    ours = found[f"ours, uniform, draw {DRAWS[0]}"]
    return {
        "risk_auc_oof": risks["ours, table fields"].auc.value,
        "risk_ece_oof": risks["ours, table fields"].ece.value,
        "reference_auc_oof": risks["spline-logistic"].auc.value,
        "classic_auc_oof": risks["classic"].auc.value,
        "accept_auc": ours.scores.auc.value,
        "accept_bayes_auc": ours.bayes_auc,
        "accept_ece": ours.scores.ece.value,
        "accept_ties": ours.ties,
        "accept_violations": ours.violations,
        "accept_regret": ours.regret.value,
        "constant_regret": ours.constant_regret,
        "serving": dict(costs),
        "all": {
            "risk": {name: asdict(row) for name, row in risks.items()},
            "accept": {name: asdict(row) for name, row in found.items()},
        },
    }


def risk_lines(risks: Mapping[str, Scores]) -> Table:
    """Set the churn figures as a table."""
    table = Table(
        "", "rows", "AUC", "ECE", "floor", "ECE equal mass", "Brier", "log loss",
        title="P(churn), IBM Telco, cross-fitted",
    )  # fmt: skip
    for name, s in risks.items():
        cells = (s.ece_floor, s.ece_equal_mass.value, s.brier.value, s.log_loss.value)
        table.add_row(name, f"{s.rows:,}", shown(s.auc), shown(s.ece), *(f"{cell:.4f}" for cell in cells))
    return table


def accept_lines(found: Mapping[str, Accepted], margin: float) -> Table:
    """Set the acceptance figures as a table."""
    table = Table(
        "", "AUC", "Bayes AUC", "ECE", "ties", "falls", "regret", "constant", f"% at margins {MARGINS}",
        title="P(accept | offer), UCI Bank with semi-synthetic offers: their effect is assumed, not measured",
        caption=f"Regret: share of the oracle's value lost at a margin of {margin} bills per acceptance.",
    )  # fmt: skip
    for name, row in found.items():
        table.add_row(
            name, f"{row.scores.auc.value:.4f}", f"{row.bayes_auc:.4f}", f"{row.scores.ece.value:.4f}",
            f"{row.ties:,}", f"{row.violations:,}", shown(row.regret), f"{row.constant_regret:.4f}",
            " ".join(f"{100 * own:.1f}/{100 * constant:.1f}" for own, constant in row.by_margin.values()),
        )  # fmt: skip
    return table


def serving_lines(costs: Mapping[str, float]) -> Table:
    """Set the serving times as a table, one request unless said otherwise."""
    table = Table("", "ours", "peer", "peer / ours", title="Serving, median of 200 calls")
    for name, figure in (("values to vector", "vector"), ("calibrated churn risk", "risk")):
        own, peer = costs[f"{figure}_us"], costs[f"{figure}_peer_us"]
        table.add_row(name, f"{own:.0f} µs", f"{peer:,.0f} µs", f"{peer / own:.0f}")
    table.add_row("four acceptance probabilities", f"{costs['accept_four_offers_us']:.0f} µs")
    table.add_row("churn risk of 1,000,000", f"{costs['risk_million_s']:.1f} s")
    table.add_row("acceptance of 1,000,000", f"{costs['accept_million_s']:.1f} s")
    return table


def shown(one: Interval) -> str:
    """Write a figure with its interval."""
    return f"{one.value:.4f} [{one.low:.4f}, {one.high:.4f}]"


if __name__ == "__main__":
    main()
