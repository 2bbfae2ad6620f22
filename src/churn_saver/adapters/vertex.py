"""Training jobs on Vertex AI, by Google's own client.

A job is found again by its display name, which no other attempt has, and followed by its resource name.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from churn_saver.adapters import cloud
from churn_saver.adapters.vertex_specs import Ground, custom_job
from churn_saver.config import JobsSettings
from churn_saver.domain.jobs import Order, Seen
from churn_saver.errors import ConfigError, NoAnswer

ROLE = "roles/aiplatform.user"
_TIMEOUT_SECONDS = 30.0
_FAILED = {"JOB_STATE_FAILED", "JOB_STATE_EXPIRED", "JOB_STATE_PARTIALLY_SUCCEEDED"}
_WHY_LETTERS = 300


def open_vertex(ground: Ground, settings: JobsSettings) -> "VertexJobs":
    """Open the region's own endpoint with the credentials of this machine.

    Raises:
        ConfigError: the package is not installed.
        InputError: there are no credentials.
    """
    api = _package()
    with cloud.answers(ground.parent, ROLE):
        client = api.JobServiceClient(
            client_options={"api_endpoint": f"{ground.region}-aiplatform.googleapis.com"}
        )
    return VertexJobs(client, ground, settings)


class VertexJobs:
    """A place where jobs run: one region of one project."""

    def __init__(self, client: Any, ground: Ground, settings: JobsSettings) -> None:
        """Take a client.

        Args:
            client: google.cloud.aiplatform_v1.JobServiceClient
            ground: Project, region and image.
            settings: jobs.yaml.
        """
        self._client, self._ground, self._settings = client, ground, settings

    def find(self, name: str) -> str | None:
        """Look for the job of this display name; of several the first that was made."""
        asked = {"parent": self._ground.parent, "filter": f'display_name="{name}"'}
        with _patiently(name):
            found = list(self._client.list_custom_jobs(request=asked, timeout=_TIMEOUT_SECONDS, retry=None))
        there = sorted(found, key=lambda job: job.create_time)
        return str(there[0].name) if there else None

    def submit(self, order: Order) -> str:
        """Create the job; it is not tried again here, for it may have arrived although no answer came."""
        job = self._job(custom_job(order, self._settings, self._ground))
        with _patiently(order.name):
            made = self._client.create_custom_job(
                parent=self._ground.parent, custom_job=job, timeout=_TIMEOUT_SECONDS, retry=None
            )
        return str(made.name)

    def look(self, where: str) -> Seen:
        """Say how a job goes."""
        absent = cloud.package("google.api_core.exceptions").NotFound
        with _patiently(where):
            try:
                job = self._client.get_custom_job(name=where, timeout=_TIMEOUT_SECONDS, retry=None)
            except absent:
                return Seen("failed", f"{where} is gone")
        state = job.state.name
        if state == "JOB_STATE_SUCCEEDED":
            return Seen("succeeded")
        if state == "JOB_STATE_CANCELLED":
            return Seen("cancelled", "it was cancelled")
        if state in _FAILED:
            why = (job.error.message or state)[:_WHY_LETTERS]
            return Seen("failed", f"{why}; gcloud ai custom-jobs stream-logs {where}")
        return Seen("running")

    def cancel(self, where: str) -> None:
        """Ask a job to stop; one that has ended meanwhile is left alone."""
        errors = cloud.package("google.api_core.exceptions")
        with _patiently(where):
            try:
                self._client.cancel_custom_job(name=where, timeout=_TIMEOUT_SECONDS, retry=None)
            except (errors.FailedPrecondition, errors.NotFound):
                return

    def _job(self, spec: dict[str, object]) -> Any:
        """Read a description as the message that is sent; a name that it does not have is refused."""
        return _package().CustomJob.from_json(json.dumps(spec), ignore_unknown_fields=False)


@contextmanager
def _patiently(what: str) -> Iterator[None]:
    """Tell no answer, after which it is asked again, from a refusal.

    Raises:
        NoAnswer: it cannot be reached now, is busy, or took too long.
        InputError: it refused, or nobody knows who is asking.
    """
    errors = cloud.package("google.api_core.exceptions")
    auth = cloud.package("google.auth.exceptions")
    with cloud.answers(what, ROLE):
        try:
            yield
        except (errors.RetryError, errors.ServerError, errors.TooManyRequests, auth.TransportError) as error:
            raise NoAnswer(f"{what} got no answer ({type(error).__name__})") from error


def _package() -> Any:
    """Import the package of the extra `vertex`."""
    try:
        return import_module("google.cloud.aiplatform_v1")
    except ModuleNotFoundError as error:
        raise ConfigError(
            "the package google-cloud-aiplatform is not installed. Next step: pip install "
            "'churn-saver[gcp,vertex]'"
        ) from error
