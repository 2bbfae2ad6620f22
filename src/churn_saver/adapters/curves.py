"""Write the curves of a training as TensorBoard events, while it runs.

Each session writes a file of its own: what a killed one left half-written harms nothing behind it. A
resumed session says where it goes on, and TensorBoard drops what the last one had drawn from there.
Reads no event and knows nothing of what learns.
Source: tensorflow/tensorboard `tensorboard/backend/event_processing/plugin_event_accumulator.py`
(`_CheckForRestartAndMaybePurge`).
"""

import time
from collections.abc import Callable, Mapping
from math import isnan
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from churn_saver.errors import ConfigError, InputError

Tags: TypeAlias = Mapping[str, tuple[str, str]]
"""Group and meaning by the name of a curve."""

TAGS: Tags = {
    "reward": ("campaign", "Mean of the episodes that ended, currency units"),
    "spend": ("campaign", "Mean of the episodes that ended, currency units"),
    "over_cap": ("campaign", "Contacts above the cap, mean of the episodes that ended"),
    "regret_pct": ("campaign", "Lagrangian regret by exact evaluation, % of the attainable gain"),
    "price": ("multipliers", "λ of the budget"),
    "cap_price": ("multipliers", "λ of the cap"),
    "entropy": ("update", "Of contact and offer, nats, mean over decisions"),
    "kl": ("update", "Old policy against new, mean over decisions"),
    "clip_fraction": ("update", "Share of ratios outside the clip"),
    "policy_loss": ("update", "Clipped surrogate"),
    "value_loss": ("update", "Squared error of the values, bills squared"),
    "gradient_norm": ("update", "Before clipping"),
    "learning_rate": ("update", "Of Adam"),
}
"""Those of the decision policy; docs/metrics.md defines them."""
_REGRET = "regret_pct"


class Curves:
    """An open file of events; a context manager that closes it."""

    def __init__(
        self,
        folder: Path,
        first_iteration: int = 1,
        clock: Callable[[], float] = time.time,
        tags: Tags = TAGS,
        extra: str = "rl",
    ) -> None:
        """Begin a session.

        Args:
            folder: Of the run; sessions of one run share it.
            first_iteration: That this session will write; above 1 it goes on where another stopped.
            clock: Seconds since 1970.
            tags: Which curves there are; those of the decision policy, unless told.
            extra: That tensorboard comes with.

        Raises:
            ConfigError: tensorboard is not installed; names the extra.
            InputError: the folder cannot be written to.
        """
        try:
            from tensorboard.compat.proto import event_pb2, summary_pb2
            from tensorboard.summary.writer.record_writer import RecordWriter
        except ImportError as error:
            raise ConfigError(
                f"curves need tensorboard: {error}. Next step: pip install 'churn-saver[{extra}]'"
            ) from error
        self._events, self._summaries, self._clock, self._tags = event_pb2, summary_pb2, clock, tags
        self._described: set[str] = set()
        self.file = folder / f"events.out.tfevents.{clock():017.6f}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._records = RecordWriter(self.file.open("xb"))
        except OSError as error:
            raise InputError(
                f"{self.file} cannot be written ({error.strerror}). Name another folder for the curves."
            ) from error
        self._write(event_pb2.Event(file_version="brain.Event:2"))
        # In every session: TensorBoard takes a run's first such mark for its beginning, and drops at others.
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._write(event_pb2.Event(step=first_iteration, session_log=start))

    def write(self, point: Mapping[str, float]) -> None:
        """Write one iteration; it can be seen at once.

        Args:
            point: `iteration` and any of the curves by name, as of `dataclasses.asdict`. What is NaN was
                not measured and is left out, and so is what is no curve.
        """
        known = {name: float(point[name]) for name in self._tags if name in point}
        values = [self._value(name, value) for name, value in known.items() if not isnan(value)]
        summary = self._summaries.Summary(value=values)
        self._write(self._events.Event(step=int(point["iteration"]), summary=summary))

    def regret(self, iteration: int, regret_pct: float) -> None:
        """Write a regret, measured now and then."""
        self.write({"iteration": iteration, _REGRET: regret_pct})

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return bool(self._records.closed)

    def close(self) -> None:
        """Close the file; once is enough, twice does no harm."""
        self._records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _value(self, name: str, value: float) -> Any:
        """Make a point of a curve; the first one carries the meaning, which TensorBoard shows beside it."""
        group, meaning = self._tags[name]
        point = self._summaries.Summary.Value(tag=f"{group}/{name}", simple_value=value)
        if name not in self._described:
            point.metadata.summary_description = meaning
            point.metadata.plugin_data.plugin_name = "scalars"
            self._described.add(name)
        return point

    def _write(self, event: Any) -> None:
        event.wall_time = self._clock()
        self._records.write(event.SerializeToString())
        self._records.flush()
