"""Deploy and rollback, run with a stand-in for gcloud; the smoke test meets the real service too."""

import json
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from churn_saver.config import environment
from churn_saver.serve.keys import Role, access_of, new_key
from churn_saver.store import open_store
from ops.rollout.cloud_run import Refused, Revision, State, Target
from ops.rollout.smoke import ASKS_FOR_A_KEY
from ops.scripts.rollout import SAMPLES, earlier
from tests.cloud.commands import ROOT, SERVICE, desk
from tests.cloud.terraform import MODULE
from tests.workers import two_workers

IMAGE = "us-central1-docker.pkg.dev/a-project/churn-saver-repo/app@sha256:" + "1" * 64
BUILD = "1a2b3c4d-0000-4000-8000-000000000000"
NEW, OLD = f"{SERVICE}-b1a2b3c4d", f"{SERVICE}-b2"
WELL: Mapping[str, tuple[int, object]] = {
    "/health": (200, {"status": "ok"}),
    "/ready": (200, {"status": "ready"}),
    "/retain": (200, {"decision": {"contact": False}, "metadata": {"reasons": ["opted_out"]}}),
}
FORWARD = ("forward", f"--build={BUILD}", "--patience=0", IMAGE)


@contextmanager
def revision_that_says(answers: Mapping[str, tuple[int, object]], seen: list[str]) -> Iterator[str]:
    """Answer at an address of this machine, and note the tokens that are shown."""

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        def do_GET(self) -> None:
            """Say what is said at this path."""
            seen.append(self.headers["Authorization"])
            status, body = answers[self.path]
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_POST(self) -> None:
            """Take what is sent, and say the same."""
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_good_revision_takes_over_after_its_smoke_test(tmp_path: Path) -> None:
    """Made without traffic, asked with a token for the service, then 100 %; the one before is remembered."""
    seen: list[str] = []
    with revision_that_says(WELL, seen) as url:
        books = desk(tmp_path / "desk", tagged_url=url)
        done = books.rollout(*FORWARD)

    made = books.told("gcloud", "run", "services", "update")
    moved = books.told("gcloud", "run", "services", "update-traffic")
    assert done.returncode == 0, done.stderr
    assert [call[4:9] for call in made] == [
        [SERVICE, f"--image={IMAGE}", "--revision-suffix=b1a2b3c4d", "--tag=try-1a2b3c4d", "--no-traffic"]
    ]
    assert [call[4:8] for call in moved] == [
        [SERVICE, f"--to-revisions={NEW}=100", f"--update-tags=previous={OLD}", "--remove-tags=try-1a2b3c4d"]
    ]
    assert (books.traffic, books.tags) == ({NEW: 100}, {"previous": OLD})
    assert books.told("gcloud", "auth", "print-identity-token", "--audiences=https://service.test")
    assert seen == ["Bearer a-token"] * 3
    assert books.told("gcloud", "run", "jobs", "update", f"{SERVICE}-dispatch", f"--image={IMAGE}")
    assert "a-token" not in done.stdout + done.stderr


SICK: list[tuple[str, tuple[int, object], str]] = [
    ("/health", (404, {}), "GET /health answered 404"),
    ("/ready", (503, {"status": "not ready"}), "GET /ready answered 503"),
    ("/ready", (200, {"status": "odd"}), "wanted status ready"),
    ("/ready", (200, ["ready"]), "wanted status ready"),
    ("/retain", (403, {"detail": "who are you"}), "POST /retain answered 403"),
    ("/retain", (401, {"detail": "no token"}), "POST /retain answered 401"),
    ("/ready", (401, ASKS_FOR_A_KEY), "GET /ready answered 401"),
    ("/retain", (500, {}), "POST /retain answered 500"),
    ("/retain", (200, {"decision": {"contact": True}, "metadata": {"reasons": []}}), "wanted no contact"),
    ("/retain", (200, {"decision": {"contact": False}, "metadata": {"reasons": []}}), "wanted no contact"),
    ("/retain", (200, {}), "wanted no contact"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "answer", "told"), SICK)
