"""The recipe, end to end on small tables."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from churn_saver.adapters.artifacts import load, read_manifest
from churn_saver.config import TabularSettings
from churn_saver.errors import ArtifactError, GateError, InputError
from churn_saver.tabular.quality import auc
from churn_saver.train.datasets import AcceptTable, RiskTable
from churn_saver.train.risk import REPORT, Tables, Trained, methods, train


def names(folder: Path) -> list[str]:
    """List a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the models of this module go."""
    return tmp_path_factory.mktemp("runs") / "models"


@pytest.fixture(scope="module")
def trained(risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings, folder: Path) -> Trained:
    """Both models, trained once."""
    return train(Tables(risk_rows, accept_rows), quick, folder)


@pytest.fixture
def in_service(trained: Trained, folder: Path, tmp_path: Path) -> Path:
    """A folder with those models, for one test alone."""
    assert trained.version
    shutil.copytree(folder, tmp_path / "in service")
    return tmp_path / "in service"


def test_both_models_are_trained_and_written(trained: Trained, folder: Path, risk_rows: RiskTable) -> None:
    """Four files and the report; the version is the manifest's; the models serve."""
    found = load(folder)

    assert names(folder) == [
        "MANIFEST.json", "accept_model.ubj", "calibrator.json", "churn_model.ubj", "report.json",
    ]  # fmt: skip
    assert names(folder.parent) == ["models"]
    assert found.version == trained.version
    p = found.risk.probability(risk_rows.customers)
    assert auc(risk_rows.churned, p) > 0.8
    assert (np.diff(found.accept.probabilities(risk_rows.customers, p), axis=1) > 0).all()


def test_the_labelled_table_is_scored_out_of_fold(trained: Trained, risk_rows: RiskTable) -> None:
    """One probability a row, ranked as well as the report says."""
    assert trained.out_of_fold is not None
    report = trained.report.of("risk")

    assert trained.out_of_fold.shape == risk_rows.churned.shape
    assert report is not None
    assert auc(risk_rows.churned, trained.out_of_fold) == pytest.approx(
        report.out_of_fold.auc.value, abs=0.02
    )


def test_the_report_sets_each_model_beside_its_references(trained: Trained) -> None:
    """A constant, splines and the classic recipe; no model was in service before."""
    for name, views in (("risk", 3), ("accept", 0)):
        report = trained.report.of(name)

        assert report is not None
        assert [row.name for row in report.references] == ["prevalence", "spline-logistic", "classic"]
        assert report.references[0].log_loss_gain.low > 0
        assert len(report.views) == views
    assert {gate.name for gate in trained.report.gates} == {"gain in log loss over the prevalence constant"}


def test_the_report_file_is_the_report(trained: Trained, folder: Path) -> None:
    """report.json holds `to_dict`, and neither it nor the manifest holds a path of this machine."""
    raw = (folder / REPORT).read_text(encoding="utf-8")

    assert json.loads(raw) == json.loads(json.dumps(trained.report.to_dict()))
    assert str(folder.parent) not in raw
    assert str(folder.parent) not in (folder / "MANIFEST.json").read_text(encoding="utf-8")


def test_the_manifest_says_what_was_learned_from(
    trained: Trained, folder: Path, risk_rows: RiskTable
) -> None:
    """Source, hash, rows and hold-out of each model, its figures, and what is assumed."""
    manifest = read_manifest(folder)
    about, metrics = manifest.provenance["risk"], manifest.metrics["accept"]

    assert isinstance(about, dict)
    assert isinstance(metrics, dict)
    assert about["sha256"] == risk_rows.source.sha256
    assert about["rows"] == 1_200
    assert about["hold_out"] == {"seed": 42, "share": 0.1}
    assert any("invented" in said for said in about["assumptions"])
    assert 0.6 < metrics["out_of_fold"]["auc"]["value"] < 0.8


