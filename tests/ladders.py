"""A folder as training and measuring leave it, for tests of who decides."""

import re
from collections.abc import Mapping
from pathlib import Path

from churn_saver.adapters.ladder import Ladder, LadderRow, write_ladder
from churn_saver.adapters.policies import policy_file, write_policy
from churn_saver.config import Environment, EnvSettings
from churn_saver.policy.certificate import ServedPolicy
from tests.banks import bank_folder
from tests.builders import rules
from tests.trained import eager, served, under

CONFIGS = Path(__file__).parents[1] / "ops" / "configs"
ENV = rules().env
"""Of ops/configs."""
EXACT_PRICES = ((200.0, 7.0), (800.0, 3.0), (3_200.0, 1.0))


def asking(folder: Path, name: str, **variables: object) -> Environment:
    """Give an environment whose serve.yaml asks for a rung; ledger, policies, messages are there."""
    for file in ("env.yaml", "serve.yaml", "tabular.yaml"):
        text = (CONFIGS / file).read_text()
        (folder / file).write_text(re.sub(r"(?m)^policy: \w+", f"policy: {name}", text))
    url = f"sqlite:///{folder / 'ledger.db'}"
    places = {"CONFIG_DIR": str(folder), "DATABASE_URL": url, "POLICY_DIR": str(folder / "policies")}
    places["BANK_DIR"] = str(bank_folder(folder))
    return Environment.model_validate(places | variables)


def measured(
    folder: Path,
    champion: str = "ppo_price",
    policies: Mapping[str, ServedPolicy] | None = None,
    exact_prices: tuple[tuple[float, float], ...] = EXACT_PRICES,
    env: EnvSettings = ENV,
) -> Ladder:
    """Write policies, by default `ppo` and an eager `ppo_price`, and a ladder that vouches for them."""
    mine = policies or {"ppo": served(), "ppo_price": eager(served("full_price"))}
    folder.mkdir(exist_ok=True)
    files = {
        name: write_policy(folder / policy_file(name), under(policy, env)) for name, policy in mine.items()
    }
    row = LadderRow(champion, 1.0, 96.0, 95.0, 97.0, 2.5, True, 7.9, 5, 2e-5, True)
    ladder = Ladder(champion, (row,), files, exact_prices)
    write_ladder(folder, ladder)
    return ladder