def test_a_sick_revision_gets_no_traffic(
    tmp_path: Path, path: str, answer: tuple[int, object], told: str
) -> None:
    """Exit code 1, the fault named, traffic where it was, and the tag stays on what failed."""
    with revision_that_says({**WELL, path: answer}, []) as url:
        books = desk(tmp_path / "desk", tagged_url=url)
        done = books.rollout(*FORWARD)

    assert done.returncode == 1
    assert told in done.stderr
    assert f"All traffic stays at {OLD}." in done.stderr
    assert not books.told("gcloud", "run", "services", "update-traffic")
    assert not books.told("gcloud", "run", "jobs", "update")
    assert (books.traffic, books.tags) == ({OLD: 100}, {"try-1a2b3c4d": NEW})


def test_a_service_that_asks_for_a_key_itself_is_well(tmp_path: Path) -> None:
    """Open to everybody, it refuses the token of a build in its own words: that counts, and traffic moves."""
    said = {"AUTH_MODE": "keys", "API_KEYS": f"crm decide sha256:{'1' * 64}"}
    with pytest.raises(HTTPException, match=ASKS_FOR_A_KEY["detail"]) as refused:
        access_of(environment(said)).admit({"Authorization": "Bearer a-token"}, Role.DECIDE)
    asks = {"detail": refused.value.detail}
    with revision_that_says({**WELL, "/retain": (401, asks)}, []) as url:
        books = desk(tmp_path / "desk", tagged_url=url)
        done = books.rollout(*FORWARD)

    assert refused.value.status_code == 401
    assert done.returncode == 0, done.stderr
    assert books.traffic == {NEW: 100}


def test_a_revision_that_answers_nobody_gets_no_traffic(tmp_path: Path) -> None:
    """Nothing listens at its address."""
    with revision_that_says(WELL, []) as url:
        books = desk(tmp_path / "desk", tagged_url=url)
    done = books.rollout(*FORWARD)

    assert done.returncode == 1
    assert "GET /health got no answer" in done.stderr
    assert books.traffic == {OLD: 100}


def test_a_token_is_shown_to_https_only(tmp_path: Path) -> None:
    """Elsewhere than on this machine an address without TLS is not asked."""
    books = desk(tmp_path / "desk", tagged_url="http://service.test")
    done = books.rollout(*FORWARD)

    assert done.returncode == 1
    assert "a token is shown to no other" in done.stderr


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("gcloud run services describe", "cannot find service"),
        ("gcloud run services update", "the container failed to start"),
        ("gcloud auth", "no right to draw a token"),
    ],
)
def test_a_refusal_of_google_ends_the_rollout(tmp_path: Path, command: str, told: str) -> None:
    """What gcloud says is handed on, and no traffic moves."""
    books = desk(tmp_path / "desk", refuses={command: told})
    done = books.rollout(*FORWARD)

    assert done.returncode == 1
    assert told in done.stderr
    assert books.traffic == {OLD: 100}


def test_a_service_without_a_dispatcher_is_deployed_all_the_same(tmp_path: Path) -> None:
    """The job is optional: where there is none, nothing is changed, and it is said."""
    with revision_that_says(WELL, []) as url:
        books = desk(tmp_path / "desk", tagged_url=url, refuses={"gcloud run jobs": "cannot find job"})
        done = books.rollout(*FORWARD)

    assert done.returncode == 0
    assert "is not there or may not be changed: left as it is" in done.stdout


def test_an_image_is_read_from_the_file_that_a_push_wrote(tmp_path: Path) -> None:
    """What was pushed is deployed by its digest, not by a tag that may move."""
    books = desk(tmp_path / "desk", refuses={"gcloud run services update": "enough"})
    image = "us-central1-docker.pkg.dev/a-project/churn-saver-repo/app"
    pushed = books.run("bash", "ops/scripts/push.sh", f"{image}:{BUILD}", str(tmp_path / "app.image"))
    books.rollout("forward", f"--build={BUILD}", "--patience=0", f"@{tmp_path / 'app.image'}")

    assert pushed.returncode == 0
    assert books.told("docker") == [
        ["docker", "push", f"{image}:{BUILD}"],
        ["docker", "inspect", "--format", "{{index .RepoDigests 0}}", f"{image}:{BUILD}"],
    ]
    assert books.told("gcloud", "run", "services", "update", SERVICE, f"--image={IMAGE}")


