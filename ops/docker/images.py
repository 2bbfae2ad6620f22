"""Build the images with docker or podman, whichever answers; `make docker-build` is this.

    python -m ops.docker.images app train [--base IMAGE] [--torch-index URL] [--tag TAG]

Without --base an image stands on the one that its Dockerfile names. Where no registry answers, it stands on
one of the same name that ops/scripts/base_image.sh makes from Debian's packages, and says so.
"""

import argparse
import os
import re
import subprocess
import tempfile
from pathlib import Path

from ops.docker.engine import ENGINES, Engine, find_engine
from ops.docker.pip_settings import PipSettings, pip_settings

ROOT = Path(__file__).parents[2]
STAND_IN = "localhost/python:3.11-slim"
"""Base where no registry answers: Debian 12 with its Python 3.11."""
PULL_SECONDS = 600
NAMES = ("app", "train")


def main() -> None:
    """Build the images that are named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("images", nargs="+", choices=NAMES)
    parser.add_argument("--base", default="", help="image to stand on; default: as the Dockerfile says")
    parser.add_argument("--torch-index", default="", help="URL where pip finds torch; default: PyPI")
    parser.add_argument("--tag", default="dev")
    options = parser.parse_args()
    engine = found_engine()
    for name in options.images:
        base = options.base or base_for(engine, name)
        image = build(engine, name, base, options.tag, options.torch_index)
        print(f"{image} stands on {base}", flush=True)


def found_engine() -> Engine:
    """Give the engine.

    Raises:
        SystemExit: none answers.
    """
    engine = find_engine(os.environ)
    if engine is None:
        raise SystemExit(
            f"neither {' nor '.join(ENGINES)} answers, wanted one of them. Next step: start docker, or "
            "install podman: ops/scripts/install_test_tools.sh"
        )
    return engine


def base_for(engine: Engine, name: str) -> str:
    """Give the base that a Dockerfile names, or the stand-in where that cannot be had.

    Raises:
        SystemExit: no stand-in can be made either.
    """
    text = dockerfile(name).read_text(encoding="utf-8")
    named = re.search(r"^ARG BASE_IMAGE=(\S+)$", text, re.MULTILINE)
    if named is None:
        raise SystemExit(f"{dockerfile(name)} names no base, wanted a line ARG BASE_IMAGE=image")
    # Podman asks nobody for a short name, so the name is told whole.
    whole = f"docker.io/{named[1]}" if "/" in named[1] else f"docker.io/library/{named[1]}"
    if engine.has(whole) or _pulled(engine, whole):
        return whole
    if not engine.has(STAND_IN):
        print(f"{whole} cannot be had: {STAND_IN} is made from Debian's packages instead", flush=True)
        script = [str(ROOT / "ops" / "scripts" / "base_image.sh"), engine.program, STAND_IN]
        if subprocess.run(script, env=dict(engine.variables), check=False).returncode != 0:  # noqa: S603
            raise SystemExit(f"{whole} cannot be had, and no stand-in could be made: see above")
    return STAND_IN


def build(engine: Engine, name: str, base: str, tag: str = "dev", torch_index: str = "") -> str:
    """Build one image and give its name.

    Args:
        engine: What builds.
        name: app or train.
        base: Image to stand on.
        tag: Of the new image.
        torch_index: URL where pip finds torch; empty: PyPI.

    Raises:
        SystemExit: the build failed.
    """
    image = f"localhost/churn-saver/{name}:{tag}"
    told = ["--file", str(dockerfile(name)), "--tag", image, "--build-arg", f"BASE_IMAGE={base}"]
    if torch_index and name == "train":
        told += ["--build-arg", f"TORCH_INDEX={torch_index}"]
    with tempfile.TemporaryDirectory() as folder:
        told += handed_over(engine.name, pip_settings(os.environ), Path(folder))
        engine.show(["build", *told, str(ROOT)])
    return image


def dockerfile(name: str) -> Path:
    """Say where the Dockerfile of an image lies."""
    return ROOT / "ops" / "docker" / f"Dockerfile.{name}"


def handed_over(engine: str, settings: PipSettings, folder: Path) -> list[str]:
    """Say to a build what pip is told here, for as long as it runs.

    Args:
        engine: docker or podman.
        settings: What pip is told.
        folder: Where the configuration is written meanwhile.
    """
    words = ["--network", "host"]
    if engine == "podman":
        # Its own form knows no HEALTHCHECK.
        words += ["--format", "docker"]
        words += [word for path in settings.folders for word in ("--volume", f"{path}:{path}:ro")]
    if settings.config:
        (folder / "pip.conf").write_text(settings.config, encoding="utf-8")
        words += ["--secret", f"id=pip,src={folder / 'pip.conf'}"]
    if settings.ca is not None:
        words += ["--secret", f"id=ca,src={settings.ca}"]
    return words


def _pulled(engine: Engine, image: str) -> bool:
    try:
        return engine.run("pull", "--quiet", image, check=False, seconds=PULL_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


if __name__ == "__main__":
    main()
