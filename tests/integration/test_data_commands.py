"""Public data at the command line: prepared, verified, uploaded and trained on."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

import pytest
from typer.testing import CliRunner

from churn_saver.cli import app
from churn_saver.errors import InputError
from tests import gcs, public_data
from tests.misbehaving import Answer, Server, serving

BUCKET = "churn-saver-commands"
TOKEN = "hf_Tr0ub4dor"
COMMAND = "from churn_saver.cli import main; main()"
_numbers = count()


@pytest.fixture
def bench(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the working folder, with small data in a mirror and settings to match."""
    public_data.write_configs(workplace / "configs")
    public_data.write_mirror(workplace / "mirror", public_data.contents())
    for name in ("GCS_DATA_BUCKET", "SECRET_RLHF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return workplace


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run one web server for this file."""
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[gcs.Gcs]:
    """Run Cloud Storage on loopback, once."""
    with gcs.with_bucket(tmp_path_factory.mktemp("gcs"), BUCKET) as running:
        yield running


@pytest.fixture
def prefix(service: gcs.Gcs, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the address of a prefix with nothing below."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", service.url)
    service.behave()
    return f"gs://{BUCKET}/{next(_numbers)}"


def run(*arguments: str) -> str:
    """Run a command that must succeed and give what it printed, in one line."""
    result = CliRunner().invoke(app, ["data", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def process(
    *arguments: str, variables: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run a process of its own in the working folder."""
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(variables or {})},
    )


def test_from_mirror_to_verified_upload(bench: Path) -> None:
    """The whole way, and a second time without sending anything."""
    prepared = run("prepare", "ibm_telco", "oasst1", "preferences", "--from", "mirror")
    verified = run("verify", "data/processed")
    first, second = run("upload", "--to", "up"), run("upload", "--to", "up")

    for name in ("ibm_telco", "oasst1", "preferences"):
        assert f"report data/processed/{name}/report.html" in prepared
        assert f"{name}: 3 files" in verified
        assert f"{name} │ 4 │ 0 │" in first
        assert f"{name} │ 0 │ 4 │ 0.0" in second
    assert run("verify", "up/processed") == verified


def test_a_mirror_may_be_an_address(bench: Path, server: Server) -> None:
    """The same bytes as from the folder; what the server lacks is absent, not a fault."""
    files = public_data.contents()
    server.reset({name: files[name] for name in (public_data.OASST, public_data.HH)})

    shown = run("prepare", "oasst1", "preferences", "--from", server.base, "--data", "web")
    run("prepare", "oasst1", "--from", "mirror")

    assert "shp2" in shown
    ours, theirs = (
        public_data.bytes_below(bench / data / "processed" / "oasst1") for data in ("data", "web")
    )
    assert ours == theirs


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("prepare", "telco"), "churn-saver: 'telco' is no data set"),
        (("prepare", "oasst1", "--from", "nowhere"), "churn-saver: nowhere is no folder"),
        (("prepare", "oasst1", "--offline"), "offline nothing is fetched"),
        (("prepare", "oasst1", "--offline", "--from", "http://127.0.0.1:9"), "needs the network"),
        (("upload",), "no place to upload to: set GCS_DATA_BUCKET"),
        (("upload", "--to", "up"), "data/processed holds no prepared data"),
        (("verify", "nowhere"), "churn-saver: nowhere holds no manifest.json"),
    ],
)
def test_an_error_is_one_message_and_exit_code_one(
    bench: Path, arguments: tuple[str, ...], message: str
) -> None:
    """What is wrong and what to do; no traceback."""
    result = CliRunner().invoke(app, ["data", *arguments])

    assert result.exit_code == 1
    assert message.removeprefix("churn-saver: ") in str(result.exception)
    assert isinstance(result.exception, InputError)


