"""Training jobs on Vertex AI: Google's own client and messages against a JobService on this machine.

What Google itself would say to a job (quota, a machine that a region does not have, a missing image) only
Google can tell.
"""

import json
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("google.cloud.aiplatform_v1", reason="the extra vertex is not installed")

from churn_saver.adapters.vertex import VertexJobs
from churn_saver.adapters.vertex_specs import Ground, custom_job
from churn_saver.cli import app
from churn_saver.cli.job_running import RUNS, Wish, call_off, follow, settings_of
from churn_saver.config import JobsSettings
from churn_saver.domain.jobs import Order, Seen
from churn_saver.errors import InputError, NoAnswer, TrainingError
from churn_saver.pipeline.jobs_file import Kept, Target, read_state
from churn_saver.pipeline.jobs_runner import Backend
from tests.cloud.job_service import JobService, message_of, serving
from tests.job_runs import ends
from tests.tiny_configs import CONFIGS

grpc, json_format = import_module("grpc"), import_module("google.protobuf.json_format")
"""They bring no types."""
GROUND = Ground("my-project", "us-central1", "us-central1-docker.pkg.dev/my-project/repo/train:1")
ORDER = Order("r", "sft", 1, ("jobs", "run", "sft"), 600)
BROKEN, FORBIDDEN = grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.PERMISSION_DENIED
SIX = ("risk", "accept", "sft", "rm", "ppo-decision", "ppo-text")


class Killed(BaseException):
    """The process of the runner ended here."""


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with tables and the shipped settings, but for the pause between two looks."""
    (tmp_path / "configs").mkdir()
    for path in CONFIGS.glob("*.yaml"):
        (tmp_path / "configs" / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    jobs = yaml.safe_load((CONFIGS / "jobs.yaml").read_text()) | {"poll_seconds": 0.01, "unanswered": 5}
    (tmp_path / "configs" / "jobs.yaml").write_text(yaml.safe_dump(jobs))
    (tmp_path / "data").mkdir()
    for name in ("churn_train.csv", "accept_train.csv"):
        (tmp_path / "data" / name).write_text("one row\n")
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def service() -> JobService:
    """Give a service without jobs."""
    return JobService()


@pytest.fixture
def place(service: JobService) -> Iterator[VertexJobs]:
    """Give our own use of the client."""
    shipped = JobsSettings.model_validate(yaml.safe_load((CONFIGS / "jobs.yaml").read_text()))
    with serving(service) as client:
        yield VertexJobs(client, GROUND, shipped)


def trained(place: Backend, workplace: Path, only: tuple[str, ...] = ()) -> Kept:
    """Follow run `r`, its trees in a folder."""
    target = Target("vertex", str(workplace / "trees"), GROUND.project, GROUND.region, GROUND.image)
    return follow(Wish("r", only, workplace / "data"), target, settings_of(), lambda *_: place)


def test_six_jobs_run_in_their_order(place: VertexJobs, service: JobService, workplace: Path) -> None:
    """The reward model after the fine-tuned one, as rm.yaml says; each named after run, stage and attempt."""
    kept = trained(place, workplace)

    made = service.named()
    assert ends(kept.run) == dict.fromkeys(SIX, ("succeeded", 1))
    assert sorted(made) == sorted(f"churn-saver-r-{stage}-1" for stage in SIX)
    order = {name.removeprefix("churn-saver-r-").removesuffix("-1"): n for n, name in enumerate(made)}
    assert max(order["risk"], order["accept"]) < order["ppo-decision"]
    assert order["sft"] < order["rm"] < order["ppo-text"]


def test_the_jobs_are_those_of_the_documentation(
    place: VertexJobs, service: JobService, workplace: Path
) -> None:
    """Machines, spot, no retries but ours, service account, labels, and what each job begins with."""
    trained(place, workplace)

    jobs = {job.labels["churn-saver-stage"]: job for job in service.jobs.values()}
    for stage, job in jobs.items():
        (pool,) = job.job_spec.worker_pool_specs
        is_text = stage in ("sft", "rm", "ppo-text")
        assert pool.machine_spec.machine_type == ("g2-standard-4" if is_text else "n1-standard-4")
        assert pool.machine_spec.accelerator_type.name == (
            "NVIDIA_L4" if is_text else "ACCELERATOR_TYPE_UNSPECIFIED"
        )
        assert (pool.machine_spec.accelerator_count, pool.replica_count) == (int(is_text), 1)
        assert job.job_spec.scheduling.strategy.name == "SPOT"
        assert job.job_spec.scheduling.disable_retries
        assert job.job_spec.service_account == "churn-saver-train@my-project.iam.gserviceaccount.com"
        assert pool.container_spec.args[:3] == ["jobs", "run", stage]
    takes = [
        word
        for word in jobs["ppo-decision"].job_spec.worker_pool_specs[0].container_spec.args
        if "/1" in word
    ]
    assert takes == ["risk/1", "accept/1"]


def test_a_failed_attempt_is_followed_by_another(
    place: VertexJobs, service: JobService, workplace: Path
) -> None:
    """A machine that was taken away costs one attempt; what comes after takes the second one's tree."""
    service.fails = {"churn-saver-r-accept-1"}

    kept = trained(place, workplace)

    assert ends(kept.run)["accept"] == ("succeeded", 2)
    policy = next(job for job in service.jobs.values() if job.labels["churn-saver-stage"] == "ppo-decision")
    assert "accept/2" in policy.job_spec.worker_pool_specs[0].container_spec.args


