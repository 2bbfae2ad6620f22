"""What a build is handed: what images are made of, and nothing that lies beside it."""

import shutil
from pathlib import Path

from ops.docker.engine import Engine
from ops.docker.images import ROOT

WANTED = (
    "pyproject.toml", "constraints.txt", "README.md", "LICENSE", "src/churn_saver/shield.py",
    "ops/configs/serve.yaml", "ops/docker/requirements.py",
)  # fmt: skip
PLANTED = (
    ".env", ".env.local", ".git/config", ".venv/bin/python", "data/customers.csv", "data/raw/telco.csv",
    "models/risk_accept/artifacts/MANIFEST.json", "checkpoints/ladder.json", "runs/1/state.json",
    "var/churn_saver.db", "tests/unit/test_shield.py", "ops/terraform/terraform.tfstate", "ops/scripts/x.sh",
    "src/churn_saver/__pycache__/shield.pyc", "src/churn_saver/.env", "benchmarks/data.py", "key.json",
)  # fmt: skip


def test_a_build_sees_what_images_are_made_of_and_nothing_else(
    engine: Engine, base: str, tmp_path: Path
) -> None:
    """Environments, data, ledgers, keys, history and tests stay out, by our .dockerignore."""
    for name in (*WANTED, *PLANTED):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    shutil.copy(ROOT / ".dockerignore", tmp_path)
    recipe = tmp_path / "key.json"
    recipe.write_text(f"FROM {base}\nCOPY . /context\n")
    image = f"localhost/churn-saver/context:{tmp_path.name}"
    engine.run("build", "--no-cache", "--file", str(recipe), "--tag", image, str(tmp_path))
    done = engine.run("run", "--rm", image, "find", "/context", "-type", "f")
    engine.run("image", "rm", image)

    assert sorted(done.stdout.split()) == sorted(f"/context/{name}" for name in WANTED)
