"""`churn-saver messages`: what there is, what one reads like, and what a review changes."""

import json
from pathlib import Path
from threading import Thread

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from churn_saver.adapters.banks import BANK, held, read_bank, write_bank
from churn_saver.cli import app
from churn_saver.cli.message_reviewing import Choice, approve_messages, show_one
from churn_saver.data.tables import MESSAGES, read
from churn_saver.errors import ArtifactError, InputError
from churn_saver.message.bank import DRAFT, Bank
from churn_saver.opening import shipped_bank_folder
from tests.banks import GOOD, bank_folder, entry
from tests.unit.message.test_bank import CARE, CARE_TEXT

PUSHY = "Hi {name}, act now: {offer} off {duration} is yours. Reply by {valid_until}."
CONFIGS = Path(__file__).parents[3] / "ops" / "configs"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a bank of three drafts and an approved message, named by BANK_DIR; m1 the shield would stop."""
    entries = (
        entry(0, review=DRAFT),
        entry(1, PUSHY, review=DRAFT),
        entry(2, f"{GOOD} Thank you.", review=DRAFT, tone="brief", score=None),
        entry(3, CARE_TEXT, CARE, score=-1.25),
    )
    made = bank_folder(tmp_path, Bank(entries))
    monkeypatch.setenv("BANK_DIR", str(made))
    monkeypatch.setenv("CONFIG_DIR", str(CONFIGS))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)
    return made


def run(*arguments: str) -> Result:
    """Run a command that an error of ours may leave."""
    return CliRunner().invoke(app, ["messages", *arguments])


def told(*arguments: str) -> str:
    """Run a command that succeeds, and give what it says on one line each."""
    result = run(*arguments)

    assert result.exit_code == 0, result.output
    return result.output


def plainly(output: str) -> str:
    """Give what was printed on one line, wherever the console broke it."""
    return " ".join(output.split())


def states(folder: Path) -> dict[str, str]:
    """Give the state of every message on disk."""
    return {one.id: one.review for one in read_bank(folder).bank.entries}


def test_a_list_shows_messages_and_counts_all(folder: Path) -> None:
    """Each with state, context, tone, score and text."""
    output = told("list")

    for words in (
        "m0",
        "draft",
        "email, 10 %, settled, month-to-month, name",
        "brief",
        "0.50",
        "-1.25",
        "{name}",
    ):
        assert words in output
    assert "4 of 4 messages shown" in output
    assert "3 draft, 1 approved, 0 rejected; 1 context served from it" in plainly(output)


def test_a_list_shows_what_is_chosen(folder: Path) -> None:
    """By state, offer, tenure, tone and channel; and as many as are wanted."""
    assert "1 of 1 message shown" in told("list", "--tone", "brief")
    assert "1 of 3 messages shown" in told("list", "--state", "draft", "--most", "1")
    assert "1 of 1 message shown" in told("list", "--offer", "0", "--tenure", "unstated")
    assert "0 of 0 messages shown" in told("list", "--channel", "sms")


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--state", "fine", "draft, approved, rejected"),
        ("--offer", "7", "0, 5, 10, 15"),
        ("--tone", "loud", "warm, plain, brief"),
        ("--channel", "fax", "email, sms, push"),
        ("--tenure", "old", "unstated, new, settled, long"),
    ],
)
def test_a_choice_that_no_message_has_is_refused(folder: Path, option: str, value: str, wanted: str) -> None:
    """With the words that there are."""
    error = run("list", option, value).exception

    assert isinstance(error, InputError)
    assert str(error) == f"{option} is '{value}', wanted one of {wanted}"


def test_one_message_is_shown_as_customers_read_it(folder: Path) -> None:
    """Short and long facts, and the verdict of the shield."""
    good, pushy = told("show", "m0"), told("show", "m1")

    assert "draft      Hi {name}, thanks" in good
    assert "reads      Hi Al, thanks for 12 months with us. Take 10% off your next bill" in good
    assert "reads      Hi Maria-Alexandra Fernandez, thanks for 35 months" in good
    assert "shield     lets it through" in good
    assert "shield     stops it: banned_phrase" in pushy


def test_an_approved_message_is_served_and_a_rejected_one_is_not(folder: Path) -> None:
    """Both files are written, so the bank can be read; its version is told."""
    approved = told("approve", "m0", "m2")
    assert states(folder) == {"m0": "approved", "m1": "draft", "m2": "approved", "m3": "approved"}
    assert f"version {read_bank(folder).bank.version}" in plainly(approved)
    assert "started again" in approved

    told("reject", "m2")
    assert states(folder)["m2"] == "rejected"
    assert "nothing to do" in told("reject", "m2")


def test_the_origin_of_a_bank_outlives_a_review(folder: Path) -> None:
    """Who made it and from what."""
    before = read_bank(folder).provenance
    told("approve", "m0")

    assert read_bank(folder).provenance == before == {"writer": "by hand"}


def test_all_that_is_chosen_is_approved_but_for_what_the_shield_stops(folder: Path) -> None:
    """That is counted and stays a draft."""
    output = told("approve", "--all", "--state", "draft")

    assert states(folder) == {"m0": "approved", "m1": "draft", "m2": "approved", "m3": "approved"}
    assert "1 message left as they are, the shield would stop them: banned_phrase 1" in plainly(output)


def test_all_leaves_alone_what_was_judged_before(folder: Path) -> None:
    """A rejected message is not approved in passing, only where its state is named."""
    told("reject", "m2")
    told("approve", "--all")
    before = states(folder)["m2"]
    told("approve", "--all", "--state", "rejected")

    assert (before, states(folder)["m2"]) == ("rejected", "approved")


def test_a_named_message_that_the_shield_stops_is_refused(folder: Path) -> None:
    """And nothing is approved beside it."""
    error = run("approve", "m0", "m1").exception

    assert isinstance(error, InputError)
    assert "m1: banned_phrase" in str(error)
    assert states(folder)["m0"] == "draft"


@pytest.mark.parametrize("arguments", [["approve"], ["reject", "m0", "--all"]])
def test_what_is_meant_must_be_said(folder: Path, arguments: list[str]) -> None:
    """By ids or by --all, not both."""
    error = run(*arguments).exception

    assert isinstance(error, InputError)
    assert "give ids of messages, or --all, and not both" in str(error)


def test_an_unknown_id_is_refused(folder: Path) -> None:
    """Before anything is written."""
    for command in ("show", "approve", "reject"):
        assert "no message 'm9'" in str(run(command, "m9").exception)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_export_is_a_table_of_messages_of_ones_own(folder: Path, tmp_path: Path, ending: str) -> None:
    """Approved ones by default; the check of a company's own messages finds nothing wrong with it."""
    out = tmp_path / f"messages.{ending}"
    told("approve", "m0")
    told("export", str(out))

    checked = read(out.read_bytes(), out.name, MESSAGES)
    assert checked.faults == ()
    assert checked.frame["message_id"].to_list() == ["m0", "m3"]
    assert checked.frame["offer_pct"].to_list() == [10, 0]


