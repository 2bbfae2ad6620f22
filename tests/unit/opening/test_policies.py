"""Who decides, found by name: from a folder of policies and a ladder, or the knapsack with a reason."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from churn_saver.adapters import uplift
from churn_saver.adapters.ladder import LADDER
from churn_saver.adapters.policies import policy_file
from churn_saver.config import Environment, EnvSettings
from churn_saver.errors import ArtifactError, ConfigError
from churn_saver.journey import Decider
from churn_saver.opening.policies import Degradation, decider_in, open_policy, require_installed
from tests.builders import rules
from tests.ladders import ENV, EXACT_PRICES, asking, measured
from tests.persuadables import learned
from tests.trained import SCALING, served, under


def found(
    folder: Path, name: str, env: EnvSettings = ENV, **variables: object
) -> tuple[Decider, tuple[Degradation, ...]]:
    """Ask for a rung of a folder."""
    environment = Environment.model_validate({"POLICY_DIR": str(folder)} | variables)
    return open_policy(environment, env, rules(policy=name).serve)


def instead(folder: Path, name: str, env: EnvSettings = ENV) -> Degradation:
    """Ask for a rung and see that the knapsack decides."""
    decider, (lack,) = found(folder, name, env)

    assert decider == Decider("knapsack")
    assert str(lack.fault).startswith(f"policy '{name}' cannot serve, so the knapsack decides: ")
    return lack


@pytest.mark.parametrize("name", ["knapsack", "propensity_rule", "risk_value", "greedy", "never", "random"])
def test_a_plain_rung_needs_nothing(tmp_path: Path, name: str) -> None:
    """The folder is not looked into."""
    assert found(tmp_path / "nowhere", name) == (Decider(name), ())


@pytest.mark.parametrize(
    ("name", "rung"), [("ppo", "ppo"), ("ppo_price", "ppo_price"), ("champion", "ppo_price")]
)
def test_a_trained_rung_is_the_file_that_was_measured(tmp_path: Path, name: str, rung: str) -> None:
    """By name, or as the one that won."""
    ladder = measured(tmp_path)

    decider, lacks = found(tmp_path, name)

    assert (decider.rung, lacks) == (rung, ())
    assert decider.label == f"{rung}@{ladder.files[rung][:16]}"


def test_a_champion_without_weights_decides_by_its_name(tmp_path: Path) -> None:
    """The best of the simple ones."""
    measured(tmp_path, "risk_value")

    assert found(tmp_path, "champion") == (Decider("risk_value"), ())


def learned_in(folder: Path) -> str:
    """Leave learned effects in a folder, and give their version."""
    return uplift.save(folder, learned().effects, {}, {})


@pytest.mark.parametrize("name", ["uplift", "champion"])
def test_learned_effects_decide_by_name_or_as_champion(tmp_path: Path, name: str) -> None:
    """They are read where UPLIFT_DIR says, and named by their version."""
    measured(tmp_path / "policies", "uplift")
    version = learned_in(tmp_path / "effects")

    decider, lacks = found(tmp_path / "policies", name, UPLIFT_DIR=str(tmp_path / "effects"))

    assert lacks == ()
    assert decider.label == f"uplift@{version}"


def test_without_learned_effects_the_knapsack_decides(tmp_path: Path) -> None:
    """Nothing was learned, or a file is not what its manifest vouches for: it is said, with the command."""
    folder = tmp_path / "effects"
    decider, (lack,) = found(tmp_path, "uplift", UPLIFT_DIR=str(folder))
    learned_in(folder)
    (folder / uplift.MODEL).write_bytes(b"{L")
    _, (altered,) = found(tmp_path, "uplift", UPLIFT_DIR=str(folder))

    assert decider == Decider("knapsack")
    assert lack.code == altered.code == "policy_unavailable"
    assert "MANIFEST.json cannot be read" in str(lack.fault)
    assert "altered or cut short" in str(altered.fault)
    assert all("churn-saver train-uplift" in str(one.fault) for one in (lack, altered))


def test_the_exact_policy_brings_its_prices(tmp_path: Path) -> None:
    """As the ladder has them; by name, or as a champion."""
    measured(tmp_path, "exact")

    for name in ("exact", "champion"):
        assert found(tmp_path, name) == (Decider("exact", exact_prices=EXACT_PRICES), ())


def test_without_prices_the_exact_policy_cannot_serve(tmp_path: Path) -> None:
    """Nobody knows at which price it would meet a budget."""
    measured(tmp_path, exact_prices=())

    lack = instead(tmp_path, "exact")

    assert lack.code == "policy_unavailable"
    assert "has no exact_prices" in str(lack.fault)
    assert "make bench-policy" in str(lack.fault)


def test_without_numba_the_exact_policy_cannot_serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for by name it is an error of the settings; as a champion the knapsack decides."""
    measured(tmp_path, "exact")
    monkeypatch.setitem(sys.modules, "numba", None)
    by_name, by_wish = rules(policy="exact").serve, Environment(FORCE_BASELINE=True)

    assert "pip install 'churn-saver[rl]'" in str(instead(tmp_path, "champion").fault)
    with pytest.raises(ConfigError, match=r"pip install 'churn-saver\[rl\]'"):
        require_installed(Environment(), by_name)
    require_installed(by_wish, by_name)
    require_installed(Environment(), rules(policy="champion").serve)


