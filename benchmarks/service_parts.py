"""The two parts of `service.py`: load beside bare routes, and overload of a slow engine."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.service_apps import ROUTES
from benchmarks.service_books import Page, counted, faults, read_page, told
from benchmarks.service_k6 import Run, Stage, laid_out, loaded
from benchmarks.service_limits import Report, cpu_ms, load_figures, overload_figures, ratios
from benchmarks.service_mix import asked
from benchmarks.service_processes import APPS, SERVE, Service, serving
from churn_saver.store import open_store

ROUND_SECONDS, BARE_SECONDS, PAUSE_SECONDS = 30, 10, 1
WARM_RATE, WARM_SECONDS = 20, 5
"""Before the first round; not in the figures, but in the ledger."""
ENGINE_MS, TURNS, PLACES = 20, 2, 8
"""Of the overload: what a decision's models take, decisions at a time, requests that may wait."""
OVERLOAD = 3
"""Times the capacity."""
FULL_SECONDS, OVERLOAD_SECONDS, AFTER_SECONDS = 10, 60, 15
OURS, BARE, WARM, WARM_BARE, FULL, BURST, CALM = "ours", "bare", "warm", "warm_bare", "full", "burst", "calm"
_PROBES, _LOAD, _FULL, _BURST = 0, 10, 10_000_000, 20_000_000
"""Numbers of the first requests: none is sent twice."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What both parts are measured on."""

    k6: str
    folder: Path
    url: str
    """Of the ledger."""
    customers: int
    rate: int
    seconds: int
    workers: int
    tell: Callable[[str], None]
    turns: int | None = None
    """Decisions at a time of one worker under load; None: as the service has it by itself."""


@dataclass(frozen=True, slots=True)
class Part:
    """What was found out in one part."""

    figures: Report
    faults: Sequence[str]
    """Of the ledger."""


def load(ground: Ground) -> Part:
    """Measure the service and the bare routes in turns."""
    settings = {"DATABASE_URL": ground.url, "WORKERS": str(ground.workers)}
    if ground.turns is not None:
        settings["MAX_IN_FLIGHT"] = str(ground.turns)
    bare_command = (*APPS, "bare", str(ground.folder))
    with open_store(ground.url) as store, serving(SERVE, settings, ground.folder, OURS) as ours:
        ours.wait_until_ready()
        before = counted(store)
        _sample(ours, ground)
        with serving(bare_command, {"WORKERS": settings["WORKERS"]}, ground.folder, BARE) as bare:
            bare.wait_until_open()
            stages = load_stages(ground.rate, ground.seconds, ours.url, bare.url)
            began = [one.cpu_seconds() for one in (ours, bare)]
            run = _run(ground, stages, _LOAD, repeats=True)
            ended = [one.cpu_seconds() for one in (ours, bare)]
        of = {who: [one for one in stages if one.who == who] for who in (OURS, BARE, WARM, WARM_BARE)}
        found = {who: run.answers(*some) for who, some in of.items()}
        rounds = ratios(*([run.of_stage(one) for one in of[who]] for who in (OURS, BARE)))
        figures = load_figures(found[OURS], found[BARE], sum(one.seconds for one in of[OURS]), rounds)
        decisions = told(found[OURS], found[WARM])
        decisions = range(decisions.start + len(ROUTES), decisions.stop + len(ROUTES))
        page = _page(ours)
        wrong = faults(store, before, page, decisions, datetime.now(UTC))
    figures |= {
        "cpu_ms": cpu_ms(began[0], ended[0], found[OURS].ok + found[WARM].ok),
        "bare_cpu_ms": cpu_ms(began[1], ended[1], found[BARE].ok + found[WARM_BARE].ok),
        "rounds": len(rounds), "decisions": sum(page.decisions.values()), "again": found[OURS].again,
    }  # fmt: skip
    return Part(figures, wrong)


