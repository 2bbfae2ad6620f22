"""Whom the learners of `ppo.py` learn from and are judged on: the same for ours and for the peer.

IBM Telco scored by the shipped predictors, in the halves that training uses. Knows nothing of learners.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from churn_saver.adapters import artifacts
from churn_saver.config import EnvSettings, PpoSettings, parse
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.opening import defaults_folder
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.optimum import ExactPolicy, best_plans, optimum
from churn_saver.policy.optimum.certificate import Optimum
from churn_saver.policy.scores import Yardstick
from churn_saver.train.certifying import yardstick
from churn_saver.train.datasets import risk_table
from churn_saver.train.portfolios import ScoredTable, scored_table
from churn_saver.train.rungs import settings_of

CONFIGS = Path(__file__).resolve().parents[1] / "ops" / "configs"
SMALL_PANEL = 64
"""Customers by whom progress is followed: a point of a curve must not cost more than the learning."""

Result = TypeVar("Result")
Report = dict[str, object]
"""Figures by key, as the JSON holds them."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The campaign, both halves of the table, and what there is to gain."""

    table: ScoredTable
    env: EnvSettings
    recipe: PpoSettings
    """ppo.yaml as it is."""
    settings: PpoSettings
    """As the ladder's rung for one budget is trained: the observation is `full`, as the peer's."""
    learning: Dynamics
    """Every customer of the half that teaches."""
    best: Optimum
    """On the panel of that half which certifies; its price λ* is what spend costs the peer."""
    compile_seconds: float
    optimum_seconds: float

    @classmethod
    def of(cls, telco: Path) -> "Ground":
        """Read and score the table, and find the optimum, with compilation paid and timed beforehand."""
        env = parse(EnvSettings, (CONFIGS / "env.yaml").read_text(encoding="utf-8"), "env.yaml")
        recipe = parse(PpoSettings, (CONFIGS / "ppo.yaml").read_text(encoding="utf-8"), "ppo.yaml")
        settings = settings_of("ppo", recipe)
        churn = risk_table(telco.read_bytes(), telco.name, "company")
        table = scored_table(churn, artifacts.load(defaults_folder()), env)
        budget = env.budget_per_customer * MINOR_PER_UNIT
        few = Dynamics.of(table.learning.spread(2, env), env)
        _, compiled = timed(lambda: (optimum(few, budget), best_plans(few, 0.0), ExactPolicy.of(few, 0.0)))
        panel = Dynamics.of(table.learning.spread(settings.panels.certificate, env), env)
        best, seconds = timed(lambda: optimum(panel, budget))
        return cls(table, env, recipe, settings, Dynamics.of(table.learning, env), best, compiled, seconds)

    @property
    def budget_minor(self) -> float:
        """Per customer."""
        return self.env.budget_per_customer * MINOR_PER_UNIT

    def judges(self) -> tuple[Dynamics, Yardstick]:
        """Give a small panel of the half that teaches nobody, and the optimum on it."""
        panel = Dynamics.of(self.table.held_out.spread(SMALL_PANEL, self.env), self.env)
        return panel, yardstick(panel, self.budget_minor)


def timed(call: Callable[[], Result]) -> tuple[Result, float]:
    """Call, and give the wall seconds it took beside the result."""
    started = time.perf_counter()
    result = call()
    return result, time.perf_counter() - started
