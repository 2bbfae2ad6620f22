"""The image of the trainings: it trains as nobody, and the service takes what it made."""

import json
from pathlib import Path

from ops.docker.engine import Engine
from tests.e2e.containers import once, serving


def test_what_it_trains_is_served(
    engine: Engine,
    app_image: str,
    train_image: str,
    key: tuple[str, str],
    tmp_path: Path,
    figures: dict[str, str],
) -> None:
    """Demo tables, then `train-risk`, both as nobody; the service loads the artefacts by their manifest."""
    tmp_path.chmod(0o777)
    shared = ["--volume", f"{tmp_path}:/work", "--workdir", "/work"]
    made = once(engine, train_image, "prepare-data", options=shared)
    trained = once(engine, train_image, "train-risk", options=shared)
    artefacts = tmp_path / "models" / "risk_accept" / "artifacts"
    size = json.loads(engine.run("image", "inspect", train_image).stdout)[0]["Size"]
    figures["train image"] = f"{size / 1e9:.1f} GB"

    assert made.returncode == 0, made.stderr
    assert trained.returncode == 0, trained.stderr
    assert {"churn_model.ubj", "accept_model.ubj", "calibrator.json", "MANIFEST.json"} <= {
        path.name for path in artefacts.iterdir()
    }
    assert (artefacts / "MANIFEST.json").stat().st_uid == 10001

    options = ["--volume", f"{artefacts}:/models:ro", "--env", "MODEL_DIR=/models"]
    with serving(engine, app_image, key) as shipped:
        before = shipped.call("/readyz", key="")[1]["models"]
    with serving(engine, app_image, key, options) as own:
        status, ready = own.call("/readyz", key="")

    assert (status, ready["status"]) == (200, "ready")
    assert ready["models"] not in ("none", before)


def test_it_holds_what_the_trainings_import(engine: Engine, train_image: str) -> None:
    """Of all six trainings and of the buckets; torch can reckon."""
    code = (
        "import google.cloud.storage, gymnasium, kagglehub, numba, peft, polars, tensorboard, transformers\n"
        "import torch\n"
        "print(torch.ones(2, 2).sum().item())"
    )
    done = once(engine, train_image, "-c", code, options=["--entrypoint", "python"])

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "4.0"
