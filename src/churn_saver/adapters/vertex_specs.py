"""A training job as Vertex AI takes it: a CustomJob, as plain values for JSON.

Needs no package of Google's, so a dry run shows exactly what would be sent.
Source: https://cloud.google.com/vertex-ai/docs/reference/rest/v1/CustomJobSpec
"""

import re
from dataclasses import dataclass

from churn_saver.config import JobsSettings
from churn_saver.config.jobs import STAGES, MachineSettings
from churn_saver.domain.jobs import Order
from churn_saver.errors import InputError, quoted

ACCOUNT = "churn-saver-train"
"""Service account that the jobs run as."""
MARK = "churn-saver"
"""Label that all our jobs bear."""
_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_REGION = re.compile(r"[a-z]+-[a-z]+[0-9]+")
_RUN = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where jobs run on Google Cloud, and in which image."""

    project: str
    region: str
    image: str

    def __post_init__(self) -> None:
        """Refuse what Google would refuse later."""
        if not _PROJECT.fullmatch(self.project):
            raise InputError(
                f"--project is {quoted(self.project)}, wanted a project id: 6 to 30 small letters, digits "
                "and '-'. Look it up: gcloud projects list"
            )
        if not _REGION.fullmatch(self.region):
            raise InputError(f"--region is {quoted(self.region)}, wanted one such as us-central1")
        if not self.image or self.image != self.image.strip():
            raise InputError(
                f"--image is {quoted(self.image)}, wanted an image such as HOST/PROJECT/REPO/train:TAG"
            )

    @property
    def parent(self) -> str:
        """Name the collection that the jobs are in."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def account(self) -> str:
        """Name the service account of the jobs."""
        return f"{ACCOUNT}@{self.project}.iam.gserviceaccount.com"


def plain_run(name: str) -> str:
    """Give the name of a run back if it can stand in labels, file names and object names.

    Raises:
        InputError: it cannot.
    """
    if not _RUN.fullmatch(name):
        raise InputError(
            f"--run is {quoted(name)}, wanted up to 40 small letters, digits and '-', a letter first"
        )
    return name


def custom_job(order: Order, settings: JobsSettings, ground: Ground) -> dict[str, object]:
    """Describe an attempt at a job.

    Vertex AI's own retries are off: an attempt that is lost has failed, and the graph begins the next one
    under another name, so that no two of them write to the same place.

    Args:
        order: Which attempt.
        settings: jobs.yaml.
        ground: Project, region and image.
    """
    (stage,) = (stage for stage in STAGES if stage == order.stage)
    machine = settings.machines[settings.stages[stage].machine]
    pool = {
        "machineSpec": _machine(machine),
        "replicaCount": "1",
        "diskSpec": {"bootDiskType": "pd-ssd", "bootDiskSizeGb": machine.disk_gb},
        "containerSpec": {
            "imageUri": ground.image,
            "command": ["churn-saver"],
            "args": list(order.arguments),
        },
    }
    return {
        "displayName": order.name,
        "jobSpec": {
            "workerPoolSpecs": [pool],
            "scheduling": {
                "timeout": f"{order.timeout_seconds}s",
                "strategy": "SPOT" if settings.spot else "STANDARD",
                "restartJobOnWorkerRestart": False,
                "disableRetries": True,
            },
            "serviceAccount": ground.account,
        },
        "labels": {
            MARK: "training",
            f"{MARK}-run": order.run,
            f"{MARK}-stage": order.stage,
            f"{MARK}-attempt": str(order.attempt),
        },
    }


def _machine(machine: MachineSettings) -> dict[str, object]:
    """Describe a machine; without an accelerator there is no word of one."""
    if machine.accelerator is None:
        return {"machineType": machine.type}
    return {
        "machineType": machine.type,
        "acceleratorType": machine.accelerator,
        "acceleratorCount": machine.accelerators,
    }
