"""The commands that train the decision policy and print the frontier, on a tiny campaign."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from churn_saver.adapters.policies import policy_file, read_policy
from churn_saver.adapters.trainings import training_file
from churn_saver.cli import app
from churn_saver.cli.policies import (
    FRONTIER_FACTORS,
    RUNG_OF,
    Wishes,
    assumed,
    frontier,
    open_table,
    settings_for,
    train,
)
from churn_saver.errors import ArtifactError, ConfigError, InputError
from churn_saver.train.ppo import Order, learn
from churn_saver.train.run import silent
from tests.tiny_configs import write_configs, write_table
from tests.tiny_tables import ENV

Shown = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Leave the other cores to others, and add in one order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a working folder with tiny settings, a table of 60 customers and the shipped predictors."""
    for name in ("MODEL_DIR", "FORCE_BASELINE", "POLICY_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONFIG_DIR", str(tmp_path / "configs"))
    monkeypatch.chdir(tmp_path)
    write_configs(tmp_path / "configs", iterations=2)
    write_table(tmp_path / "data")
    return tmp_path


def names(folder: Path) -> set[str]:
    """List all files below a folder by name."""
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_without_wishes_the_files_decide() -> None:
    """env.yaml and ppo.yaml as they are."""
    env, ppo = settings_for(Wishes())

    assert (env.horizon_days, env.budget_per_customer) == (10, 3.0)
    assert (ppo.observation, ppo.iterations) == ("full", 2)


def test_wishes_go_over_the_files() -> None:
    """Budget, observation and iterations; the rest stays."""
    env, ppo = settings_for(Wishes(budget=7.5, observation="full_price", iterations=9))

    assert env == ENV.changed({"budget_per_customer": 7.5}, "a test")
    assert ppo == settings_for(Wishes())[1].changed({"observation": "full_price", "iterations": 9}, "a test")


def test_a_cloned_start_sees_all_but_a_price(workplace: Path) -> None:
    """Whatever the files say; who asks for something else on the command line is told."""
    write_configs(workplace / "configs", observation="full_price")

    assert settings_for(Wishes(cloned=True))[1].observation == "full"
    assert settings_for(Wishes(cloned=True, observation="full"))[1].observation == "full"
    with pytest.raises(ConfigError, match=r"--observation is 'nine' with --cloned.*leave one of the two out"):
        settings_for(Wishes(cloned=True, observation="nine"))


def test_where_the_campaign_shows_nine_inputs_the_policy_sees_nine(workplace: Path) -> None:
    """env.yaml says what may be seen, unless the command line asks for more."""
    write_configs(workplace / "configs", {"observation": "nine"})

    assert settings_for(Wishes())[1].observation == "nine"
    assert settings_for(Wishes(observation="full"))[1].observation == "full"


def test_a_seed_below_nought_is_refused_by_name(workplace: Path) -> None:
    """Before anything is opened."""
    result = CliRunner().invoke(app, ["train-ppo", "--seed", "-1"])

    assert result.exit_code == 2
    assert "--seed" in result.output
    assert not (workplace / "checkpoints").exists()


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan"), float("inf")])
def test_a_budget_that_is_none_is_refused(budget: float) -> None:
    """By the name of its option, with its value."""
    with pytest.raises(ConfigError, match=r"^--budget: budget_per_customer is (0\.0|-1\.0|nan|inf): Input"):
        settings_for(Wishes(budget=budget))


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(observation="all"), r"^the command line: observation is 'all': .*'full_price', 'full' or 'n"),
        (Wishes(iterations=0), r"^the command line: iterations is 0: Input should be greater than or equal"),
    ],
)
def test_other_wishes_that_cannot_be_meant_are_refused(wishes: Wishes, message: str) -> None:
    """By name, with what is possible."""
    with pytest.raises(ConfigError, match=message):
        settings_for(wishes)


def test_missing_settings_are_named(workplace: Path) -> None:
    """With the variable that finds them."""
    (workplace / "configs" / "ppo.yaml").unlink()

    with pytest.raises(ConfigError, match=r"ppo\.yaml cannot be read.*CONFIG_DIR"):
        settings_for(Wishes())


