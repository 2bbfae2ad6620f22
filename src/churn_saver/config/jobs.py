"""ops/configs/jobs.yaml: on which machines, how long and how often the training jobs are tried."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from churn_saver.config.reading import NotNegative, Positive, Settings

Stage = Literal["risk", "accept", "sft", "rm", "ppo-decision", "ppo-text"]
STAGES: tuple[Stage, ...] = ("risk", "accept", "sft", "rm", "ppo-decision", "ppo-text")
"""Each after all that it needs."""
MachineName = Literal["cpu", "gpu"]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]


class MachineSettings(Settings):
    """A machine of Vertex AI."""

    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$")]
    accelerator: Literal["NVIDIA_L4", "NVIDIA_TESLA_T4", "NVIDIA_TESLA_V100", "NVIDIA_TESLA_A100"] | None
    accelerators: Annotated[int, Field(ge=0, le=16)]
    disk_gb: Annotated[int, Field(ge=100, le=64_000)]

    @model_validator(mode="after")
    def _makes_sense(self) -> "MachineSettings":
        if (self.accelerator is None) != (self.accelerators == 0):
            raise ValueError(
                f"accelerator {self.accelerator} and accelerators {self.accelerators} do not go together, "
                "wanted both, or null and 0"
            )
        return self


class BriefFigures(Settings):
    """What the description of the project says of a job; nobody here has measured it."""

    minutes: Minutes
    dollars: NotNegative


class StageSettings(Settings):
    """One job."""

    machine: MachineName
    timeout_minutes: Minutes
    from_brief: BriefFigures


class JobsSettings(Settings):
    """ops/configs/jobs.yaml."""

    spot: bool
    attempts: Annotated[int, Field(ge=1, le=10)]
    poll_seconds: Positive
    unanswered: Annotated[int, Field(ge=0, le=10_000)]
    local_at_once: Annotated[int, Field(ge=1, le=6)]
    ladder: bool
    machines: Mapping[MachineName, MachineSettings]
    stages: Mapping[Stage, StageSettings]

    @model_validator(mode="after")
    def _is_whole(self) -> "JobsSettings":
        if missing := [stage for stage in STAGES if stage not in self.stages]:
            raise ValueError(f"stages lack {', '.join(missing)}, wanted all six")
        if absent := sorted({one.machine for one in self.stages.values()} - set(self.machines)):
            raise ValueError(f"machines lack {', '.join(absent)}, which a stage asks for")
        return self