@pytest.mark.parametrize("lost", SIX)
def test_the_loss_of_any_job_is_survived(
    place: VertexJobs, service: JobService, workplace: Path, lost: str
) -> None:
    """Its first attempt vanishes from the service altogether."""
    service.lingers = {f"churn-saver-r-{lost}-1"}
    look = place.look

    def forgetful(where: str) -> Seen:
        if service.jobs[where].display_name in service.lingers:
            del service.jobs[where]
        return look(where)

    place.look = forgetful  # type: ignore[method-assign]
    kept = trained(place, workplace)

    assert ends(kept.run) == {stage: ("succeeded", 2 if stage == lost else 1) for stage in SIX}


def test_a_job_that_fails_for_good_stops_what_depends_on_it(
    place: VertexJobs, service: JobService, workplace: Path
) -> None:
    """Three attempts, then it is said; the same command tries again, and only what did not succeed."""
    service.fails = {f"churn-saver-r-risk-{attempt}" for attempt in (1, 2, 3)}

    with pytest.raises(
        TrainingError, match=r"(?s)2 of 6 jobs .*risk failed: the machine was taken away.*not started"
    ):
        trained(place, workplace)
    before = len(service.jobs)
    kept = trained(place, workplace)

    assert ends(kept.run)["risk"] == ("succeeded", 4)
    assert ends(kept.run)["ppo-decision"] == ("succeeded", 1)
    assert len(service.jobs) == before + 2


@pytest.mark.parametrize("is_done", [False, True])
def test_a_call_without_an_answer_is_asked_again_and_makes_no_second_job(
    place: VertexJobs, service: JobService, workplace: Path, is_done: bool
) -> None:
    """Whether the lost call had done its work or not: of each name there is one job."""
    for method in ("CreateCustomJob", "GetCustomJob", "ListCustomJobs"):
        service.trouble[method] = [(BROKEN, is_done)] * 3

    kept = trained(place, workplace)

    assert ends(kept.run) == dict.fromkeys(SIX, ("succeeded", 1))
    assert len(service.named()) == len(set(service.named())) == 6


def test_a_service_that_stays_away_is_given_up_and_the_run_goes_on_later(
    place: VertexJobs, service: JobService, workplace: Path
) -> None:
    """The jobs that were handed over are found again, none is made twice."""
    service.trouble["GetCustomJob"] = [(BROKEN, False)] * 1_000

    with pytest.raises(NoAnswer, match="run r could not be followed, 6 times in a row"):
        trained(place, workplace)
    service.trouble.clear()
    kept = trained(place, workplace)

    assert ends(kept.run) == dict.fromkeys(SIX, ("succeeded", 1))
    assert len(service.jobs) == 6


def test_a_refusal_ends_the_command_at_once(place: VertexJobs, service: JobService, workplace: Path) -> None:
    """Another try would be refused too; the role that is missing is named."""
    service.trouble["CreateCustomJob"] = [(FORBIDDEN, False)]

    with pytest.raises(InputError, match=r"may not do that .*roles/aiplatform\.user"):
        trained(place, workplace)

    assert service.calls.count("CreateCustomJob") == 1


