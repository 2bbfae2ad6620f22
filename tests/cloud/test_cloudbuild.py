"""The two Cloud Build configurations: read by the API's own types, in order, naming only what is there."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

cloudbuild = pytest.importorskip(
    "google.cloud.devtools.cloudbuild_v1", reason="google-cloud-build is not installed"
)
json_format = pytest.importorskip("google.protobuf.json_format", reason="protobuf is not installed")

from ops.scripts import rollout  # noqa: E402

ROOT = Path(__file__).parents[2]
DEPLOY, CHECKS = "ops/cloudbuild.yaml", "ops/cloudbuild.checks.yaml"
BOTH = pytest.mark.parametrize("name", [DEPLOY, CHECKS])
GIVEN = {"PROJECT_ID", "BUILD_ID"}
"""What Cloud Build itself fills in, of what we use."""


def loaded(name: str) -> dict[str, Any]:
    """Read a configuration."""
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return found


def parsed(written: dict[str, Any]) -> Any:
    """Read it as the API would, which knows every field and refuses all others."""
    return json_format.ParseDict(
        written, cloudbuild.Build.pb(cloudbuild.Build()), ignore_unknown_fields=False
    )


def steps(name: str) -> dict[str, dict[str, Any]]:
    """Its steps by id."""
    return {step["id"]: step for step in loaded(name)["steps"]}


def before(name: str, step: str) -> set[str]:
    """All steps that have ended when one begins; without waitFor, those that are written above it."""
    known = list(steps(name))
    direct = steps(name)[step].get("waitFor", known[: known.index(step)])
    return set(direct).union(*(before(name, one) for one in direct))


def seconds(duration: str) -> int:
    """Read '900s'."""
    return int(duration.removesuffix("s"))


@BOTH
def test_the_api_reads_every_field(name: str) -> None:
    """As many steps as are written, each with image, timeout and a name of its own."""
    build = parsed(loaded(name))

    assert len(build.steps) == len(loaded(name)["steps"]) == len({step.id for step in build.steps})
    assert all(step.name and step.timeout.seconds >= 300 for step in build.steps)
    assert build.options.logging == cloudbuild.BuildOptions.LoggingMode.CLOUD_LOGGING_ONLY


PLANTED = [
    ("waitfor", lambda build: build["steps"][1].update(waitfor=["lint"])),
    ("timout", lambda build: build.update(timout="10s")),
    ("machine", lambda build: build["options"].update(machine="E2_HIGHCPU_8")),
    ("CLOUD_LOGS_ONLY", lambda build: build["options"].update(logging="CLOUD_LOGS_ONLY")),
    ("timeout", lambda build: build["steps"][0].update(timeout="20 minutes")),
    ("args", lambda build: build["steps"][0].update(args="lint")),
]


@BOTH
@pytest.mark.parametrize(("told", "plant"), PLANTED, ids=[told for told, _ in PLANTED])
def test_a_planted_fault_is_refused(name: str, told: str, plant: Any) -> None:
    """A field or a word that the API does not know, and a value of another kind, each by its name."""
    build = loaded(name)
    plant(build)

    with pytest.raises(json_format.ParseError, match=told):
        parsed(build)


@BOTH
def test_every_substitution_is_declared_and_used(name: str) -> None:
    """Cloud Build refuses a build where these differ."""
    build = loaded(name)
    declared = build.pop("substitutions")
    used = set(re.findall(r"\$\{?([A-Z_]+)\}?", yaml.safe_dump(build)))

    assert used == set(declared) | (used & GIVEN)
    assert "PROJECT_ID" in used


def test_what_runs_before_what() -> None:
    """Lint, test, build, scan, push, deploy, latest, each after all before it."""
    assert before(DEPLOY, "lint") == set()
    assert before(DEPLOY, "test") == {"lint"}
    for image in ("app", "train"):
        assert before(DEPLOY, f"build-{image}") == {"lint", "test"}
        assert {f"build-{image}", "test"} <= before(DEPLOY, f"scan-{image}")
        assert {"scan-source", "scan-app", "scan-train"} <= before(DEPLOY, f"push-{image}")
    assert {"push-app", "push-train"} <= before(DEPLOY, "deploy")
    assert before(DEPLOY, "latest") == set(steps(DEPLOY)) - {"latest"}
    assert [before(CHECKS, step) for step in steps(CHECKS)] == [set(), {"lint"}, {"lint", "test"}]


@BOTH
def test_the_whole_lasts_no_shorter_than_its_longest_way(name: str) -> None:
    """No build is cut off while every step is within its own time."""
    limits = {step: seconds(found["timeout"]) for step, found in steps(name).items()}

    def needed(step: str) -> int:
        known = list(limits)
        direct = steps(name)[step].get("waitFor", known[: known.index(step)])
        return limits[step] + max((needed(one) for one in direct), default=0)

    assert max(needed(step) for step in limits) <= seconds(loaded(name)["timeout"]) <= 86_400


def test_every_image_is_scanned_before_it_is_pushed() -> None:
    """The very name that was built; HIGH and CRITICAL fail the build."""
    found = steps(DEPLOY)
    for image in ("app", "train"):
        built = next(word for word in found[f"build-{image}"]["args"] if word.startswith("--tag="))
        named = built.removeprefix("--tag=")
        scan = found[f"scan-{image}"]

        assert named == f"${{_REGION}}-docker.pkg.dev/$PROJECT_ID/${{_AR_REPO}}/{image}:$BUILD_ID"
        assert scan["name"] == "${_TRIVY}"
        assert {"--severity=HIGH,CRITICAL", "--exit-code=1", named} <= set(scan["args"])
        assert named in found[f"push-{image}"]["args"]
    assert f"@{found['push-app']['args'][-1]}" in found["deploy"]["args"]


def test_images_are_built_where_buildx_is() -> None:
    """Without it Docker refuses a Dockerfile that mounts a secret, and gcloud's image has none any more."""
    for image in ("app", "train"):
        step = steps(DEPLOY)[f"build-{image}"]

        assert "RUN --mount=type=secret" in (ROOT / f"ops/docker/Dockerfile.{image}").read_text()
        assert step["name"].startswith("docker.io/library/docker:")
        assert step["name"].endswith("-cli")
        assert "DOCKER_BUILDKIT=1" in step["env"]