def test_a_table_is_scored_and_told(workplace: Path, capsys: Shown) -> None:
    """Half of it each way, described without a path of this machine."""
    table = open_table(workplace / "data", ENV)

    assert (len(table.learning), len(table.held_out)) == (30, 30)
    assert table.described.startswith("60 customers of churn_train.csv (company), predictors ")
    assert str(workplace) not in table.described
    assert table.described in " ".join(capsys.readouterr().out.split())


def test_no_table_no_customers_and_one_customer_are_refused(workplace: Path) -> None:
    """Each with what to do."""
    write_table(workplace / "one", 1)
    write_table(workplace / "three", 3)
    unpaid = (workplace / "three" / "churn_train.csv").read_text().splitlines()
    free = [
        ",".join("0" if i == 2 else cell for i, cell in enumerate(line.split(","))) for line in unpaid[1:]
    ]
    (workplace / "free").mkdir()
    (workplace / "free" / "churn_train.csv").write_text("\n".join([unpaid[0], *free]) + "\n")

    with pytest.raises(InputError, match=r"no churn table in .*nowhere.*make prepare-data"):
        open_table(workplace / "nowhere", ENV)
    with pytest.raises(InputError, match=r"the population has 1 customers, wanted 2 or more.*larger table"):
        open_table(workplace / "one", ENV)
    with pytest.raises(InputError, match=r"3 customers cannot be halved, wanted 4 or more"):
        open_table(workplace / "three", ENV)
    with pytest.raises(InputError, match=r"the population has 0 customers, wanted 2 or more"):
        open_table(workplace / "free", ENV)


