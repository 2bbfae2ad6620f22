"""Settings and a table on disk with which the commands of the decision policy are done in a moment."""

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from churn_saver.data import demo
from tests.tiny_campaigns import ENV_YAML
from tests.tiny_tables import ENV, quick

CONFIGS = ENV_YAML.parent


def write_configs(folder: Path, env: dict[str, Any] | None = None, **ppo: Any) -> None:
    """Copy ops/configs: env.yaml of ten days, ppo.yaml as `quick`, with other settings as they are named."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in CONFIGS.glob("*.yaml"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    days = {"horizon_days": ENV.horizon_days, "budget_per_customer": ENV.budget_per_customer}
    usual = yaml.safe_load((CONFIGS / "env.yaml").read_text(encoding="utf-8"))
    (folder / "env.yaml").write_text(yaml.safe_dump(usual | days | (env or {})), encoding="utf-8")
    (folder / "ppo.yaml").write_text(yaml.safe_dump(quick().model_dump(mode="json") | ppo), encoding="utf-8")


def write_table(folder: Path, n: int = 60) -> None:
    """Write a churn table of n customers."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = demo.csv_bytes(demo.churn_table(np.random.default_rng(1), max(n, 50)))
    (folder / "churn_train.csv").write_bytes(b"".join(raw.splitlines(keepends=True)[: n + 1]))
