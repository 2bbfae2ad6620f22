"""The module is well-formed, does what is documented, gives nobody too much, and comes and goes whole.

Run against a stand-in for Google's provider: that Google accepts it is not shown here.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from churn_saver.config import Environment, environment
from churn_saver.serve.keys import Role, access_of, read_keys
from ops.scripts.rollout import PREVIOUS, TRIED
from tests.cloud.terraform import MODULE, ROOT, Module, flags, made_ready, require_terraform, resources

PROJECT = "my-project"
DOCUMENTED = {"project_id": PROJECT, "region": "europe-west1"}
EVERYTHING = DOCUMENTED | {
    "allow_destroy": "true",
    "allow_public": "true",
    "model_release": "current",
    "dispatch_sender": "https://crm.example/hook",
    "github_repository": "me/churn-saver",
    "invokers": '["group:care@example.com"]',
    "watch_campaign": "spring",
    "watch_image": "europe-west1-docker.pkg.dev/my-project/churn-saver-repo/train:latest",
    "alert_email": "care@example.com",
    "slack_channel": "#alerts",
    "slack_token_secret": "slack-token",
    "alert_channels": '["projects/my-project/notificationChannels/1"]',
}
"""Turns on whatever can be turned on."""
RESERVED = {"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION", "HOST"}
"""Set by Cloud Run or by the image."""
SUBSTITUTED = re.compile(r"\$\{?(_[A-Z_]+)\}?")

# Who may do what, and with what: written by hand, compared with what Terraform makes.
RIGHTS = {
    ("serve", "roles/storage.objectViewer", "my-project-churn-models"),
    ("serve", "roles/secretmanager.secretAccessor", "churn-saver-api-keys"),
    ("serve", "roles/secretmanager.secretAccessor", "churn-saver-database-url"),
    ("serve", "roles/cloudsql.client", "instance churn-saver"),
    ("train", "roles/storage.objectViewer", "my-project-churn-data"),
    ("train", "roles/storage.objectAdmin", "my-project-churn-models"),
    ("train", "roles/secretmanager.secretAccessor", "rlhf-token"),
    ("train", "roles/aiplatform.user", "project"),
    ("train", "roles/logging.logWriter", "project"),
    ("dispatch", "roles/secretmanager.secretAccessor", "churn-saver-database-url"),
    ("dispatch", "roles/secretmanager.secretAccessor", "churn-saver-sender-token"),
    ("dispatch", "roles/cloudsql.client", "instance churn-saver"),
    ("dispatch", "roles/run.invoker", "job churn-retain-api-dispatch"),
    ("dispatch", "roles/run.invoker", "job churn-retain-api-watch"),
    ("build", "roles/artifactregistry.writer", "churn-saver-repo"),
    ("build", "roles/run.developer", "churn-retain-api"),
    ("build", "roles/run.invoker", "churn-retain-api"),
    ("build", "roles/run.developer", "job churn-retain-api-dispatch"),
    ("build", "roles/iam.serviceAccountUser", "account churn-saver-serve"),
    ("build", "roles/iam.serviceAccountUser", "account churn-saver-dispatch"),
    ("build", "roles/iam.serviceAccountOpenIdTokenCreator", "account churn-saver-build"),
    ("build", "roles/logging.logWriter", "project"),
    ("build", "roles/storage.objectViewer", "bucket of builds"),
    ("check", "roles/logging.logWriter", "project"),
}


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Module:
    """Copy our module, ready to be planned."""
    return made_ready(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="module")
def plain(module: Module) -> dict[str, Any]:
    """Plan it with the two variables that have to be given."""
    return module.planned(**DOCUMENTED)


@pytest.fixture(scope="module")
def whole(module: Module, tmp_path_factory: pytest.TempPathFactory) -> tuple[Module, dict[str, Any]]:
    """Apply it with everything turned on."""
    copy = module.copied(tmp_path_factory.mktemp("whole") / "module")
    return copy, copy.applied(**EVERYTHING)


def test_it_has_the_form_of_terraform() -> None:
    """`terraform fmt` changes nothing."""
    require_terraform()

    assert Module(MODULE).ran("fmt", "-check", "-recursive", "-diff") == ""


def test_it_is_valid(module: Module) -> None:
    """No error and no warning."""
    assert module.faults() == []


def test_every_variable_is_documented_and_every_documented_one_is_there() -> None:
    """docs/deploy.md names each variable, those of alerts by their file, and no other."""
    page = (ROOT / "docs" / "deploy.md").read_text()
    table = page.partition("| variable | default |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:])))
    named |= set(re.findall(r'-var="([a-z_]+)=', page))
    declared = {
        name
        for path in MODULE.glob("variables*.tf")
        for name in re.findall(r'^variable "([a-z_]+)"', path.read_text(), re.MULTILINE)
    }

    assert named == declared


@pytest.mark.parametrize(
    ("name", "right", "wrong", "said"),
    [
        ("service.tf", "max_instance_count =", "max_instances_count =", "Unsupported argument"),
        ("service.tf", "startup_probe {", "start_probe {", "Unsupported block type"),
        ("service.tf", '"INGRESS_TRAFFIC_ALL"', '"INGRESS_TRAFFIC_SOME"', "is not one of"),
        ("service.tf", "var.service_name\n  location", "var.name\n  location", "undeclared input variable"),
        ("registry.tf", '  format        = "DOCKER"\n', "", 'argument "format" is required'),
        ("database.tf", "disk_size                   = 10", 'disk_size = "ten"', "number is required"),
        ("logs.tf", "writer_identity = true", 'writer_identity = "perhaps"', "bool is required"),
        ("outputs.tf", "service.api.uri", "service.api.url", "Unsupported attribute"),
        ("logs.tf", '"google_logging_project_sink"', '"google_log_sink"', "Invalid resource type"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_found(
    module: Module, tmp_path: Path, name: str, right: str, wrong: str, said: str
) -> None:
    """Misspelt, missing, of the wrong type, a wrong word, nowhere to be had: each is refused, in its file."""
    copy = module.copied(tmp_path / "module")
    copy.planted(name, right, wrong)

    assert any(said in fault and file == name for fault, file in copy.faults()), copy.faults()


def test_its_own_tests_pass(module: Module) -> None:
    """`terraform test` runs every file in tests/, and none of its runs is skipped."""
    said = module.ran("test", "-no-color")
    runs = sum(path.read_text().count('\nrun "') for path in sorted((MODULE / "tests").glob("*.tftest.hcl")))

    assert f"Success! {runs} passed, 0 failed." in said


def test_its_own_tests_can_fail(module: Module, tmp_path: Path) -> None:
    """An eleventh instance, and a public service that nobody asked for, are found by them."""
    copy = module.copied(tmp_path / "module")
    copy.planted("service.tf", "max_instance_count = var.max_instances", "max_instance_count = 11")
    copy.planted("service.tf", "count = var.allow_public ? 1 : 0", "count = 1")

    failed = copy.run("test", "-no-color", "-filter=tests/defaults.tftest.hcl")

    assert failed.returncode != 0
    assert 'run "scales_to_zero_and_to_ten"... fail' in failed.stdout
    assert 'run "private"... fail' in failed.stdout


def test_it_follows_the_policies_of_checkov(plain: dict[str, Any], tmp_path: Path) -> None:
    """All but those that .checkov.yaml leaves out with a reason; one that is broken is found."""
    if shutil.which("checkov") is None:
        pytest.skip("checkov is not installed")
    public = json.loads(json.dumps(plain).replace('"enforced"', '"inherited"'))
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(plain))
    bad.write_text(json.dumps(public))

    assert "Failed checks: 0" in _checked(good)
    assert "CKV_GCP_114" in _checked(bad)


def test_each_account_has_the_rights_it_needs_and_no_other(whole: tuple[Module, dict[str, Any]]) -> None:
    """Rights are those of a table written by hand; none is owner, editor or the like of a whole project."""
    found = {
        right for right in _rights(whole[1]) if right[0] in {"serve", "train", "dispatch", "build", "check"}
    }

    assert found == RIGHTS
    assert not [role for _, role, _ in found if re.fullmatch(r"roles/(owner|editor|viewer|.*\.admin)", role)]


def test_everybody_is_let_in_at_one_place_alone(
    plain: dict[str, Any], whole: tuple[Module, dict[str, Any]]
) -> None:
    """Nobody is let in who was not named; asked for, everybody may call the service and do nothing else."""
    everybody = {"allUsers", "allAuthenticatedUsers"}
    named = {each.get("member") for each in resources(plain).values()}
    open_to_all = {right for right in _rights(whole[1]) if right[0] in everybody}

    assert not named & everybody
    assert open_to_all == {("allUsers", "roles/run.invoker", "churn-retain-api")}


def test_every_variable_of_the_service_is_a_documented_one(whole: tuple[Module, dict[str, Any]]) -> None:
    """Names stand in .env.example and are read; none is one that Cloud Run or the image sets itself."""
    documented = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    given: dict[str, str] = {}
    for one in ("service.api", 'job.dispatch["dispatch"]', 'job.watch["watch"]'):
        given |= _variables(whole[1], f"google_cloud_run_v2_{one}")

    assert {"AUTH_MODE", "API_KEYS", "DATABASE_URL", "GCS_MODEL_BUCKET", "MODEL_RELEASE"} <= set(given)
    assert set(given) <= documented & set(Environment.model_fields)
    assert not set(given) & RESERVED


@pytest.mark.parametrize(("is_public", "keyless"), [(False, Role.DECIDE), (True, Role.OPEN)])
def test_the_service_starts_with_what_it_is_given(
    plain: dict[str, Any], whole: tuple[Module, dict[str, Any]], is_public: bool, keyless: Role
) -> None:
    """Before there is a key: behind IAM who arrives may decide; in public nobody may, with any key."""
    state = whole[1] if is_public else plain
    stand_in = resources(state)['google_secret_manager_secret_version.stand_in["api_keys"]']["secret_data"]
    given = {
        name: value for name, value in _variables(state, "google_cloud_run_v2_service.api").items() if value
    }
    access = access_of(
        environment(given | {"API_KEYS": stand_in, "HOST": "0.0.0.0", "K_SERVICE": "churn-retain-api"})
    )

    assert access.keyless == keyless
    assert [(key.role, key.digest) for key in read_keys(stand_in)] == [(Role.DECIDE, bytes(32))]


def test_no_secret_is_in_the_state(whole: tuple[Module, dict[str, Any]]) -> None:
    """Only the two stand-ins are: a key that nobody has, and no URL."""
    versions = {
        address: values["secret_data"]
        for address, values in resources(whole[1]).items()
        if address.startswith("google_secret_manager_secret_version.")
    }

    assert versions == {
        'google_secret_manager_secret_version.stand_in["api_keys"]': "nobody decide sha256:" + 64 * "0",
        'google_secret_manager_secret_version.stand_in["database_url"]': "unset",
    }
    assert not [address for address in resources(whole[1]) if address.startswith("google_sql_user.")]


def test_an_apply_after_a_deploy_names_no_revision() -> None:
    """A name that Terraform kept from the last deploy would be refused: that revision is there already."""
    kept = (MODULE / "service.tf").read_text().partition("ignore_changes = [\n")[2].partition("\n    ]")[0]

    assert {one.strip(" ,") for one in kept.splitlines()} == {
        "client", "client_version", "template[0].containers[0].image", "traffic",
    }  # fmt: skip


def test_the_tag_of_a_deploy_fits_beside_the_longest_name() -> None:
    """Cloud Run takes 46 signs for tag and service together."""
    longest = re.search(r"wanted 2 to (\d+) of", (MODULE / "variables_service.tf").read_text())

    assert longest is not None
    assert int(longest[1]) + max(len(f"{TRIED}12345678"), len(PREVIOUS)) <= 46


def test_the_builds_are_given_what_they_ask_for(whole: tuple[Module, dict[str, Any]]) -> None:
    """A trigger names a build that is there, and substitutes only what that build knows."""
    for name in ("checks", "deploy"):
        trigger = resources(whole[1])[f'google_cloudbuild_trigger.{name}["github"]']
        build = (ROOT / trigger["filename"]).read_text()
        known = set(yaml.safe_load(build).get("substitutions", {}))
        given = set(trigger["substitutions"] or {})

        assert given <= known, f"{trigger['filename']} knows no {given - known}"
        assert given <= set(SUBSTITUTED.findall(build))


def test_a_destroy_stops_at_the_service_before_anything_that_holds_something(module: Module) -> None:
    """Whatever the service stands on is deleted after it, and it refuses to be deleted."""
    edges: dict[str, set[str]] = {}
    for above, below in re.findall(r'"([^"]+)" -> "([^"]+)"', module.ran("graph")):
        edges.setdefault(above, set()).add(below)
    reached, ahead = set[str](), ["google_cloud_run_v2_service.api"]
    while ahead:
        now = ahead.pop()
        ahead += edges.get(now, set()) - reached
        reached |= edges.get(now, set())

    assert {
        "google_sql_database_instance.ledger",
        "google_sql_database.ledger",
        "google_secret_manager_secret.secret",
        "google_secret_manager_secret_version.stand_in",
        "google_storage_bucket.data",
        "google_storage_bucket.model",
        "google_storage_bucket.log",
    } <= reached


def test_it_goes_as_it_came(whole: tuple[Module, dict[str, Any]], tmp_path: Path) -> None:
    """An apply has the documented outputs; a destroy with the two documented variables leaves nothing."""
    module, state = whole
    outputs = {name: output["value"] for name, output in state["values"]["outputs"].items()}
    copy = module.copied(tmp_path / "module")
    copy.ran("destroy", "-input=false", "-auto-approve", *flags(**DOCUMENTED))

    assert outputs["service_url"]
    assert set(outputs["bucket_names"]) == {"data", "model", "log"}
    assert set(outputs["service_account_emails"]) == {"serve", "train", "dispatch", "build", "check"}
    assert copy.ran("state", "list").split() == []


def _checked(plan: Path) -> str:
    """Let checkov look at a plan, without asking anybody outside."""
    rules = MODULE / ".checkov.yaml"
    command = ["checkov", "-f", str(plan), "--config-file", str(rules), "--skip-download"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _rights(state: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Give who may do what, and with what."""
    account = re.compile(r"serviceAccount:churn-saver-([a-z]+)@")
    for address, values in resources(state).items():
        if "_iam_" not in address.partition(".")[0]:
            continue
        known = account.match(values["member"])
        yield known[1] if known else values["member"], values["role"], _thing(address, values)


def _thing(address: str, values: dict[str, Any]) -> str:
    """Name what a right is about, as the table does."""
    kind = address.partition(".")[0].removeprefix("google_").removesuffix("_iam_member")
    match kind:
        case "project":
            condition = values["condition"][0]["expression"] if values["condition"] else ""
            if '/instances/churn-saver"' in condition:
                return "instance churn-saver"
            if f"/buckets/{PROJECT}_cloudbuild/" in condition:
                return "bucket of builds"
            return condition or "project"
        case "service_account":
            return f"account {values['service_account_id'].rpartition('/')[2].partition('@')[0]}"
        case "cloud_run_v2_job":
            return f"job {values['name'].rpartition('/')[2]}"
        case "storage_bucket":
            return str(values["bucket"])
        case "secret_manager_secret":
            return str(values["secret_id"])
        case "artifact_registry_repository":
            return str(values["repository"]).rpartition("/")[2]
    return str(values["name"])


def _variables(state: dict[str, Any], address: str) -> dict[str, str]:
    """Give the variables of a container; those out of a secret are empty."""
    template = resources(state)[address]["template"][0]
    container = (template.get("template") or [template])[0]["containers"][0]
    return {each["name"]: each["value"] or "" for each in container["env"]}