def test_the_latest_images_are_those_of_one_build(tmp_path: Path) -> None:
    """Both names move; when the first cannot, the second does not either."""
    books = desk(tmp_path / "desk")
    done = books.run("bash", "ops/scripts/latest.sh", "host/p/r", BUILD)
    books.change(refuses={"gcloud artifacts": "denied"})
    denied = books.run("bash", "ops/scripts/latest.sh", "host/p/r", BUILD)

    first = ["gcloud", "artifacts", "docker", "tags", "add"]
    app, train = (
        [*first, f"host/p/r/{image}:{BUILD}", f"host/p/r/{image}:latest", "--quiet"]
        for image in ("app", "train")
    )
    assert (done.returncode, denied.returncode) == (0, 1)
    assert books.calls == [app, train, app]


@pytest.mark.parametrize("script", ["push.sh", "latest.sh"])
def test_a_script_without_its_words_says_how_it_is_called(tmp_path: Path, script: str) -> None:
    """And does nothing."""
    books = desk(tmp_path / "desk")
    done = books.run("bash", f"ops/scripts/{script}", "one")

    assert (done.returncode, books.calls) == (2, [])
    assert done.stderr.startswith(f"usage: {script} ")


def test_a_push_that_fails_ends_there(tmp_path: Path) -> None:
    """No digest is written down."""
    books = desk(tmp_path / "desk", refuses={"docker push": "denied"})
    done = books.run("bash", "ops/scripts/push.sh", "repository/app:1", str(tmp_path / "app.image"))

    assert done.returncode == 1
    assert not (tmp_path / "app.image").exists()


@pytest.mark.slow
def test_the_smoke_test_is_passed_by_the_real_service(tmp_path: Path) -> None:
    """Its one decision is recorded like any other, contacts nobody, reserves nothing."""
    key, line = new_key("build", Role.DECIDE)
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    variables = {"DATABASE_URL": ledger, "API_KEYS": line, "MAX_WAIT_MS": "60000"}
    with two_workers(tmp_path, variables) as (url, _):
        books = desk(tmp_path / "desk", tagged_url=url, token=key)
        done = books.rollout(*FORWARD)
    with open_store(ledger) as store:
        recorded = [name for columns in store.records() for name in columns["decision_id"]]
        money = store.verify("default", store.campaigns.get("default").starts_at)

    assert done.returncode == 0, done.stderr
    assert books.traffic == {NEW: 100}
    assert len(recorded) == 1
    assert (money.reserved_minor, money.spent_minor) == (0, 0)


B = [f"{SERVICE}-b{number}" for number in range(5)]
WAYS_BACK = [
    # Who had the traffic before is remembered, whatever else is younger.
    (dict.fromkeys(B, True), B[4], {"previous": B[1]}, B[1]),
    # A memory that is not ready, or that serves already, is no help: the newest older one that is ready.
    ({B[0]: True, B[1]: True, B[2]: False, B[3]: True}, B[3], {"previous": B[2]}, B[1]),
    (dict.fromkeys(B, True), B[3], {"previous": B[3]}, B[2]),
    # Without a memory: older than what serves, ready, and not one that failed its smoke test.
    (dict.fromkeys(B, True), B[4], {}, B[3]),
    (dict.fromkeys(B, True), B[4], {"try-3": B[3], "other": B[2]}, B[2]),
    (dict.fromkeys(B, True), B[2], {}, B[1]),
]


@pytest.mark.parametrize(("revisions", "serving", "tags", "wanted"), WAYS_BACK)
def test_rollback_finds_the_revision_before(
    tmp_path: Path, revisions: dict[str, bool], serving: str, tags: dict[str, str], wanted: str
) -> None:
    """One command, one change of traffic; the memory is used up and the dispatcher follows."""
    books = desk(tmp_path / "desk", serving, revisions, tags)
    done = books.run("bash", "ops/scripts/rollback.sh", GCP_PROJECT_ID="a-project")

    assert done.returncode == 0, done.stderr
    assert len(books.told("gcloud", "run", "services", "update-traffic")) == 1
    assert books.traffic == {wanted: 100}
    assert "previous" not in books.tags
    assert {tag: name for tag, name in tags.items() if tag != "previous"} == books.tags
    assert books.told(
        "gcloud", "run", "jobs", "update", f"{SERVICE}-dispatch", f"--image=repository/app@{wanted}"
    )


