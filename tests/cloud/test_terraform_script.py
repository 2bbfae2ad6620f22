"""`ops/scripts/terraform.sh` hands the documented variables to Terraform under the names that it knows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "ops" / "scripts" / "terraform.sh"
TELLS = """#!{python} -SE
import json, os, sys
told = {{name: value for name, value in os.environ.items() if name.startswith("TF_VAR_")}}
print(json.dumps({{"arguments": sys.argv[1:], "folder": os.getcwd(), "variables": told}}))
"""
"""A program in Terraform's place, which tells what it was given."""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Give a PATH on which terraform is a program that tells what it was given."""
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(TELLS.format(python=sys.executable))
    program.chmod(0o755)
    return f"{program.parent}:/usr/bin:/bin"


def ran(path: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run the script with these variables alone."""
    return subprocess.run(
        [str(SCRIPT), *arguments], env={"PATH": path} | variables, capture_output=True, text=True,
        cwd="/", timeout=60, check=False,
    )  # fmt: skip


def test_what_is_set_is_handed_over(path: str) -> None:
    """Seven of them; an address of a bucket is its name."""
    found = ran(
        path, "plan", "-var=allow_destroy=true", GCP_PROJECT_ID="shop-1", GCP_REGION="europe-west1",
        GCS_DATA_BUCKET="gs://shop-data", GCS_MODEL_BUCKET="shop-models", GCS_LOG_BUCKET="shop-logs",
        AR_REPO="images", SERVICE_NAME="churn",
    )  # fmt: skip
    told = json.loads(found.stdout)

    assert found.returncode == 0
    assert told["arguments"] == ["-chdir=ops/terraform", "plan", "-var=allow_destroy=true"]
    assert told["folder"] == str(ROOT)
    assert told["variables"] == {
        "TF_VAR_project_id": "shop-1",
        "TF_VAR_region": "europe-west1",
        "TF_VAR_data_bucket": "shop-data",
        "TF_VAR_model_bucket": "shop-models",
        "TF_VAR_log_bucket": "shop-logs",
        "TF_VAR_repository": "images",
        "TF_VAR_service_name": "churn",
    }


def test_what_is_not_set_is_left_to_its_default(path: str) -> None:
    """An empty value counts as not set, as everywhere."""
    assert json.loads(ran(path, "init", GCS_LOG_BUCKET="").stdout)["variables"] == {}


def test_every_variable_is_one_that_the_module_has() -> None:
    """A name that Terraform does not know would be passed over in silence."""
    names = set(re.findall(r"TF_VAR_(\w+)", SCRIPT.read_text()))
    text = "".join(path.read_text() for path in (ROOT / "ops" / "terraform").glob("*.tf"))

    assert len(names) == 7
    assert names <= set(re.findall(r'^variable "(\w+)"', text, re.MULTILINE))


def test_without_terraform_it_says_where_to_get_it(tmp_path: Path) -> None:
    """And ends with an error."""
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("bash", "dirname", "env"):
        (bare / name).symlink_to(f"/usr/bin/{name}")
    found = ran(str(bare), "plan")

    assert found.returncode == 1
    assert "terraform is not installed. Next step: https://" in found.stderr


def test_an_error_of_terraform_is_an_error_of_the_script(path: str, tmp_path: Path) -> None:
    """With its own exit code."""
    (tmp_path / "bin" / "terraform").write_text("#!/bin/sh\nexit 7\n")

    assert ran(path, "apply").returncode == 7
    assert os.access(SCRIPT, os.X_OK)
