"""The messages that are served: a named bank, one made here once it is reviewed, the shipped; live ones."""

from pathlib import Path

import pytest

from churn_saver.adapters.banks import BANK, write_bank
from churn_saver.config import Environment
from churn_saver.domain.briefs import every_brief
from churn_saver.message.bank import DRAFT, Bank
from churn_saver.opening.messages import BANK_UNAVAILABLE, LIVE_UNAVAILABLE, open_bank, open_live
from churn_saver.opening.places import BANK_DIR
from tests.banks import bank_folder, entry
from tests.builders import rules


def test_the_named_bank_is_served(tmp_path: Path) -> None:
    """Whole, under its version."""
    folder = bank_folder(tmp_path, Bank((entry(0), entry(1))))

    bank, lacks = open_bank(Environment(BANK_DIR=str(folder)))

    assert bank is not None
    assert (len(bank), len(bank.version), lacks) == (2, 16, ())


def test_the_kill_switch_needs_no_bank(tmp_path: Path) -> None:
    """Nobody looks for it, and nothing is wrong."""
    assert open_bank(Environment(BANK_DIR=str(tmp_path), FORCE_BASELINE=True)) == (None, ())


def test_where_none_is_named_or_made_the_shipped_bank_serves_every_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of the 384 contexts has an approved message in it."""
    monkeypatch.chdir(tmp_path)

    bank, lacks = open_bank(Environment())

    assert lacks == ()
    assert bank is not None
    assert bank.contexts == len({brief.context for brief in every_brief()}) == 384


def test_a_missing_bank_is_a_fault_with_the_command(tmp_path: Path) -> None:
    """No other folder is taken instead of the named one."""
    bank, (lack,) = open_bank(Environment(BANK_DIR=str(tmp_path)))

    assert (bank, lack.code) == (None, BANK_UNAVAILABLE)
    assert str(lack.fault).startswith("plain sentences are sent instead of messages of the bank: ")
    assert str(tmp_path) in str(lack.fault)
    assert "make message-bank" in str(lack.fault)


def test_an_altered_bank_is_a_fault(tmp_path: Path) -> None:
    """It is not served in part."""
    folder = bank_folder(tmp_path, Bank((entry(0),)))
    (folder / BANK).write_bytes((folder / BANK).read_bytes() + b"\n")

    bank, (lack,) = open_bank(Environment(BANK_DIR=str(folder)))

    assert bank is None
    assert "it was altered" in str(lack.fault)


def test_a_named_bank_of_which_nothing_is_approved_is_a_fault(tmp_path: Path) -> None:
    """With the commands that review it."""
    folder = bank_folder(tmp_path, Bank((entry(0, review=DRAFT),)))

    bank, (lack,) = open_bank(Environment(BANK_DIR=str(folder)))

    assert bank is None
    assert f"none of the 1 in {folder} is approved" in str(lack.fault)
    assert "churn-saver messages approve" in str(lack.fault)


def test_a_bank_made_here_is_served_once_a_message_of_it_is_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before that what is shipped stays in service."""
    monkeypatch.chdir(tmp_path)
    shipped = open_bank(Environment())
    write_bank(BANK_DIR, Bank((entry(0, review=DRAFT),)), {})
    drafts_only = open_bank(Environment())
    write_bank(BANK_DIR, Bank((entry(0),)), {})
    bank, lacks = open_bank(Environment())

    assert shipped[0] is not None
    assert drafts_only == shipped
    assert bank is not None
    assert (len(bank), lacks) == (1, ())


def test_a_live_writer_is_looked_for_only_when_asked(tmp_path: Path) -> None:
    """Neither by default nor with the kill switch on."""
    place = {"LIVE_DIR": str(tmp_path)}

    assert open_live(Environment.model_validate(place), rules().serve) == (None, ())
    assert open_live(
        Environment.model_validate(place | {"FORCE_BASELINE": True}), rules(live=True).serve
    ) == (None, ())


def test_a_missing_live_model_leaves_it_to_the_bank(tmp_path: Path) -> None:
    """The fault names the folder and the command that exports one."""
    writer, (lack,) = open_live(Environment(LIVE_DIR=str(tmp_path)), rules(live=True).serve)

    assert (writer, lack.code) == (None, LIVE_UNAVAILABLE)
    assert str(tmp_path) in str(lack.fault)
    assert "churn-saver live-model" in str(lack.fault)