@pytest.mark.parametrize("method", ["CreateCustomJob", "GetCustomJob", "ListCustomJobs"])
@pytest.mark.parametrize("calls", [1, 3])
def test_the_runner_is_killed_and_another_one_finds_its_jobs(
    place: VertexJobs, service: JobService, workplace: Path, method: str, calls: int
) -> None:
    """After the call has done its work and before a word of it is written down."""
    left = [calls]
    names = {"CreateCustomJob": "submit", "GetCustomJob": "look", "ListCustomJobs": "find"}
    act = getattr(place, names[method])

    def deadly(what: Any) -> Any:
        found = act(what)
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return found

    setattr(place, names[method], deadly)
    with pytest.raises(Killed):
        trained(place, workplace)
    kept = trained(place, workplace)

    assert ends(kept.run) == dict.fromkeys(SIX, ("succeeded", 1))
    assert len(service.named()) == len(set(service.named())) == 6


def test_a_run_is_cancelled(
    place: VertexJobs, service: JobService, workplace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs that run are asked to stop, what waits never starts; afterwards the run can be taken up again."""
    service.lingers = {f"churn-saver-r-{stage}-1" for stage in SIX}
    submit, left = place.submit, [3]

    def deadly(order: Order) -> str:
        where = submit(order)
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return where

    monkeypatch.setattr(place, "submit", deadly)
    with pytest.raises(Killed):
        trained(place, workplace)
    monkeypatch.setattr("churn_saver.cli.job_running.open_vertex", lambda *_: place)
    run = call_off("r")

    assert {state for state, _ in ends(run).values()} == {"cancelled"}
    assert service.live() == []
    assert len(service.jobs) == 3
    monkeypatch.setattr(place, "submit", submit)
    service.lingers = set()
    assert {state for state, _ in ends(trained(place, workplace).run).values()} == {"succeeded"}


def test_a_job_that_has_ended_is_not_cancelled_again(place: VertexJobs, service: JobService) -> None:
    """The service refuses it, which is fine."""
    where = place.submit(ORDER)
    place.cancel(where)

    place.cancel(where)

    assert place.look(where) == Seen("cancelled", "it was cancelled")


def test_of_two_jobs_of_one_name_the_first_is_followed(place: VertexJobs, service: JobService) -> None:
    """Nobody of ours makes a second one, but somebody might by hand."""
    first = place.submit(ORDER)
    place.submit(ORDER)

    assert place.find(ORDER.name) == first
    assert place.find("churn-saver-r-sft-2") is None


def test_a_state_is_kept_of_every_step(place: VertexJobs, service: JobService, workplace: Path) -> None:
    """What is on disk in the end is what was returned."""
    kept = trained(place, workplace, ("risk",))

    assert read_state(RUNS / "r") == kept
    assert service.named() == ["churn-saver-r-risk-1"]


def test_a_dry_run_prints_six_jobs_that_the_api_reads(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the brief's figures, labelled so, beside them: 420 minutes one after the other, 90 dollars."""
    app(
        [
            "jobs",
            "submit",
            "--project",
            "my-project",
            "--region",
            "us-central1",
            "--bucket",
            "b",
            "--dry-run",
        ],
        standalone_mode=False,
    )

    printed = capsys.readouterr()
    specs = json.loads(printed.out)
    assert [message_of(json.dumps(spec)).labels["churn-saver-stage"] for spec in specs] == list(SIX)
    assert "From the brief" in printed.err
    assert "420" in printed.err
    assert "90" in printed.err
    assert not (workplace / "var").exists()


def test_the_script_is_the_command_with_two_words_less(tmp_path: Path) -> None:
    """PROJECT and REGION in their places, all else passed on; without them it says how it is called."""
    script = str(CONFIGS.parent / "scripts" / "submit_training_jobs.sh")

    done = subprocess.run(
        [script, "my-project", "us-central1", "--dry-run", "--only", "rm", "--run", "autumn"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    bare = subprocess.run([script, "my-project"], capture_output=True, text=True, check=False)

    assert [spec["displayName"] for spec in json.loads(done.stdout)] == ["churn-saver-autumn-rm-1"]
    assert bare.returncode == 2
    assert "PROJECT REGION" in bare.stderr


def test_a_misspelt_field_is_refused(place: VertexJobs) -> None:
    """The very check that each of our specifications passes."""
    settings = JobsSettings.model_validate(yaml.safe_load((CONFIGS / "jobs.yaml").read_text()))
    spec = custom_job(ORDER, settings, GROUND)
    spec["jobSpecs"] = spec.pop("jobSpec")

    with pytest.raises(json_format.ParseError, match="jobSpecs"):
        message_of(json.dumps(spec))