def test_the_same_tables_make_the_same_bytes(
    trained: Trained, folder: Path, tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable,
    quick: TabularSettings,
) -> None:  # fmt: skip
    """Every file, with another number of threads too."""
    train(Tables(risk_rows, accept_rows), quick.model_copy(update={"threads": 1}), tmp_path / "again")

    for name in names(folder):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_training_again_compares_with_the_model_in_service(
    trained: Trained, in_service: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """The same model gains exactly nothing and passes; the artefacts do not change."""
    again = train(Tables(risk_rows, accept_rows), quick, in_service)

    gates = [gate for gate in again.report.gates if "in service" in gate.name]
    assert [gate.value for gate in gates] == [0, 0]
    assert again.version == trained.version


def test_another_hold_out_is_shown_and_is_no_gate(
    in_service: Path, risk_rows: RiskTable, quick: TabularSettings
) -> None:
    """The model in service may know the rows that it is compared on, so it may win there unfairly."""
    again = train(Tables(risk_rows, None), quick.model_copy(update={"seed": 1}), in_service)

    report = again.report.of("risk")
    assert report is not None
    assert report.references[-1].name == "in service, other hold-out"
    assert len(again.report.gates) == 1


def test_one_model_can_be_trained_alone(
    trained: Trained, folder: Path, in_service: Path, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """The other one is kept byte for byte, with its provenance and figures."""
    shorter = quick.model_copy(update={"accept": quick.accept.model_copy(update={"trees": 19})})

    found = train(Tables(None, accept_rows), shorter, in_service)

    assert found.report.only == "accept"
    assert found.out_of_fold is None
    assert found.version != trained.version
    for name in ("churn_model.ubj", "accept_model.ubj"):
        same = (in_service / name).read_bytes() == (folder / name).read_bytes()
        assert same is (name == "churn_model.ubj")
    old, new = read_manifest(folder), read_manifest(in_service)
    assert new.provenance["risk"] == old.provenance["risk"]
    assert new.metrics["risk"] == old.metrics["risk"]


def test_one_model_alone_says_what_it_was_put_beside(
    in_service: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """What the kept one was trained on, and where that is not as in this run."""
    alike = train(Tables(None, accept_rows), quick, in_service)
    other = train(Tables(risk_rows, None), quick.model_copy(update={"seed": 1}), in_service)

    digest = risk_rows.source.sha256[:16]
    assert alike.report.notes[-1] == (
        f"risk was kept as it was, trained on churn_train.csv (demo), sha256 {digest}"
    )
    assert other.report.notes[-1].startswith(
        "accept was kept as it was, trained on accept_train.csv (company)"
    )
    assert "not alike: hold_out {'seed': 42" in other.report.notes[-1]


def test_where_there_is_no_other_model_one_alone_is_a_part(
    tmp_path: Path, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """Nothing serves from it."""
    found = train(Tables(None, accept_rows), quick, tmp_path / "models")

    assert not found.is_whole
    assert names(tmp_path / "models") == [
        "PART_accept.json", "accept_model.ubj", "calibrator_accept.json", "report.json",
    ]  # fmt: skip
    with pytest.raises(ArtifactError, match=r"MANIFEST\.json cannot be read"):
        load(tmp_path / "models")


def test_two_parts_are_what_a_training_of_both_leaves(
    trained: Trained, folder: Path, tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable,
    quick: TabularSettings,
) -> None:  # fmt: skip
    """The second one makes them a whole, byte for byte."""
    first = train(Tables(risk_rows, None), quick, tmp_path / "models")
    second = train(Tables(None, accept_rows), quick, tmp_path / "models")

    assert (first.is_whole, second.is_whole, trained.is_whole) == (False, True, True)
    assert second.version == trained.version
    assert names(tmp_path / "models") == names(folder)


def test_a_stale_part_is_not_made_a_whole(
    tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """Trained with another hold-out than the one that lies there."""
    train(Tables(risk_rows, None), quick, tmp_path / "models")

    with pytest.raises(ArtifactError, match="not trained alike: hold_out"):
        train(Tables(None, accept_rows), quick.model_copy(update={"seed": 1}), tmp_path / "models")

    assert not (tmp_path / "models" / "MANIFEST.json").exists()


def test_a_damaged_folder_is_no_empty_one(
    in_service: Path, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """What is to be kept cannot be used: nothing is put beside it."""
    (in_service / "churn_model.ubj").write_bytes(b"")

    with pytest.raises(ArtifactError, match=r"churn_model\.ubj has 0 bytes"):
        train(Tables(None, accept_rows), quick, in_service)


def test_a_failed_gate_writes_nothing(
    tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """Labels drawn at random cannot be predicted: all failed gates are listed, the folder stays as it was."""
    noise = np.random.default_rng(0)
    risk = replace(risk_rows, churned=noise.permutation(risk_rows.churned))
    accept = replace(accept_rows, accepted=noise.permutation(accept_rows.accepted))

    with pytest.raises(GateError, match="2 of 2 gates failed, nothing was written"):
        train(Tables(risk, accept), quick, tmp_path / "models")

    assert names(tmp_path) == []


def test_a_failed_gate_leaves_the_old_models(
    trained: Trained, in_service: Path, risk_rows: RiskTable, quick: TabularSettings
) -> None:
    """What serves goes on serving."""
    weak = quick.model_copy(
        update={"risk": quick.risk.model_copy(update={"trees": 1, "learning_rate": 0.01})}
    )

    with pytest.raises(GateError, match="over the model in service"):
        train(Tables(risk_rows, None), weak, in_service)

    assert load(in_service).version == trained.version


def test_absolute_gates_hold_on_the_public_table(
    tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """A table that calls itself Telco must reach Telco's figures; one tree does not."""
    telco = replace(risk_rows, source=replace(risk_rows.source, is_telco=True))
    weak = quick.model_copy(update={"risk": quick.risk.model_copy(update={"trees": 1, "depth": 1})})

    with pytest.raises(GateError, match=r"out-of-fold AUC is .* wanted at least 0.84"):
        train(Tables(telco, accept_rows), weak, tmp_path)


def test_the_classic_preset_is_the_classic_recipe(
    tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """Both models are the textbook's; the report warns of ties and leaves itself out of the references."""
    classic = quick.model_copy(update={"preset": "classic"})

    found = train(Tables(risk_rows, accept_rows), classic, tmp_path).report

    for name in ("risk", "accept"):
        report = found.of(name)
        assert report is not None
        assert (report.recipe["trees"], report.recipe["depth"], report.recipe["calibration"]) == (
            100,
            6,
            "split",
        )
        assert [row.name for row in report.references] == ["prevalence", "spline-logistic"]
    accept = found.of("accept")
    assert accept is not None
    assert any("tie" in warning for warning in accept.warnings)
    assert methods(classic, "risk")[0] == methods(quick, "risk")[1]


def test_too_small_a_table_is_refused(
    tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """Thirty rows cannot be learned from."""
    few = np.arange(30)
    small = replace(risk_rows, customers=risk_rows.customers.take(few), churned=risk_rows.churned[few])

    with pytest.raises(InputError, match="at least 20 of each"):
        train(Tables(small, accept_rows), quick, tmp_path)


def test_progress_is_told(
    tmp_path: Path, risk_rows: RiskTable, accept_rows: AcceptTable, quick: TabularSettings
) -> None:
    """Four pieces of work, each told from its start to its end."""
    told: dict[str, list[tuple[int, int]]] = {}

    train(
        Tables(risk_rows, accept_rows), quick, tmp_path,
        lambda what, done, total: told.setdefault(what, []).append((done, total)),
    )  # fmt: skip

    assert list(told) == ["fit churn risk", "judge churn risk", "fit acceptance", "judge acceptance"]
    for steps in told.values():
        assert steps[0][0] == 0
        assert steps[-1][0] == steps[-1][1]
        assert [done for done, _ in steps] == list(range(len(steps)))
