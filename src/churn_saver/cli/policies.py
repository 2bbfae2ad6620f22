"""Train the decision policy, print the exact frontier, and measure the ladder."""

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from churn_saver.adapters.assumptions import Assumption, assumptions
from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.curves import Curves
from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.frontier_page import frontier_page, frontier_png
from churn_saver.adapters.policy_page import policy_page
from churn_saver.cli.policy_tables import LiveCurves, show_certificate, show_frontier
from churn_saver.cli.screen import bars, note, say
from churn_saver.config import EnvSettings, PpoSettings, environment
from churn_saver.domain.money import MINOR_PER_UNIT
from churn_saver.errors import ArtifactError, ConfigError, quoted
from churn_saver.opening import config_folder, open_predictors, read_policy_settings
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.optimum import budget_frontier, optimum
from churn_saver.train.datasets import find_risk
from churn_saver.train.learning import CurvePoint
from churn_saver.train.portfolios import ScoredTable, scored_table
from churn_saver.train.ppo import Order, report_of, train_policy

RUNG_OF = {"full_price": "ppo_price", "full": "ppo", "nine": "ppo_nine"}
"""Rung by observation; a cloned start is `ppo_cloned`."""
FRONTIER_FACTORS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4, 1, 5 / 4, 3 / 2, 2, 4)
"""Budgets of the frontier, times budget_per_customer."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says about settings; None: as the files say."""

    budget: float | None = None
    """Currency units per customer."""
    observation: str | None = None
    cloned: bool = False
    iterations: int | None = None


def settings_for(wishes: Wishes) -> tuple[EnvSettings, PpoSettings]:
    """Read env.yaml and ppo.yaml and put the wishes over them; both are checked again.

    Raises:
        ConfigError: settings cannot be used; names all that is wrong.
    """
    env, ppo = read_policy_settings(environment(os.environ))
    changes: dict[str, object] = {}
    if wishes.observation is not None:
        changes["observation"] = wishes.observation
    elif env.observation == "nine":
        changes["observation"] = "nine"
    if wishes.cloned:
        if wishes.observation not in (None, "full"):
            raise ConfigError(
                f"--observation is {quoted(wishes.observation)} with --cloned, which imitates the exact "
                "policy of one price: leave one of the two out"
            )
        changes["observation"] = "full"
    if wishes.iterations is not None:
        changes["iterations"] = wishes.iterations
    if wishes.budget is not None:
        env = env.changed({"budget_per_customer": wishes.budget}, "--budget")
    return env, ppo.changed(changes, "the command line")


def open_table(data: Path, env: EnvSettings) -> ScoredTable:
    """Find the customers and score them: the company's table, else the prepared one, else the demo's.

    Raises:
        InputError: there is no table, or it cannot be used.
        ArtifactError: there are no predictors to score it.
    """
    predictors, degraded = open_predictors(environment(os.environ))
    if predictors is None:
        raise ArtifactError(
            f"customers cannot be scored ({'; '.join(one.fault or one.code for one in degraded)}). Train "
            "predictors (make train-risk), or leave FORCE_BASELINE out"
        )
    table = scored_table(find_risk(data, "auto"), predictors, env)
    say(f"customers  {table.described}")
    return table


def train(wishes: Wishes, seed: int, data: Path, out: Path, fresh: bool, workers: int) -> None:
    """Train one policy, judge it, write checkpoint, curves and page."""
    started = time.monotonic()
    env, settings = settings_for(wishes)
    name = "ppo_cloned" if wishes.cloned else RUNG_OF[settings.observation]
    table = open_table(data, env)
    live = LiveCurves(settings.iterations)
    first: list[Curves] = []

    def on_point(point: CurvePoint, regret: float | None) -> None:
        if not first:
            first.append(Curves(out / "curves" / name, point.iteration))
        first[0].write(asdict(point) | ({} if regret is None else {"regret_pct": regret}))
        if regret is not None:
            live.regret(regret)
        live(point)

    order = Order(name, seed, wishes.cloned, fresh)
    try:
        with bars(passing=True) as progress, live:
            trained = train_policy(table, env, settings, order, out, progress, on_point, workers)
    finally:
        for curves in first:
            curves.close()
    report = report_of(trained, table, env, name) | {"seconds": time.monotonic() - started}
    write_bytes(out / f"{name}.json", canonical(report))
    write_bytes(out / f"{name}.html", policy_page(report, assumed()).encode())
    show_certificate(trained.policy.certificate.to_dict())
    say(f"policy     {trained.path}  version {trained.policy.version}")
    say(f"report     {out / name}.html")
    say(f"curves     tensorboard --logdir {out / 'curves'}")
    note(
        "assumed, not measured: how a contact works stands in env.yaml; the service takes it up after a bench"
    )


def frontier(wishes: Wishes, panel: int, data: Path, out: Path) -> None:
    """Solve the exact optimum for a range of budgets, print and draw it."""
    env, _ = settings_for(wishes)
    table = open_table(data, env)
    dynamics = Dynamics.of(table.learning.spread(min(panel, len(table.learning)), env), env)
    budgets = [factor * env.budget_per_customer for factor in FRONTIER_FACTORS]
    with bars() as progress:
        found = budget_frontier(dynamics, [b * MINOR_PER_UNIT for b in budgets], progress)
        relaxed = optimum(
            dynamics, env.budget_per_customer * MINOR_PER_UNIT, env.over_cap_tolerance, progress=progress
        )
    described = f"{len(dynamics)} of {table.described}"
    result: dict[str, object] = {
        "described": described, "budget": budgets, "budget_per_customer": env.budget_per_customer,
        "gain": [float(g) / MINOR_PER_UNIT for g in found.gain],
        "spend": [float(s) / MINOR_PER_UNIT for s in found.spend],
        "price": [float(p) for p in found.price], "gap": [float(g) for g in found.gap], "others": {},
    }  # fmt: skip
    result["cap_as_constraint"] = {
        "gain": relaxed.gain / MINOR_PER_UNIT, "spend": relaxed.spend / MINOR_PER_UNIT,
        "over_cap": relaxed.over_cap, "price": relaxed.price,
        "over_cap_price": relaxed.over_cap_price / MINOR_PER_UNIT, "gap": relaxed.gap,
    }  # fmt: skip
    write_bytes(out / "frontier.json", canonical(result))
    write_bytes(out / "frontier.html", frontier_page(result, assumed()).encode())
    write_bytes(out / "frontier.png", frontier_png(result))
    show_frontier(result)
    say(
        f"cap as a second constraint, {env.over_cap_tolerance:g} contacts above it per customer: gain "
        f"{relaxed.gain / MINOR_PER_UNIT:,.2f} at {env.budget_per_customer:,.2f}, λ {relaxed.price:.3f}"
    )
    say(f"report     {out / 'frontier.html'}")
    say(f"picture    {out / 'frontier.png'}")


def assumed() -> tuple[Assumption, ...]:
    """Read what env.yaml says of itself."""
    path = config_folder(environment(os.environ)) / "env.yaml"
    return assumptions(path.read_text(encoding="utf-8"), path.name)