def overload(ground: Ground) -> Part:
    """Measure the service with a slow engine: what it can do, three times that, and half of it afterwards."""
    settings = {"DATABASE_URL": ground.url, "MAX_IN_FLIGHT": str(TURNS), "MAX_WAITING": str(PLACES)}
    with (
        open_store(ground.url) as store,
        serving((*APPS, "slow", str(ENGINE_MS)), settings, ground.folder, "slow") as slow,
    ):
        slow.wait_until_ready()
        before = counted(store)
        warm, full = full_stages(min(ground.seconds, FULL_SECONDS), slow.url)
        run = _run(ground, [warm, full], _FULL, repeats=False)
        first, can = run.answers(warm), run.answers(full)
        capacity = can.ok / full.seconds
        stages = overload_stages(capacity, min(ground.seconds, OVERLOAD_SECONDS), slow.url)
        run = _run(ground, stages, _BURST, repeats=False)
        burst, calm = (run.answers(one) for one in stages)
        figures = overload_figures(capacity, burst, stages[0].seconds, run.told, calm)
        page = _page(slow)
        wrong = faults(store, before, page, told(first, can, burst, calm), datetime.now(UTC))
    figures |= {
        "capacity_rps": capacity, "engine_rps": TURNS * 1_000 / ENGINE_MS, "overload_rps": stages[0].rate,
        "overload_decisions": sum(page.decisions.values()),
    }  # fmt: skip
    return Part(figures, wrong)


def load_stages(rate: int, seconds: int, ours: str, bare: str) -> list[Stage]:
    """Lay rounds of bare and ours, in turns and two at least, behind each other."""
    rounds = max(2, round(seconds / ROUND_SECONDS))
    each = max(1, seconds // rounds)
    stages = [
        Stage(WARM_BARE, WARM_BARE, bare, 0, WARM_SECONDS, WARM_RATE),
        Stage(WARM, WARM, ours, 0, WARM_SECONDS, WARM_RATE),
    ]
    for number in range(rounds):
        for who, url, lasts in ((BARE, bare, min(each, BARE_SECONDS)), (OURS, ours, each)):
            begins = stages[-1].ends_at + PAUSE_SECONDS
            stages.append(Stage(f"{who}_{number}", who, url, begins, lasts, rate))
    return laid_out(stages)[0]


def full_stages(seconds: int, url: str) -> list[Stage]:
    """Keep every turn and as many places taken: warm first, then for so long."""
    warm = Stage(WARM, WARM, url, 0, WARM_SECONDS, callers=2 * TURNS)
    full = Stage(FULL, FULL, url, warm.ends_at + PAUSE_SECONDS, seconds, callers=2 * TURNS)
    return laid_out([warm, full])[0]


def overload_stages(capacity_rps: float, seconds: int, url: str) -> list[Stage]:
    """Ask for three times the capacity, and from the moment that this ends for half of it."""
    burst = Stage(BURST, BURST, url, 0, seconds, max(1, round(OVERLOAD * capacity_rps)))
    calm = Stage(CALM, CALM, url, seconds, AFTER_SECONDS, max(1, round(capacity_rps / 2)), is_told=True)
    return laid_out([burst, calm])[0]


def _run(ground: Ground, stages: Sequence[Stage], number: int, repeats: bool) -> Run:
    placed, n = laid_out(stages)
    ground.tell(f"{', '.join(dict.fromkeys(one.who for one in placed))}: {placed[-1].ends_at} s")
    return loaded(ground.k6, placed, asked(number, n, ground.customers, repeats), ground.folder)


def _sample(ours: Service, ground: Ground) -> None:
    """Keep one answer of each route, for the bare routes to give."""
    for one in asked(_PROBES, 10, ground.customers, repeats=False):
        path = ground.folder / one.path.removeprefix("/")
        if path.exists():
            continue
        answer = ours.post(one.path, one.body)
        if answer.status != 200 or json.loads(answer.body)["metadata"]["degraded"]:
            raise SystemExit(f"service: {one.path} was answered {answer.status}: {answer.body.decode()}")
        path.write_bytes(answer.body)


def _page(service: Service) -> Page:
    return read_page(service.get("/metrics").body.decode())
