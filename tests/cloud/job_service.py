"""A JobService of Vertex AI on this machine, over real gRPC: its jobs end, and its calls fail, as it is told.

It reads requests and writes answers as the API's own messages, and knows nothing of who asks.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from google.cloud.aiplatform_v1 import JobServiceClient
from google.cloud.aiplatform_v1.services.job_service.transports.grpc import JobServiceGrpcTransport
from google.cloud.aiplatform_v1.types import custom_job, job_service, job_state

grpc = import_module("grpc")
"""It brings no types."""
State = job_state.JobState
LIVE = (State.JOB_STATE_PENDING, State.JOB_STATE_RUNNING)
LOOKS = 2
"""Looks after which a job has ended."""
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


class JobService:
    """Custom jobs by resource name."""

    def __init__(self) -> None:
        """Begin without jobs and without trouble."""
        self.jobs: dict[str, Any] = {}
        self.fails: set[str] = set()
        """Display names of attempts that fail."""
        self.lingers: set[str] = set()
        """Display names of attempts that run until they are cancelled."""
        self.trouble: dict[str, list[tuple[Any, bool]]] = defaultdict(list)
        """By method, for its next calls: the error, and whether the work is done all the same."""
        self.calls: list[str] = []
        self._looks: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def named(self) -> list[str]:
        """List the display names in the order in which the jobs were made."""
        return [str(job.display_name) for job in self.jobs.values()]

    def live(self) -> list[str]:
        """List the display names of jobs that have not ended."""
        return [str(job.display_name) for job in self.jobs.values() if job.state in LIVE]

    def service(self, details: Any) -> Any:
        """Find what answers a method."""
        method = details.method.rsplit("/", 1)[-1]
        kinds: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
            "CreateCustomJob": (job_service.CreateCustomJobRequest, self._create),
            "GetCustomJob": (job_service.GetCustomJobRequest, self._get),
            "ListCustomJobs": (job_service.ListCustomJobsRequest, self._list),
            "CancelCustomJob": (job_service.CancelCustomJobRequest, self._cancel),
        }
        if method not in kinds:
            return None
        kind, act = kinds[method]

        def answer(request: Any, context: Any) -> Any:
            with self._lock:
                self.calls.append(method)
                fault, is_done = self.trouble[method].pop(0) if self.trouble[method] else (None, True)
                found = act(request, context) if is_done else None
                if fault is not None:
                    context.abort(fault, "as it was told")
                return found

        def written(message: Any) -> bytes:
            return b"" if message is None else type(message).serialize(message)

        return grpc.unary_unary_rpc_method_handler(answer, kind.deserialize, written)

    def _create(self, request: Any, context: Any) -> Any:
        job, name = request.custom_job, f"{request.parent}/customJobs/{len(self.jobs) + 1}"
        job.name, job.state = name, State.JOB_STATE_PENDING
        job.create_time = _BEGAN + timedelta(seconds=len(self.jobs))
        self.jobs[name] = job
        return job

    def _get(self, request: Any, context: Any) -> Any:
        if request.name not in self.jobs:
            context.abort(grpc.StatusCode.NOT_FOUND, request.name)
        job = self.jobs[request.name]
        self._looks[request.name] += 1
        if job.state in LIVE and self._looks[request.name] >= LOOKS and job.display_name not in self.lingers:
            failed = job.display_name in self.fails
            job.state = State.JOB_STATE_FAILED if failed else State.JOB_STATE_SUCCEEDED
            if failed:
                job.error.message = "the machine was taken away"
        return job

    def _list(self, request: Any, context: Any) -> Any:
        wanted = request.filter.removeprefix('display_name="').removesuffix('"')
        found = [job for job in self.jobs.values() if job.display_name == wanted]
        return job_service.ListCustomJobsResponse(custom_jobs=found)

    def _cancel(self, request: Any, context: Any) -> None:
        job = self.jobs[request.name]
        if job.state not in LIVE:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "it has ended")
        job.state = State.JOB_STATE_CANCELLED


@contextmanager
def serving(service: JobService) -> Iterator[JobServiceClient]:
    """Serve on a free port of this machine, and give Google's own client for it."""
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield JobServiceClient(transport=JobServiceGrpcTransport(channel=channel))
    server.stop(None).wait()


def message_of(spec: str) -> Any:
    """Read a job as the API's own message; a name that it does not have is refused."""
    return custom_job.CustomJob.from_json(spec, ignore_unknown_fields=False)