def test_no_way_back_leads_to_the_sample_of_google() -> None:
    """It answers 200 to everything and decides nothing; the first deploy has nothing before it."""
    sample = Revision(B[0], "2026-11-01T08:00:00Z", True, f"{SAMPLES}hello@sha256:{'1' * 64}")
    ours = Revision(B[1], "2026-11-02T08:00:00Z", True, IMAGE)
    state = State("https://service.test", (Target(B[1], 100, "", ""), Target(B[0], 0, "previous", "")))

    with pytest.raises(Refused, match=f"no revision before {B[1]}"):
        earlier(state, [ours, sample])
    with pytest.raises(Refused, match=f"revision {B[0]} is not there or not ready"):
        earlier(state, [ours, sample], B[0])
    for image in ("hello", "job"):
        assert f'"{SAMPLES}{image}"' in "".join(path.read_text() for path in MODULE.glob("*.tf"))


def test_rollback_twice_goes_back_twice(tmp_path: Path) -> None:
    """The second one does not return to what the first one left."""
    books = desk(tmp_path / "desk", B[4], B, {"previous": B[3]})
    for wanted in (B[3], B[2], B[1]):
        books.run("bash", "ops/scripts/rollback.sh", GCP_PROJECT_ID="a-project")

        assert books.traffic == {wanted: 100}


def test_no_way_back_leads_to_what_failed(tmp_path: Path) -> None:
    """A good deploy, one that fails, a good one: the way back skips the one that failed, twice."""
    other = "2b2b2b2b-0000-4000-8000-000000000000"
    third = "3c3c3c3c-0000-4000-8000-000000000000"
    with revision_that_says(WELL, []) as well, revision_that_says({**WELL, "/ready": (503, {})}, []) as sick:
        books = desk(tmp_path / "desk", tagged_url=well)
        codes = [books.rollout(*FORWARD).returncode]
        books.change(tagged_url=sick)
        codes.append(books.rollout("forward", f"--build={other}", "--patience=0", IMAGE).returncode)
        books.change(tagged_url=well)
        codes.append(books.rollout("forward", f"--build={third}", "--patience=0", IMAGE).returncode)
    after = [books.traffic]
    for _ in range(2):
        codes.append(books.rollout("back").returncode)
        after.append(books.traffic)

    assert codes == [0, 1, 0, 0, 0]
    assert after == [{f"{SERVICE}-b3c3c3c3c": 100}, {NEW: 100}, {OLD: 100}]
    assert books.tags == {"try-2b2b2b2b": f"{SERVICE}-b2b2b2b2b"}


def test_rollback_goes_to_the_revision_that_is_named(tmp_path: Path) -> None:
    """Also forward, when that is what somebody wants."""
    books = desk(tmp_path / "desk", B[1], B)
    done = books.run("bash", "ops/scripts/rollback.sh", "--to", B[3], GCP_PROJECT_ID="a-project")

    assert done.returncode == 0, done.stderr
    assert books.traffic == {B[3]: 100}


@pytest.mark.parametrize(
    ("revisions", "words", "told"),
    [
        ({B[0]: True}, (), "no revision before"),
        ({B[1]: False, B[0]: True}, (), "no revision before"),
        ({B[1]: False, B[0]: True}, ("--to", B[1]), f"revision {B[1]} is not there or not ready"),
        ({B[0]: True}, ("--to", "nobody"), "revision nobody is not there or not ready"),
    ],
)
def test_rollback_to_nothing_is_refused(
    tmp_path: Path, revisions: dict[str, bool], words: tuple[str, ...], told: str
) -> None:
    """Exit code 1, the next step named, traffic where it was."""
    books = desk(tmp_path / "desk", B[0], revisions)
    done = books.run("bash", "ops/scripts/rollback.sh", *words, GCP_PROJECT_ID="a-project")

    assert done.returncode == 1
    assert told in done.stderr
    assert not books.told("gcloud", "run", "services", "update-traffic")


