"""The recipe of the decision policy: one file in the end, and no interruption that changes it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from churn_saver.adapters.policies import policy_file, read_policy
from churn_saver.adapters.tensors import pack
from churn_saver.adapters.trainings import FORMAT, read_training, training_file, write_training
from churn_saver.config import PpoSettings
from churn_saver.errors import ArtifactError, InputError
from churn_saver.policy.dynamics import Dynamics
from churn_saver.policy.network import INPUTS
from churn_saver.policy.optimum import optimum
from churn_saver.train.learning import CurvePoint
from churn_saver.train.portfolios import ScoredTable
from churn_saver.train.ppo import Order, TrainedPolicy, learn, provenance_of, report_of, train_policy
from churn_saver.train.run import silent
from tests.tiny_tables import ENV, quick, table
from tests.trained import seen

TABLE = table(24)
SETTINGS = quick(iterations=6, save_every=2)
KILLED = """
import os
import signal
import sys
from pathlib import Path

from churn_saver.train.ppo import Order, train_policy
from churn_saver.train.run import silent
from tests.tiny_tables import ENV, quick, table


def killed(point, regret):
    print(point.iteration, flush=True)
    if point.iteration == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)


settings = quick(iterations=6, save_every=2)
train_policy(table(24), ENV, settings, Order("ppo"), Path(sys.argv[1]), silent, killed)
"""
"""The process kills itself after the n-th iteration."""


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Watch:
    """Writes down what is told, and may be interrupted."""

    def __init__(self, stop_at: int = 0) -> None:
        """Interrupt as Ctrl-C does at an iteration; 0: never."""
        self.points: list[CurvePoint] = []
        self.regrets: list[float | None] = []
        self._stop_at = stop_at

    def __call__(self, point: CurvePoint, regret: float | None) -> None:
        """Take note of an iteration."""
        self.points.append(point)
        self.regrets.append(regret)
        if point.iteration == self._stop_at:
            raise KeyboardInterrupt


def train(
    out: Path,
    watch: Watch | None = None,
    settings: PpoSettings = SETTINGS,
    whole: ScoredTable = TABLE,
    **order: Any,
) -> TrainedPolicy:
    """Train the tiny policy."""
    return train_policy(whole, ENV, settings, Order("ppo", **order), out, silent, watch or Watch())


def names(folder: Path) -> list[str]:
    """List the files of a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The policy's file of a training that nobody interrupted."""
    return train(tmp_path_factory.mktemp("straight")).path.read_bytes()


def test_a_policy_is_written_and_nothing_else(tmp_path: Path, straight: bytes) -> None:
    """The same bytes from the same seed; the state of the training is gone."""
    trained = train(tmp_path)

    assert names(tmp_path) == ["ppo_policy_ppo.safetensors"]
    assert trained.path == tmp_path / policy_file("ppo")
    assert trained.path.read_bytes() == straight


def test_what_is_read_back_decides_the_same_and_says_where_it_is_from(tmp_path: Path) -> None:
    """Answers, certificate, provenance and version."""
    trained = train(tmp_path, seed=3)

    policy = read_policy(trained.path, None)

    x = seen("full", 200)
    assert policy.network.observation == "full"
    assert (policy.network.logits(x) == trained.policy.network.logits(x)).all()
    assert policy.network.contact_bias == trained.policy.network.contact_bias
    assert policy.certificate == trained.policy.certificate
    assert policy.version == trained.policy.version != ""
    assert policy.provenance == provenance_of(TABLE, ENV, SETTINGS, Order("ppo", 3))
    assert policy.provenance["settings"] == SETTINGS.model_dump(mode="json")
    assert (policy.provenance["seed"], policy.provenance["decisions"]) == (3, 6 * 128)
    assert policy.provenance["population"] == TABLE.sha256


def test_every_iteration_is_told_and_the_regret_where_it_is_saved(tmp_path: Path) -> None:
    """At every second of six, and at the last."""
    watch = Watch()

    trained = train(tmp_path, watch, SETTINGS.changed({"iterations": 5}, "a test"))

    assert [point.iteration for point in watch.points] == [1, 2, 3, 4, 5]
    assert [regret is not None for regret in watch.regrets] == [False, True, False, True, True]
    assert [at for at, _ in trained.learned.regrets] == [2, 4, 5]
    assert all(regret > 0.0 for _, regret in trained.learned.regrets)
    assert list(trained.learned.curves) == watch.points
    assert trained.learned.seconds > 0.0