def test_without_predictors_nobody_can_be_scored(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither with the kill switch on nor with a folder that holds none; the fix is named."""
    monkeypatch.setenv("MODEL_DIR", str(workplace / "nowhere"))
    with pytest.raises(ArtifactError, match=r"(?s)customers cannot be scored .*nowhere.*make train-risk"):
        open_table(workplace / "data", ENV)

    monkeypatch.setenv("FORCE_BASELINE", "true")
    with pytest.raises(ArtifactError, match=r"cannot be scored \(force_baseline\).*leave FORCE_BASELINE out"):
        open_table(workplace / "data", ENV)


@pytest.mark.parametrize(
    ("wishes", "name"),
    [
        (Wishes(), "ppo"), (Wishes(observation="nine"), "ppo_nine"), (Wishes(cloned=True), "ppo_cloned"),
        (Wishes(observation="full_price"), "ppo_price"),
    ],
)  # fmt: skip
def test_a_training_writes_policy_report_page_and_curves(workplace: Path, wishes: Wishes, name: str) -> None:
    """By the rung's name; what it knows and where it is from stands in all of them."""
    train(wishes, 4, workplace / "data", workplace / "out", fresh=False, workers=1)

    found = names(workplace / "out")
    events = {path for path in found if path.startswith("events.out.tfevents")}
    assert found - events == {policy_file(name), f"{name}.json", f"{name}.html"}
    assert len(events) == 1
    policy = read_policy(workplace / "out" / policy_file(name), None)
    assert RUNG_OF.get(policy.network.observation) == ("ppo" if name == "ppo_cloned" else name)
    assert (policy.provenance["seed"], policy.provenance["cloned"]) == (4, name == "ppo_cloned")
    report = json.loads((workplace / "out" / f"{name}.json").read_bytes())
    assert report["certificate"] == json.loads(json.dumps(policy.certificate.to_dict()))
    assert [point["iteration"] for point in report["curves"]] == [1, 2]
    assert report["seconds"] > 0.0
    page = (workplace / "out" / f"{name}.html").read_text()
    assert "60 customers of churn_train.csv" in page
    assert "annoyance" in page


def test_it_says_where_everything_is_and_what_is_assumed(workplace: Path, capsys: Shown) -> None:
    """Certificate, version, report, curves."""
    train(Wishes(), 0, workplace / "data", Path("out"), fresh=False, workers=1)

    said = capsys.readouterr().out
    version = read_policy(workplace / "out" / policy_file("ppo"), None).version
    assert "On customers that it was not trained on" in said
    assert f"policy     out/{policy_file('ppo')}  version {version}" in said
    assert "report     out/ppo.html" in said
    assert "curves     tensorboard --logdir out/curves" in said
    assert "assumed, not measured" in said
    assert "iteration 2/2" in said


def test_a_training_that_only_lacks_its_certificate_gets_it(workplace: Path) -> None:
    """Killed after the last iteration: nothing is learned again, and its page stands without curves."""
    env, settings = settings_for(Wishes())
    table = open_table(workplace / "data", env)
    state = workplace / "out" / training_file("ppo")
    learn(table, env, settings, Order("ppo"), state, silent, lambda point, regret: None)
    assert state.is_file()

    train(Wishes(), 0, workplace / "data", workplace / "out", fresh=False, workers=1)

    assert names(workplace / "out") == {policy_file("ppo"), "ppo.json", "ppo.html"}
    assert json.loads((workplace / "out" / "ppo.json").read_bytes())["curves"] == []


def test_a_state_of_other_settings_is_refused_until_it_is_to_be_forgotten(workplace: Path) -> None:
    """Which setting differs, and --fresh, which then does it."""
    env, settings = settings_for(Wishes())
    table = open_table(workplace / "data", env)
    state = workplace / "out" / training_file("ppo")
    learn(table, env, settings, Order("ppo"), state, silent, lambda point, regret: None)
    wishes = Wishes(iterations=3)

    with pytest.raises(ArtifactError, match=r"settings\.iterations is '2', wanted '3'.*pass --fresh"):
        train(wishes, 0, workplace / "data", workplace / "out", fresh=False, workers=1)
    assert names(workplace / "out") == {training_file("ppo")}
    train(wishes, 0, workplace / "data", workplace / "out", fresh=True, workers=1)

    assert policy_file("ppo") in names(workplace / "out")


def test_a_frontier_is_printed_written_and_drawn(workplace: Path, capsys: Shown) -> None:
    """Ten budgets; gains rise, each costs less to raise than the last, and nothing is left unproven."""
    frontier(Wishes(), 8, workplace / "data", workplace / "out")

    found = json.loads((workplace / "out" / "frontier.json").read_bytes())
    assert names(workplace / "out") == {"frontier.json", "frontier.html", "frontier.png"}
    assert found["budget"] == pytest.approx([3.0 * factor for factor in FRONTIER_FACTORS])
    assert found["gain"] == sorted(found["gain"])
    assert found["price"] == sorted(found["price"], reverse=True)
    assert all(
        spend <= budget * (1 + 1e-9) for spend, budget in zip(found["spend"], found["budget"], strict=True)
    )
    assert max(found["gap"]) <= 1e-6
    assert found["described"].startswith("8 of 60 customers of churn_train.csv")
    at_budget = found["gain"][FRONTIER_FACTORS.index(1)]
    assert found["cap_as_constraint"]["gain"] >= at_budget - 1e-6
    assert found["cap_as_constraint"]["over_cap"] <= 0.02 + 1e-9
    assert (workplace / "out" / "frontier.png").read_bytes().startswith(b"\x89PNG")
    assert "Per customer, currency units" in capsys.readouterr().out


def test_a_frontier_of_a_small_table_is_of_all_who_teach(workplace: Path) -> None:
    """A panel of 256 of 30 is 30; another budget moves all of them."""
    frontier(Wishes(budget=1.0), 256, workplace / "data", workplace / "out")

    found = json.loads((workplace / "out" / "frontier.json").read_bytes())
    assert found["described"].startswith("30 of 60 customers")
    assert found["budget"][FRONTIER_FACTORS.index(1)] == found["budget_per_customer"] == 1.0


def test_what_env_yaml_says_of_itself_is_read_where_the_settings_are() -> None:
    """Each number with its unit and where it is from; the copy without comments says nothing."""
    assert {one.name for one in assumed()} >= {"horizon_days", "annoyance"}
