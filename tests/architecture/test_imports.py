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


RUNNERS = {
    "pickle", "_pickle", "pickletools", "joblib", "dill", "cloudpickle", "shelve", "marshal", "subprocess",
    "runpy", "code", "codeop", "imp", "pty",
}  # fmt: skip
"""Modules that run what a file or a text says."""
STARTS_PROCESSES = {"job_keeper.py", "local_jobs.py"}
"""They start our own command as lists of words, for the training jobs of this machine; never a shell."""
SAFE_LOADS = {
    "torch": ("weights_only", True),
    "np": ("allow_pickle", False),
    "numpy": ("allow_pickle", False),
}
"""Whose `load` is safe only if it is told so, and how."""
NEVER = {"eval", "exec", "compile", "__import__", "read_pickle", "to_pickle", "unsafe_load", "full_load"}


def imported(tree: ast.AST) -> list[str]:
    """Name every module that a module imports."""
    return [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
    ]


def runs_code(call: ast.Call) -> bool:
    """Say whether a call may run what it reads."""
    told = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
    if isinstance(call.func, ast.Name):
        return call.func.id in NEVER or told.get("allow_pickle", False) is not False
    if not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
    if call.func.attr == "load" and owner in SAFE_LOADS:
        word, value = SAFE_LOADS[owner]
        return told.get(word) is not value
    is_shell = owner == "os" and call.func.attr.startswith(
        ("system", "popen", "exec", "spawn", "posix_spawn")
    )
    trusts = any(
        told.get(word, False) is not False for word in ("allow_pickle", "trust_remote_code", "shell")
    )
    # A network has an eval and a pattern a compile of its own.
    runs = call.func.attr in NEVER - {"eval", "compile"} or (owner, call.func.attr) == ("yaml", "load")
    return is_shell or trusts or runs


def test_no_module_can_run_code_from_a_file() -> None:
    """Pickle and its kin, and shells, are imported nowhere in the package, and no loader is told to trust."""
    trees = {path.name: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py")}
    found = [
        (name, module)
        for name, tree in trees.items()
        for module in imported(tree)
        if module.split(".")[0] in RUNNERS and not (module == "subprocess" and name in STARTS_PROCESSES)
    ]
    called = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and runs_code(node)
    ]

    assert (found, called) == ([], [])


@pytest.mark.parametrize(
    ("line", "is_refused"),
    [
        ("torch.load(x)", True),
        ("torch.load(x, weights_only=False)", True),
        ("torch.load(x, weights_only=True)", False),
        ("np.load(x)", True),
        ("np.load(x, allow_pickle=False)", False),
        ("save(x, allow_pickle=True)", True),
        ("yaml.load(x)", True),
        ("yaml.safe_load(x)", False),
        ("pd.read_pickle(x)", True),
        ("eval(x)", True),
        ("network.eval()", False),
        ("re.compile(x)", False),
        ("os.system(x)", True),
        ("subprocess.run(x)", False),
        ("subprocess.run(x, shell=True)", True),
        ("M.from_pretrained(x, trust_remote_code=True)", True),
    ],
)
def test_calls_that_run_code_are_told_from_others(line: str, is_refused: bool) -> None:
    """The ruler itself, on lines of which the answer is known."""
    (call,) = (node for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Call))

    assert runs_code(call) is is_refused


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