@BOTH
def test_images_of_steps_have_a_version(name: str) -> None:
    """No tag that moves, and no digest that nobody here has fetched."""
    declared = loaded(name)["substitutions"]
    images = {declared.get(step["name"].strip("${}"), step["name"]) for step in loaded(name)["steps"]}

    assert all(re.search(r":\d+(\.\d+)+", image) for image in images), images
    assert not any("latest" in image or "@" in image for image in images)


@BOTH
def test_what_steps_call_is_there(name: str) -> None:
    """Targets of make with their line of help, scripts, modules, Dockerfiles."""
    targets = set(re.findall(r"^([a-z][a-z-]*):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for step in loaded(name)["steps"]:
        words = step["args"]
        if step.get("entrypoint") == "make":
            assert words[0] in targets
        if step.get("entrypoint") == "bash":
            assert (ROOT / words[0]).is_file()
        if step.get("entrypoint") == "python3":
            assert words[0] == "-m"
            assert (ROOT / words[1].replace(".", "/")).with_suffix(".py").is_file()
        for file in (word.removeprefix("--file=") for word in words if word.startswith("--file=")):
            assert (ROOT / file).is_file()


def test_a_merge_deploys_as_the_build_account_and_a_pull_request_as_one_that_may_nothing() -> None:
    """What strangers send is run by an account that cannot push and cannot deploy."""
    account = "projects/$PROJECT_ID/serviceAccounts/churn-saver-{}@$PROJECT_ID.iam.gserviceaccount.com"

    assert loaded(DEPLOY)["serviceAccount"] == account.format("build")
    assert loaded(CHECKS)["serviceAccount"] == account.format("check")
    assert not re.search("gcloud|docker push|rollout", (ROOT / CHECKS).read_text().split("steps:")[1])


def test_no_step_holds_a_secret() -> None:
    """The accounts of the steps are all that they need."""
    for name in (DEPLOY, CHECKS):
        build = loaded(name)

        assert "availableSecrets" not in build
        assert not any("secretEnv" in step for step in build["steps"])
        assert "allow-unauthenticated" not in (ROOT / name).read_text()


def test_defaults_agree() -> None:
    """A rollback by hand looks for the service where the build has put it."""
    declared = loaded(DEPLOY)["substitutions"]

    assert (declared["_REGION"], declared["_SERVICE_NAME"]) == (rollout.REGION, rollout.SERVICE)
    assert declared["_AR_REPO"] == "churn-saver-repo"