def test_deploy_submits_the_build_of_what_the_environment_names(tmp_path: Path) -> None:
    """One call of gcloud; what is not named keeps the default of cloudbuild.yaml."""
    books = desk(tmp_path / "desk")
    named = {"GCP_REGION": "europe-west1", "AR_REPO": "images", "SERVICE_NAME": "retain"}
    some = books.run("bash", "ops/scripts/deploy.sh", GCP_PROJECT_ID="a-project")
    every = books.run("bash", "ops/scripts/deploy.sh", GCP_PROJECT_ID="a-project", **named)

    first = ["gcloud", "builds", "submit", "--config=ops/cloudbuild.yaml", "--project=a-project"]
    assert (some.returncode, every.returncode) == (0, 0)
    assert books.calls == [
        [*first, "."],
        [*first, "--substitutions=_REGION=europe-west1,_AR_REPO=images,_SERVICE_NAME=retain", "."],
    ]


@pytest.mark.parametrize("script", ["deploy.sh", "rollback.sh"])
def test_a_missing_project_is_named_with_the_next_step(tmp_path: Path, script: str) -> None:
    """Nothing is asked of Google before."""
    books = desk(tmp_path / "desk")
    done = books.run("bash", f"ops/scripts/{script}", GCP_PROJECT_ID="")

    assert done.returncode != 0
    assert "GCP_PROJECT_ID is not set" in done.stderr
    assert "Next step: fill in .env" in done.stderr
    assert books.calls == []


def test_a_build_that_fails_fails_the_deploy(tmp_path: Path) -> None:
    """The exit code is gcloud's own."""
    books = desk(tmp_path / "desk", refuses={"gcloud builds submit": "build failed"})

    assert books.run("bash", "ops/scripts/deploy.sh", GCP_PROJECT_ID="a-project").returncode == 1


@pytest.mark.parametrize("page", ["deploy.md", "runbook.md"])
def test_a_revision_made_by_hand_is_given_its_traffic(page: str) -> None:
    """A deploy pins the traffic, so a documented command that makes a revision changes nothing by itself."""
    blocks = (ROOT / "docs" / page).read_text().split("```")[1::2]
    makes = [one for one in blocks if "gcloud run deploy" in one or "gcloud run services update " in one]

    assert len(makes) == {"deploy.md": 2, "runbook.md": 0}[page]
    assert all("--to-latest" in one for one in makes)


def test_the_rollout_needs_nothing_but_python(tmp_path: Path) -> None:
    """It runs in an image that has gcloud and Python, and no package of ours or of others."""
    done = desk(tmp_path / "desk").run(sys.executable, "-S", "-m", "ops.scripts.rollout", "--help")

    assert done.returncode == 0, done.stderr
    assert "{forward,back}" in done.stdout


def test_every_command_is_one_that_gcloud_knows(tmp_path: Path) -> None:
    """Each that our scripts give is read by the real gcloud's own parser; one with a wrong option is not."""
    if shutil.which("gcloud") is None:
        pytest.skip("gcloud is not installed")
    with revision_that_says(WELL, []) as url:
        books = desk(tmp_path / "desk", tagged_url=url)
        assert books.rollout(*FORWARD).returncode == 0
    named = {
        "GCP_PROJECT_ID": "a-project",
        "GCP_REGION": "europe-west1",
        "AR_REPO": "r",
        "SERVICE_NAME": SERVICE,
    }
    assert books.run("bash", "ops/scripts/rollback.sh", **named).returncode == 0
    assert books.run("bash", "ops/scripts/deploy.sh", **named).returncode == 0
    assert books.run("bash", "ops/scripts/latest.sh", "us-docker.pkg.dev/p/r", BUILD).returncode == 0
    commands = sorted({shlex.join(call) for call in books.told("gcloud")})
    planted = f"gcloud run services update {SERVICE} --image=app --no-trafic"

    assert len(commands) >= 11
    assert read_by_gcloud([*commands, planted], tmp_path) == dict.fromkeys(commands, True) | {planted: False}


def read_by_gcloud(commands: list[str], folder: Path) -> dict[str, bool]:
    """Ask the real gcloud whether it knows each command; nothing is sent."""
    listing = folder / "commands.json"
    listing.write_text(json.dumps([{"command_string": command} for command in commands]))
    done = subprocess.run(
        ["gcloud", "meta", "lint-gcloud-commands", f"--commands-file={listing}"],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={"PATH": str(Path(str(shutil.which("gcloud"))).parent) + ":/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"this gcloud does not say which commands it knows: {done.stderr.strip()[-200:]}")
    return {one["command_string"]: one["success"] for one in json.loads(done.stdout)}