def test_an_altered_byte_ends_with_exit_code_one(bench: Path) -> None:
    """Both hashes stand on standard error."""
    run("prepare", "oasst1", "--from", "mirror")
    path = bench / "data" / "processed" / "oasst1" / "train.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Mend", b"Bend", 1))

    done = process("data", "verify", "data/processed")

    assert done.returncode == 1
    assert done.stderr.startswith("churn-saver: data/processed/oasst1/train.jsonl is altered: it has SHA-256")
    assert "the manifest says" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bucket_takes_each_file_once(bench: Path, prefix: str, service: gcs.Gcs) -> None:
    """The second upload sends no byte of any file; what is there is as the manifest says."""
    run("prepare", "oasst1", "--from", "mirror")

    first = run("upload", "--to", prefix)
    sent = service.received
    second = run("upload", "--to", f"{prefix}/")

    assert "oasst1 │ 4 │ 0 │" in first
    assert f"at {prefix}/processed/" in first
    assert "oasst1 │ 0 │ 4 │ 0.0" in second
    assert sent == service.received > 0
    assert "oasst1: 3 files" in run("verify", f"{prefix}/processed")
    assert "oasst1: 3 files" in run("verify", f"{prefix}/processed/oasst1")


def test_the_bucket_of_the_environment_is_the_default(
    bench: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GCS_DATA_BUCKET names it, and only it."""
    run("prepare", "preferences", "--from", "mirror")
    monkeypatch.setenv("GCS_DATA_BUCKET", BUCKET)

    assert f"at gs://{BUCKET}/processed/" in run("upload")
    assert "preferences: 3 files" in run("verify", f"gs://{BUCKET}/processed")


def test_another_version_in_the_bucket_is_kept_until_it_is_replaced(bench: Path, prefix: str) -> None:
    """Refused with exit code 1 and both contents as they were; --replace puts the new one whole."""
    run("prepare", "oasst1", "--from", "mirror")
    run("upload", "--to", prefix)
    public_data.write_configs(bench / "configs", {**public_data.SMALL, "seed": 7})
    run("prepare", "oasst1", "--offline")

    with pytest.raises(InputError, match=r"processed/oasst1"):
        run("upload", "--to", prefix)
    assert "oasst1: 3 files" in run("verify", f"{prefix}/processed")

    run("upload", "--to", prefix, "--replace")
    assert "oasst1: 3 files" in run("verify", f"{prefix}/processed")
    assert "oasst1 │ 0 │ 4 │ 0.0" in run("upload", "--to", prefix)


def test_the_token_never_appears(bench: Path, server: Server) -> None:
    """The hub is asked with it and refuses, saying it aloud; neither the screen nor a file has it."""
    import yaml

    plain = public_data.sources_yaml()
    address = {"hf": "owner/set", "file": "trees.jsonl"}
    plain["sources"]["oasst1"]["sets"] = {"full": [{"path": public_data.OASST, "at": [address]}]}
    (bench / "configs" / "sources.yaml").write_text(yaml.safe_dump(plain, sort_keys=False))
    path = "datasets/owner/set/resolve/main/trees.jsonl"
    refusal = Answer(
        status=401, headers={"X-Error-Message": f"no rights for {TOKEN}"}, body=TOKEN.encode(), forever=True
    )
    server.reset({path: b""}, {path: [refusal]})
    variables = {"HF_ENDPOINT": server.base, "SECRET_RLHF_TOKEN": TOKEN, "HF_HUB_DISABLE_TELEMETRY": "1"}

    done = process("data", "prepare", "oasst1", variables=variables)

    assert done.returncode == 1
    assert any(TOKEN in str(dict(question.headers)) for question in server.asked), done.stderr
    assert TOKEN not in done.stdout + done.stderr
    assert "SECRET_RLHF_TOKEN" in done.stderr
    assert not [
        name for name, raw in public_data.bytes_below(bench / "data").items() if TOKEN.encode() in raw
    ]


def test_training_takes_the_prepared_telco_table(workplace: Path) -> None:
    """All three splits together, the real table; it goes before the demo's."""
    mirror = os.environ.get("CHURN_SAVER_TEST_DATA")
    if mirror is None or not (Path(mirror) / "ibm_telco").is_dir():
        pytest.skip("set CHURN_SAVER_TEST_DATA to a folder with ibm_telco/Telco-Customer-Churn.csv")
    run("prepare", "ibm_telco", "--from", mirror)

    CliRunner().invoke(app, ["prepare-data"], catch_exceptions=False)
    result = CliRunner().invoke(app, ["train-risk", "--out", "models"], catch_exceptions=False)

    said = " ".join(result.output.split())
    assert "training on test.parquet, train.parquet, valid.parquet (processed), 7,032 rows" in said
    page = (workplace / "models" / "report.html").read_text()
    assert "11 customers without a first bill left out" in page