def test_an_export_of_nothing_or_to_another_ending_is_refused(folder: Path, tmp_path: Path) -> None:
    """With what there is."""
    assert "wanted .csv, .jsonl, .parquet" in str(run("export", "messages.txt").exception)
    assert "no message is meant" in str(run("export", "messages.csv", "--channel", "sms").exception)
    assert not (tmp_path / "messages.csv").exists()


def test_the_choice_holds_for_an_export(folder: Path, tmp_path: Path) -> None:
    """Drafts as well, when they are asked for."""
    told("export", "drafts.parquet", "--state", "draft", "--tone", "warm")

    assert pl.read_parquet(tmp_path / "drafts.parquet")["message_id"].to_list() == ["m0", "m1"]


def test_another_folder_can_be_named(folder: Path, tmp_path: Path) -> None:
    """It is the one that is written to."""
    other = bank_folder(tmp_path / "other", Bank((entry(7, review=DRAFT),)))
    told("approve", "m7", "--bank", str(other))

    assert states(other) == {"m7": "approved"}
    assert json.loads((other / "manifest.json").read_text())["entries"]["approved"] == 1


def test_the_shipped_bank_is_never_written_to(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A review of it makes a copy in the working folder."""
    monkeypatch.delenv("BANK_DIR")
    before = (shipped_bank_folder() / BANK).read_bytes()
    first = read_bank(shipped_bank_folder()).bank.entries[0].id
    output = told("reject", first)

    assert (shipped_bank_folder() / BANK).read_bytes() == before
    assert read_bank(tmp_path / "checkpoints" / "message_bank").bank.entry(first).review == "rejected"
    assert "the shipped bank stays as it is" in plainly(output)


def test_two_reviews_at_once_are_both_kept(folder: Path) -> None:
    """One reads the bank and takes its time; the other waits, and reads what the first wrote."""
    later = Thread(target=approve_messages, args=(["m0"], False, Choice(), folder))
    with held(folder):
        stored = read_bank(folder)
        later.start()
        later.join(0.5)
        rejected = stored.bank.reviewed(lambda one: one.id == "m2", "rejected")
        write_bank(folder, rejected, stored.provenance)
    later.join(30)

    assert states(folder) == {"m0": "approved", "m1": "draft", "m2": "rejected", "m3": "approved"}


def test_without_the_classifier_nothing_is_approved(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fault is named; a look at a message names it too, and goes on."""
    with pytest.raises(ArtifactError, match=r"nothing was approved: toxicity_unavailable: .*by words alone"):
        approve_messages(["m0"], False, Choice(), folder, tmp_path / "absent")
    assert states(folder)["m0"] == "draft"

    show_one("m0", folder, tmp_path / "absent")

    assert "toxicity_unavailable" in capsys.readouterr().out
