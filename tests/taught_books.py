"""Books from which the predictors can learn, and settings under which they do so in a second."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from churn_saver.domain.action import Reason
from churn_saver.store import open_store
from tests.builders import NOON, campaign
from tests.ledgers import new_ledger
from tests.tiny_configs import CONFIGS
from tests.unit.store.batches import DAY, offers, silence


def taught_campaign(ledger: Path) -> None:
    """Decide about 300 held out and 300 contacted; the new ones leave, larger offers are accepted."""
    rng = np.random.default_rng(7)
    n = 300
    tenure = rng.integers(1, 60, 2 * n)
    told = [
        json.dumps(
            {"tenure_months": float(months), "monthly_spend": 50.0, "contract_type": 0.0, "bill_minor": 5_000}
        )
        for months in tenure.tolist()
    ]
    choice = rng.integers(1, 5, n).astype(np.int8)
    contact: dict[str, Any] = {"choice": choice, "intended": choice, "probability": np.full(n, 0.25)}
    contact |= {"churn_risk": rng.uniform(0.1, 0.9, n), "features": told[n:]}
    held: dict[str, Any] = {"reasons": np.full(n, int(Reason.HOLDOUT)), "features": told[:n]}
    held |= {"intended": np.full(n, 3, dtype=np.int8), "arm_probability": np.full(n, 0.5)}
    with open_store(new_ledger(ledger)) as store:
        store.campaigns.open(campaign())
        store.settle("spring", silence([f"H{row}" for row in range(n)], **held), NOON)
        store.settle("spring", offers([f"T{row}" for row in range(n)], **contact), NOON)
    left = rng.random(n) < np.where(tenure[:n] < 20, 0.8, 0.1)
    accepted = rng.random(n) < 0.1 + 0.18 * (choice - 1)
    kinds = [4 if one else 3 for one in left.tolist()] + [1 if one else 2 for one in accepted.tolist()]
    at = (NOON + 30 * DAY).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(ledger)) as books:
        refs = [ref for (ref,) in books.execute("SELECT id FROM decisions ORDER BY id")]
        rows = [(ref, kind, at, at) for ref, kind in zip(refs, kinds, strict=True)]
        books.executemany("INSERT INTO outcomes VALUES (?, ?, ?, ?)", rows)
        books.commit()


def tiny_tabular(folder: Path) -> Path:
    """Write all settings to a new folder, those of the predictors small; give the folder."""
    settings = yaml.safe_load((CONFIGS / "tabular.yaml").read_text(encoding="utf-8"))
    settings |= {"folds": 2, "bootstrap_draws": 20, "threads": 1}
    for name in ("risk", "accept"):
        settings[name] |= {"trees": 12, "min_child_weight": 2, "learning_rate": 0.3}
    folder.mkdir()
    for path in CONFIGS.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "tabular.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return folder