@pytest.mark.parametrize(("killed_at", "goes_on_at"), [(3, 3), (4, 5)])
def test_a_killed_training_goes_on_where_it_was_saved_last(
    tmp_path: Path, straight: bytes, killed_at: int, goes_on_at: int
) -> None:
    """SIGKILL after the n-th iteration: at most one save interval is lost, and nothing of the result."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(killed_at)],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert names(tmp_path) == [training_file("ppo")]
    watch = Watch()

    train(tmp_path, watch)

    assert watch.points[0].iteration == goes_on_at
    assert (tmp_path / policy_file("ppo")).read_bytes() == straight
    assert names(tmp_path) == [policy_file("ppo")]


@pytest.mark.parametrize("stop_at", [1, 4, 6])
def test_an_interrupted_training_leaves_no_half_written_file(
    tmp_path: Path, straight: bytes, stop_at: int
) -> None:
    """Ctrl-C: a whole state or none, no policy; the next run makes what an undisturbed one makes."""
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Watch(stop_at))

    assert names(tmp_path) == ([] if stop_at == 1 else [training_file("ppo")])
    if stop_at > 1:
        arrays, _ = read_training(tmp_path / training_file("ppo"), {})
        assert arrays["iteration"].tolist() == [stop_at]
    assert train(tmp_path).path.read_bytes() == straight


def test_a_training_killed_between_its_end_and_its_certificate_is_only_certified(
    tmp_path: Path, straight: bytes
) -> None:
    """Nothing is learned again; its report has no curves, and says so by being empty."""
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Watch(6))
    watch = Watch()

    trained = train(tmp_path, watch)

    assert (watch.points, trained.learned.curves, trained.learned.regrets) == ([], (), ())
    assert trained.path.read_bytes() == straight
    assert report_of(trained, TABLE, ENV, "ppo")["curves"] == []


def test_judging_anew_needs_no_new_training(tmp_path: Path) -> None:
    """Panels, factors, ladder and how often it is saved teach nothing: the state of the old ones serves."""
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Watch(4))
    judged = SETTINGS.changed(
        {
            "panels": {"certificate": 4, "held_out": 5}, "budget_share": 0.9, "save_every": 3,
            "ladder": SETTINGS.ladder.model_dump() | {"seeds": 5},
        },
        "a test",
    )  # fmt: skip
    watch = Watch()

    train(tmp_path, watch, judged)

    assert [point.iteration for point in watch.points] == [5, 6]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning_rate": 0.002}, r"settings\.learning_rate is '0\.003', wanted '0\.002'"),
        ({"hidden": (8, 8)}, r"settings\.hidden is '\[8\]', wanted '\[8, 8\]'"),
        (
            {"multiplier": {**SETTINGS.multiplier.model_dump(), "kp": 0.5}},
            r"settings\.multiplier\.kp is '0\.1', wanted '0\.5'",
        ),
        ({"observation": "nine"}, r"settings\.observation is 'full', wanted 'nine'"),
        ({"iterations": 7}, r"decisions is '768', wanted '896'; settings\.iterations is '6', wanted '7'|"),
    ],
)
def test_a_state_of_other_settings_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """Which setting, its value there and the one wanted, and the fix; the state is left as it is."""
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Watch(2))
    before = (tmp_path / training_file("ppo")).read_bytes()

    with pytest.raises(ArtifactError, match=rf"of another training: .*({message}).*pass --fresh"):
        train(tmp_path, settings=SETTINGS.changed(changes, "a test"))

    assert (tmp_path / training_file("ppo")).read_bytes() == before
    assert names(tmp_path) == [training_file("ppo")]


def test_a_state_of_another_table_seed_or_start_is_refused_by_name(tmp_path: Path) -> None:
    """Before any work is done: nothing is told."""
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Watch(2))
    watch = Watch()

    with pytest.raises(ArtifactError, match=r"another training: population is '.*', wanted '.*--fresh"):
        train(tmp_path, watch, whole=table(24, seed=1))
    with pytest.raises(ArtifactError, match=r"another training: seed is '0', wanted '1'"):
        train(tmp_path, watch, seed=1)
    with pytest.raises(ArtifactError, match=r"another training: cloned is 'False', wanted 'True'"):
        train(tmp_path, watch, cloned=True)

    assert watch.points == []


def test_a_state_of_another_version_is_refused_and_so_is_a_torn_one(tmp_path: Path) -> None:
    """By name, with the fix."""
    state = tmp_path / training_file("ppo")
    state.write_bytes(pack({}, {}, replace(FORMAT, version=2)))

    with pytest.raises(ArtifactError, match=r"training\.safetensors has version 2, wanted 1.*pass --fresh"):
        train(tmp_path)
    state.write_bytes(state.read_bytes()[:10])
    with pytest.raises(ArtifactError, match=r"is no whole safetensors file.*pass --fresh"):
        train(tmp_path)


def test_a_fresh_training_asks_for_no_state(tmp_path: Path, straight: bytes) -> None:
    """Whatever lies there is written over; a folder that is not there yet is made."""
    write_training(tmp_path / training_file("ppo"), {}, {"settings": "another's"})
    watch = Watch()

    trained = train(tmp_path, watch, fresh=True)

    assert watch.points[0].iteration == 1
    assert trained.path.read_bytes() == straight
    assert train(tmp_path / "new", fresh=True).path.read_bytes() == straight


def test_a_fresh_training_forgets_the_last_one_before_its_own_first_save(
    tmp_path: Path, straight: bytes
) -> None:
    """What was there before is gone at once, so the next run does not go on with it."""
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Watch(4))
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Watch(1), fresh=True)
    watch = Watch()

    trained = train(tmp_path, watch)

    assert [point.iteration for point in watch.points] == [1, 2, 3, 4, 5, 6]
    assert trained.path.read_bytes() == straight


@pytest.mark.parametrize("start", ["dual", 2.5])
def test_the_price_starts_at_the_duals_or_at_a_number(tmp_path: Path, start: str | float) -> None:
    """λ of the exact optimum on a few customers, or what the settings say."""
    multiplier = {**SETTINGS.multiplier.model_dump(), "start": start}
    watch = Watch()

    train(tmp_path, watch, SETTINGS.changed({"multiplier": multiplier, "iterations": 1}, "a test"))

    first = watch.points[0].price
    dual = optimum(Dynamics.of(TABLE.learning, ENV), 300.0).price
    assert first == pytest.approx(dual if start == "dual" else 2.5, rel=1e-9)
    assert dual > 0.5


def test_a_cloned_start_is_another_policy_and_needs_one_price(tmp_path: Path, straight: bytes) -> None:
    """It imitates before it learns, and goes on from its state without imitating twice."""
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        learn(
            TABLE, ENV, SETTINGS, Order("ppo", cloned=True), tmp_path / "s",
            lambda what, done, total: told.append(what), Watch(2),
        )  # fmt: skip
    assert told.count("cloning") == SETTINGS.cloning_epochs
    again = learn(
        TABLE, ENV, SETTINGS, Order("ppo", cloned=True), tmp_path / "s",
        lambda what, done, total: told.append(what), Watch(),
    )  # fmt: skip

    whole = train(tmp_path, cloned=True)

    assert told.count("cloning") == SETTINGS.cloning_epochs
    assert (again.network.weights[0] == whole.learned.network.weights[0]).all()
    assert whole.path.read_bytes() != straight
    with pytest.raises(InputError, match=r"cloned start imitates .* full_price: take observation full"):
        train(tmp_path, settings=SETTINGS.changed({"observation": "full_price"}, "a test"), cloned=True)


def test_a_policy_with_the_price_as_input_is_certified_for_every_budget(tmp_path: Path) -> None:
    """Trained at no price of its own."""
    several = SETTINGS.changed({"observation": "full_price", "budget_factors": (0.5, 1.0)}, "a test")

    trained = train(tmp_path, settings=several)

    assert trained.learned.price == 0.0
    assert trained.policy.network.observation == "full_price"
    assert INPUTS["full_price"][-1] == "price"
    assert [row.budget_per_customer_minor for row in trained.policy.certificate.rows] == [150.0, 300.0]


def test_a_table_too_small_for_its_panels_is_refused_before_anything_is_learned(tmp_path: Path) -> None:
    """With the setting and the fix; nothing is written."""
    watch = Watch()

    with pytest.raises(InputError, match=r"panels\.certificate of ppo\.yaml is 13, .*12 customers"):
        train(tmp_path, watch, SETTINGS.changed({"panels": {"certificate": 13, "held_out": 2}}, "a test"))

    assert (watch.points, names(tmp_path)) == ([], [])


def test_a_report_has_plain_values_of_all_that_its_page_shows(tmp_path: Path) -> None:
    """Curves, regrets, certificate and where it came from."""
    trained = train(tmp_path)

    report = report_of(trained, TABLE, ENV, "ppo")

    assert report["name"] == "ppo"
    assert report["described"] == "24 customers of a test"
    assert report["budget_per_customer"] == 3.0
    assert report["certificate"] == trained.policy.certificate.to_dict()
    assert isinstance(report["curves"], list)
    assert [point["iteration"] for point in report["curves"]] == [1, 2, 3, 4, 5, 6]
    assert isinstance(report["regrets"], list)
    assert [one["iteration"] for one in report["regrets"]] == [2, 4, 6]
