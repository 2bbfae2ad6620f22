"""Measure the ladder: train its rungs, judge all of them, write down who serves, show it."""

from dataclasses import asdict
from pathlib import Path

from churn_saver.adapters.canonical import canonical
from churn_saver.adapters.files import write_bytes
from churn_saver.adapters.ladder import Ladder, write_ladder
from churn_saver.adapters.ladder_page import ladder_page
from churn_saver.adapters.ladder_pictures import ladder_png
from churn_saver.adapters.policies import policy_file, write_policy
from churn_saver.cli.policies import Wishes, assumed, open_table, settings_for
from churn_saver.cli.policy_tables import show_ladder
from churn_saver.cli.screen import bars, say
from churn_saver.config import EnvSettings, PpoSettings
from churn_saver.domain.progress import Progress
from churn_saver.policy.certificate import ServedPolicy
from churn_saver.train.certifying import certified
from churn_saver.train.gate import Verdict, judge
from churn_saver.train.ladder import ALL_BUDGETS, Bench, exact_prices, measure
from churn_saver.train.panels import Panels, require_room
from churn_saver.train.portfolios import ScoredTable
from churn_saver.train.ppo import Order, provenance_of
from churn_saver.train.rungs import Finished, jobs_of, settings_of, train_rungs

TRAININGS = "ladder"
"""Folder of finished trainings below the checkpoints; a bench that was stopped goes on with them."""


def bench(wishes: Wishes, workers: int, data: Path, out: Path) -> None:
    """Train what the ladder asks for, measure every rung, name the champion, write and show all of it."""
    env, settings = settings_for(wishes)
    table = open_table(data, env)
    require_room(table, settings)
    with bars() as progress:
        jobs = jobs_of(settings)
        finished = train_rungs(table, env, settings, jobs, out / TRAININGS, workers, progress)
        trained = {(one.job.rung, one.job.factor, one.job.seed): (one.network, one.price) for one in finished}
        found = measure(table, env, settings, trained, workers, progress)
        verdict = judge(found, settings.ladder.within_points)
        files = _policies(found, finished, table, env, settings, out, workers, progress)
    write_ladder(out, Ladder(verdict.champion, verdict.rows, files, exact_prices(found)))
    write_bytes(out / "ladder_detail.json", canonical(_detail(found, verdict)))
    page = _page(found, verdict, table, env, settings)
    write_bytes(out / "ladder.html", ladder_page(page, assumed()).encode())
    write_bytes(out / "ladder.png", ladder_png(verdict.rows, verdict.champion))
    show_ladder(page)
    say(f"ladder     {out / 'ladder.json'}")
    say(f"report     {out / 'ladder.html'}")


def _policies(
    found: Bench,
    finished: list[Finished],
    table: ScoredTable,
    env: EnvSettings,
    settings: PpoSettings,
    out: Path,
    at_once: int,
    progress: Progress,
) -> dict[str, str]:
    """Certify and write the training of median gain of each trained rung; → SHA-256 by rung."""
    panels, files = Panels.of(table, env, settings), {}
    at_home = [one for one in finished if one.job.factor in (ALL_BUDGETS, 1.0)]
    gain = {(m.rung, m.seed): m.scores.gain_pct for m in found.measured if m.factor == 1.0}
    for rung in dict.fromkeys(one.job.rung for one in at_home):
        own = sorted(
            (one for one in at_home if one.job.rung == rung), key=lambda one: gain[rung, one.job.seed]
        )
        chosen, recipe = own[len(own) // 2], settings_of(rung, settings)
        network, certificate = certified(chosen.network, panels, env, recipe, chosen.price, progress, at_once)
        order = Order(rung, chosen.job.seed, rung == "ppo_cloned")
        policy = ServedPolicy(network, certificate, provenance_of(table, env, recipe, order))
        files[rung] = write_policy(out / policy_file(rung), policy)
    return files


def _detail(found: Bench, verdict: Verdict) -> dict[str, object]:
    """Give every measurement, for whoever wants medians or another interval."""
    return {
        "measured": [
            {"rung": one.rung, "factor": one.factor, "seed": one.seed, **asdict(one.scores)}
            | {"seconds_per_decision": one.seconds_per_decision}
            for one in found.measured
        ],
        "yardsticks": [
            {"factor": factor, "seed": seed, **asdict(stick)}
            for (factor, seed), stick in found.sticks.items()
        ],
        "beyond_knapsack": [{"factor": at, **asdict(interval)} for at, interval in verdict.beyond_knapsack],
    }


def _page(
    found: Bench, verdict: Verdict, table: ScoredTable, env: EnvSettings, settings: PpoSettings
) -> dict[str, object]:
    stick = found.sticks[1.0, 0]
    return {
        "champion": verdict.champion, "why": verdict.why, "rows": [asdict(row) for row in verdict.rows],
        "described": table.described, "seeds": settings.ladder.seeds,
        "budget_per_customer": env.budget_per_customer,
        "optimum": asdict(stick) | {"gap": (stick.dual - stick.optimum) / (stick.optimum - stick.never)},
    }  # fmt: skip
