"""jobs.yaml: machines, times and tries of the training jobs."""

from typing import Any

import pytest
import yaml

from churn_saver.config import JobsSettings, parse
from churn_saver.errors import ConfigError
from tests.tiny_configs import CONFIGS

JOBS = (CONFIGS / "jobs.yaml").read_text(encoding="utf-8")


def changed(**changes: Any) -> str:
    """Give the file with other values at its top level."""
    return yaml.safe_dump(yaml.safe_load(JOBS) | changes)


def test_the_shipped_file_has_the_documented_machines_and_figures() -> None:
    """30 min and $2, 30 and 3, 120 and 30, 60 and 15, 60 and 10, 120 and 30: $90 in all."""
    settings = parse(JobsSettings, JOBS, "jobs.yaml")

    found = [
        (stage, settings.machines[one.machine].type, one.from_brief.minutes, one.from_brief.dollars)
        for stage, one in settings.stages.items()
    ]
    assert found == [
        ("risk", "n1-standard-4", 30, 2), ("accept", "n1-standard-4", 30, 3),
        ("sft", "g2-standard-4", 120, 30), ("rm", "g2-standard-4", 60, 15),
        ("ppo-decision", "n1-standard-4", 60, 10), ("ppo-text", "g2-standard-4", 120, 30),
    ]  # fmt: skip
    assert sum(dollars for *_, dollars in found) == 90


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"attempts": 0}, "attempts is 0"),
        ({"stages": {}}, "stages lack risk, accept, sft, rm, ppo-decision, ppo-text, wanted all six"),
        ({"machines": {}}, "machines lack cpu, gpu, which a stage asks for"),
        (
            {
                "machines": {
                    "cpu": {"type": "n1-standard-4", "accelerator": None, "accelerators": 1, "disk_gb": 100}
                }
            },
            "accelerator None and accelerators 1 do not go together",
        ),
        (
            {
                "machines": {
                    "cpu": {"type": "big one", "accelerator": None, "accelerators": 0, "disk_gb": 100}
                }
            },
            "type",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any], said: str) -> None:
    """With the name of the setting, and what was wanted."""
    with pytest.raises(ConfigError, match=said):
        parse(JobsSettings, changed(**changes), "jobs.yaml")
