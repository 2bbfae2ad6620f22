"""A folder to work in, with the project's settings at a smaller size of training."""

from pathlib import Path

import pytest
import yaml

CONFIGS = Path(__file__).parents[2] / "ops" / "configs"


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder as working folder; 60 trees and 20 resamples."""
    folder = tmp_path / "configs"
    folder.mkdir()
    for path in CONFIGS.glob("*.yaml"):
        # The knapsack spends a budget at once; the champion would keep most of it for later days.
        text = path.read_text().replace("policy: champion ", "policy: knapsack ")
        (folder / path.name).write_text(text)
    tabular = yaml.safe_load((CONFIGS / "tabular.yaml").read_text())
    tabular["bootstrap_draws"] = 20
    for model in ("risk", "accept"):
        tabular[model]["trees"] = 60
        tabular[model]["learning_rate"] = 0.15
    (folder / "tabular.yaml").write_text(yaml.safe_dump(tabular))
    for name in ("DATABASE_URL", "MODEL_DIR", "FORCE_BASELINE", "HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONFIG_DIR", str(folder))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)
    return tmp_path
