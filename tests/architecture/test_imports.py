"""What must not be loaded, and what must not be reachable."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "churn_saver"
HEAVY = (
    "numpy", "polars", "xgboost", "sqlalchemy", "fastapi", "matplotlib", "scipy", "sklearn", "torch", "numba",
    "gymnasium", "tensorboard", "peft", "transformers",
)  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["demo", "--help"],
        ["campaign", "--help"],
        ["train-ppo", "--help"],
        ["train-sft", "--help"],
    ],
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """Help answers at once because the heavy packages are imported inside the commands."""
    script = (
        "import sys\n"
        "from churn_saver.cli import app\n"
        f"app({arguments!r}, standalone_mode=False)\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip().endswith("loaded: []")


def test_serving_loads_no_torch_and_no_training() -> None:
    """The serving process holds no deep-learning package, no compiler and no plotting."""
    script = (
        "import sys\n"
        "import churn_saver.serve.app, churn_saver.opening\n"
        "banned = ('torch', 'numba', 'gymnasium', 'tensorboard', 'transformers', 'peft', 'polars', 'pandas', "
        "'matplotlib')\n"
        "print('loaded:', [name for name in banned if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "loaded: []"


def test_no_module_can_run_code_from_a_file() -> None:
    """Pickle and its kin, and shells, are imported nowhere in the package."""
    banned = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal", "subprocess"}
    found = [
        (path.name, name)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
        if name.split(".")[0] in banned
    ]

    assert found == []


def test_modules_fit_in_the_head() -> None:
    """No module has more than 250 lines, and no function more than 60."""
    long_modules, long_functions = [], []
    for path in SOURCE.rglob("*.py"):
        text = path.read_text()
        if text.count("\n") > 250:
            long_modules.append(path.name)
        long_functions += [
            f"{path.name}:{node.name}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 60
        ]

    assert (long_modules, long_functions) == ([], [])
