"""A training job as Vertex AI takes it; that the API reads it is shown in tests/cloud."""

import pytest
import yaml

from churn_saver.adapters.vertex_specs import Ground, custom_job, plain_run
from churn_saver.config import JobsSettings
from churn_saver.domain.jobs import Order
from churn_saver.errors import InputError
from tests.tiny_configs import CONFIGS

RAW = yaml.safe_load((CONFIGS / "jobs.yaml").read_text())
GROUND = Ground("my-project", "europe-west4", "host/my-project/repo/train:1")


def test_a_job_of_the_text_models_has_its_gpu() -> None:
    """Worked by hand from jobs.yaml: an L4, eight hours, spot, no retries but ours."""
    order = Order("r", "sft", 2, ("jobs", "run", "sft"), 28_800)

    assert custom_job(order, JobsSettings.model_validate(RAW), GROUND) == {
        "displayName": "churn-saver-r-sft-2",
        "jobSpec": {
            "workerPoolSpecs": [
                {
                    "machineSpec": {
                        "machineType": "g2-standard-4", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1,
                    },
                    "replicaCount": "1",
                    "diskSpec": {"bootDiskType": "pd-ssd", "bootDiskSizeGb": 100},
                    "containerSpec": {
                        "imageUri": "host/my-project/repo/train:1", "command": ["churn-saver"],
                        "args": ["jobs", "run", "sft"],
                    },
                }
            ],
            "scheduling": {
                "timeout": "28800s", "strategy": "SPOT", "restartJobOnWorkerRestart": False,
                "disableRetries": True,
            },
            "serviceAccount": "churn-saver-train@my-project.iam.gserviceaccount.com",
        },
        "labels": {
            "churn-saver": "training", "churn-saver-run": "r", "churn-saver-stage": "sft",
            "churn-saver-attempt": "2",
        },
    }  # fmt: skip


def test_one_word_of_the_settings_decides_about_spot() -> None:
    """spot: false."""
    settings = JobsSettings.model_validate(RAW | {"spot": False})

    assert '"STANDARD"' in str(custom_job(Order("r", "rm", 1, (), 60), settings, GROUND)).replace("'", '"')


def test_where_the_jobs_are() -> None:
    """Their collection, and whom they run as."""
    assert GROUND.parent == "projects/my-project/locations/europe-west4"
    assert GROUND.account == "churn-saver-train@my-project.iam.gserviceaccount.com"


@pytest.mark.parametrize(
    ("project", "region", "image", "said"),
    [
        ("My Project", "us-central1", "i", "--project is 'My Project', wanted a project id"),
        ("my-project", "us", "i", "--region is 'us', wanted one such as us-central1"),
        ("my-project", "us-central1", "", "--image is ''"),
    ],
)
def test_what_google_would_refuse_later_is_refused_now(
    project: str, region: str, image: str, said: str
) -> None:
    """With the option that is wrong."""
    with pytest.raises(InputError, match=said):
        Ground(project, region, image)


@pytest.mark.parametrize("name", ["", "Run", "1st", "a/b", "..", "a" * 41, "a_b"])
def test_a_run_whose_name_cannot_stand_everywhere_is_refused(name: str) -> None:
    """It becomes a label, a folder and part of object names."""
    with pytest.raises(InputError, match="--run is"):
        plain_run(name)

    assert plain_run("run-20261123") == "run-20261123"