def _corrupt(folder: Path) -> None:
    path = folder / policy_file("ppo_price")
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def _trained_again(folder: Path) -> None:
    ladder = (folder / LADDER).read_bytes()
    measured(folder, policies={"ppo_price": served("full_price", 7)})
    (folder / LADDER).write_bytes(ladder)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no ladder": (lambda folder: (folder / LADDER).unlink(), r"ladder.json cannot be read"),
    "half a ladder": (lambda folder: (folder / LADDER).write_text("{"), r"ladder.json is not JSON"),
    "no file": (lambda folder: (folder / policy_file("ppo_price")).unlink(), r"ppo_policy_ppo_price"),
    "a corrupt file": (_corrupt, r"SHA-256"),
    "trained again": (_trained_again, r"SHA-256"),
}


@pytest.mark.parametrize("name", ["champion", "ppo_price"])
@pytest.mark.parametrize(("breaks", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_whole_leaves_it_to_the_knapsack(
    tmp_path: Path, name: str, breaks: Callable[[Path], object], message: str
) -> None:
    """It is said, with the file and the commands that mend it."""
    measured(tmp_path)
    breaks(tmp_path)

    lack = instead(tmp_path, name)

    assert lack.code == "policy_unavailable"
    assert message in str(lack.fault)
    assert "make " in str(lack.fault)


def test_a_rung_that_was_never_measured_cannot_serve(tmp_path: Path) -> None:
    """The ladder does not vouch for it, whatever lies there."""
    measured(tmp_path)
    (tmp_path / policy_file("ppo_nine")).write_bytes((tmp_path / policy_file("ppo")).read_bytes())

    assert "wanted 'ppo_nine'" in str(instead(tmp_path, "ppo_nine").fault)


@pytest.mark.parametrize("change", [{"annoyance": 0.004}, {"terminal_months": 5.0}, {"horizon_days": 60}])
def test_other_assumptions_leave_it_to_the_knapsack(tmp_path: Path, change: dict[str, float]) -> None:
    """What it learned is not what env.yaml says now: train and measure again."""
    measured(tmp_path)

    lack = instead(tmp_path, "champion", ENV.changed(change, "a test"))

    assert lack.code == "policy_of_other_assumptions"
    assert "make train-ppo, then make bench-policy" in str(lack.fault)


def test_a_policy_that_looks_along_other_days_is_of_other_assumptions(tmp_path: Path) -> None:
    """Its features count days of another campaign."""
    policy = served("full_price")
    odd = replace(policy, network=replace(policy.network, scaling=replace(SCALING, horizon_days=60)))
    measured(tmp_path, policies={"ppo_price": under(odd, ENV)})

    assert instead(tmp_path, "ppo_price").code == "policy_of_other_assumptions"


@pytest.mark.parametrize("change", [{"budget_per_customer": 2.0}, {"offer_valid_days": 7}])
def test_what_it_did_not_learn_from_may_change(tmp_path: Path, change: dict[str, float]) -> None:
    """Budgets are the certificate's business, last days the message's."""
    measured(tmp_path)

    assert found(tmp_path, "champion", ENV.changed(change, "a test"))[1] == ()


def test_the_kill_switch_asks_for_no_policy(tmp_path: Path) -> None:
    """Nothing is looked for, and nothing is wrong with it."""
    assert found(tmp_path, "ppo_price", FORCE_BASELINE=True) == (Decider("propensity_rule"), ())


@pytest.mark.parametrize("name", ["knapsack", "champion"])
def test_who_serves_loads_no_training(tmp_path: Path, name: str) -> None:
    """App imported and engine opened: neither numba nor torch nor gymnasium is in the process."""
    measured(tmp_path / "policies")
    script = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "import churn_saver.serve.app\n"
        "from churn_saver.config import Environment\n"
        "from churn_saver.opening import open_engine\n"
        f"place = {asking(tmp_path, name).model_dump()!r}\n"
        "with open_engine(Environment(**place), datetime.now(UTC)) as opened:\n"
        "    print(opened.engine.rules.decider.rung)\n"
        "banned = ('numba', 'torch', 'gymnasium', 'tensorboard')\n"
        "print('loaded:', [one for one in banned if one in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split("\n")[:2] == [{"champion": "ppo_price"}.get(name, name), "loaded: []"]


def test_a_rung_is_put_together_out_of_a_folder_or_not_at_all(tmp_path: Path) -> None:
    """Nobody decides instead: what cannot be used is an error."""
    ladder = measured(tmp_path)
    dearer = ENV.model_copy(update={"contact_cost": ENV.contact_cost + 1})

    found = decider_in(tmp_path, tmp_path, "ppo", ENV)
    assert found.label == f"ppo@{ladder.files['ppo'][:16]}"
    assert decider_in(tmp_path, tmp_path, "greedy", ENV) == Decider("greedy")
    with pytest.raises(ArtifactError, match="was trained and measured under other assumptions"):
        decider_in(tmp_path, tmp_path, "ppo", dearer)
    with pytest.raises(ArtifactError, match="wanted 'ppo_nine'"):
        decider_in(tmp_path, tmp_path, "ppo_nine", ENV)
