"""Deploy and rollback with the real gcloud, against a stand-in for the API of Cloud Run."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cloud.commands import ROOT, SERVICE
from tests.cloud.gcloud_stand_in import revision
from tests.cloud.run_api import Api, Traffic, answering
from tests.cloud.test_rollout import BUILD, FORWARD, IMAGE, NEW, WELL, revision_that_says

OLD, OLDER = f"{SERVICE}-b2", f"{SERVICE}-b1"
pytestmark = pytest.mark.slow


def service(url: str, traffic: Traffic) -> Api:
    """Two revisions that are ready."""
    return Api(url, traffic, [revision(OLDER, 0), revision(OLD, 1)])


def ran(api: Api, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run the rollout with the real gcloud."""
    command = [sys.executable, "-m", "ops.scripts.rollout", *words]
    found = api.variables(folder)
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=found)


def test_a_good_revision_takes_over_in_two_changes(tmp_path: Path) -> None:
    """First a revision without traffic, then all of it: tag and memory move in the same change."""
    before: Traffic = [{"revisionName": OLD, "percent": 100}, {"revisionName": OLDER, "tag": "previous"}]
    with revision_that_says(WELL, []) as url, answering(service(url, before)) as api:
        done = ran(api, tmp_path, *FORWARD)

    assert done.returncode == 0, done.stderr
    assert api.changes == [
        [*before, {"revisionName": NEW, "tag": f"try-{BUILD[:8]}"}],
        [{"revisionName": NEW, "percent": 100}, {"revisionName": OLD, "tag": "previous"}],
    ]
    assert api.revisions[-1]["spec"]["containers"][0]["image"] == IMAGE


def test_traffic_that_followed_the_latest_revision_stays_where_it_is(tmp_path: Path) -> None:
    """As Terraform makes the service: a sick revision is the latest then, and gets nothing all the same."""
    before: Traffic = [{"revisionName": OLD, "latestRevision": True, "percent": 100}]
    sick = {**WELL, "/ready": (503, {})}
    with revision_that_says(sick, []) as url, answering(service(url, before)) as api:
        done = ran(api, tmp_path, *FORWARD)

    assert done.returncode == 1
    assert "GET /ready answered 503" in done.stderr
    assert api.changes == [
        [{"revisionName": OLD, "percent": 100}, {"revisionName": NEW, "tag": f"try-{BUILD[:8]}"}]
    ]


def test_one_change_goes_back(tmp_path: Path) -> None:
    """To the one that is remembered, whose memory is used up."""
    before: Traffic = [{"revisionName": OLD, "percent": 100}, {"revisionName": OLDER, "tag": "previous"}]
    with answering(service("http://127.0.0.1", before)) as api:
        done = ran(api, tmp_path, "back")

    assert done.returncode == 0, done.stderr
    assert api.changes == [[{"revisionName": OLDER, "percent": 100}]]
