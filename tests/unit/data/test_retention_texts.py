"""Drafts and pairs of the grammar: what may be sent, what must not, and that splits share nothing."""

import re
from functools import cache

import polars as pl
import pytest

from churn_saver.data.retention_texts import KIND_SHARES, KINDS, QUALITY, preferences, responses
from churn_saver.domain.briefs import Brief, is_held_out, prompt_of
from churn_saver.domain.slots import Context
from churn_saver.errors import InputError
from tests.filled_drafts import blocked, judged

SPLITS = ("train", "validation", "test")
ALWAYS_REFUSED = ("wrong_offer", "missing_slot", "wrong_duration", "foreign_slot", "promise", "shouting")
"""Kinds of which no shield lets anything through."""


@cache
def drafts(split: str) -> pl.DataFrame:
    """Write some thousand drafts once for all tests."""
    return responses(split, {"train": 2_000}.get(split, 500), 3)


@cache
def pairs(split: str) -> pl.DataFrame:
    """Write some thousand pairs once for all tests."""
    return preferences(split, {"train": 2_000}.get(split, 500), 3)


def brief_of(row: dict[str, object]) -> Brief:
    """Read the brief back from the columns of a row."""
    context = Context(
        int(str(row["offer_percent"])), str(row["tenure"]),
        None if row["contract"] is None else str(row["contract"]), bool(row["has_name"]), str(row["channel"]),
    )  # fmt: skip
    return Brief(context, str(row["tone"]))


@pytest.mark.parametrize("split", SPLITS)
def test_every_draft_may_be_sent(split: str) -> None:
    """Whatever the facts: names of 2 to 24 letters, 1 to 1,200 months, short and long dates."""
    assert blocked(drafts(split), "response") == []


@pytest.mark.parametrize("split", SPLITS)
def test_every_chosen_text_may_be_sent_and_of_quality_pairs_the_other_too(split: str) -> None:
    """Else nothing but the shield's own rules would be left to learn."""
    found = pairs(split)

    assert blocked(found, "chosen") == []
    assert blocked(found.filter(pl.col("kind") == QUALITY), "rejected") == []


@pytest.mark.parametrize("kind", ALWAYS_REFUSED)
def test_what_is_wrong_is_refused(kind: str) -> None:
    """Each rejected text of the kinds that state something else than was decided, or shout."""
    wrong = pairs("train").filter(pl.col("kind") == kind)

    assert wrong.height > 30
    assert len(blocked(wrong, "rejected")) == wrong.height


def test_too_long_and_too_short_are_out_of_the_limits() -> None:
    """Nearly each of them: a long name can lengthen a short text into the limits."""
    for kind in ("too_long", "too_short"):
        wrong = pairs("train").filter(pl.col("kind") == kind)

        assert len(blocked(wrong, "rejected")) > 0.9 * wrong.height


def test_a_draft_names_only_slots_of_its_brief() -> None:
    """Each of them can be filled; a discount is stated whole, and a name once."""
    for row in drafts("train").iter_rows(named=True):
        brief, named = brief_of(row), re.findall(r"\{(\w+)\}", row["response"])

        assert row["prompt"] == prompt_of(brief)
        assert set(named) <= set(brief.slots)
        assert [named.count(slot) for slot in ("offer", "duration", "valid_until")] == (
            [1, 1, 1] if brief.context.offer_percent else [0, 0, 0]
        )
        assert named.count("name") == brief.context.has_name


def test_sentences_begin_with_a_capital_a_figure_or_a_name() -> None:
    """Also after facts were put in: no sentence starts with a slot whose words are small."""
    for turn, row in enumerate(drafts("train").iter_rows(named=True)):
        _, text = judged(row["response"], row, turn)

        assert all(not sentence[0].islower() for sentence in re.split(r"(?<=[.?!]) ", text)), text
        assert "  " not in text
        assert not re.search(r" [.,!?:]|[\[\]|@]", text), text


def test_half_of_the_drafts_are_weak() -> None:
    """Within four parts in a hundred, which is more than three standard errors of 2,000 draws."""
    weak = (drafts("train")["weakness"] != "").mean()

    assert weak == pytest.approx(0.5, abs=0.04)


def test_a_good_draft_fits_its_brief() -> None:
    """It thanks for a tenure where there is one, and names one step of its own channel."""
    for row in drafts("train").filter(pl.col("weakness") == "").iter_rows(named=True):
        text = row["response"].lower()

        assert ("{tenure}" in text) == (row["tenure"] != "unstated")
        assert ("{offer}" in text) == (row["offer_percent"] > 0)
        assert sum(text.count(word) for word in ("reply", "answer this", "say yes")) in (1, 2)
        assert not ("email" in text and row["channel"] != "email")
        assert not ("this text" in text and row["channel"] != "sms")


def test_splits_have_no_structure_in_common() -> None:
    """Neither drafts nor pairs; so nothing of a test structure was ever trained on."""
    for frames in ({split: drafts(split) for split in SPLITS}, {split: pairs(split) for split in SPLITS}):
        structures = [set(frames[split]["structure"]) for split in SPLITS]

        assert sum(map(len, structures)) == len(set().union(*structures))


def test_held_out_contexts_are_in_the_test_split_alone() -> None:
    """And the test split has no other."""
    for split in SPLITS:
        for row in (*drafts(split).iter_rows(named=True), *pairs(split).iter_rows(named=True)):
            assert is_held_out(brief_of(row).context) == (split == "test")


def test_it_is_a_language_and_no_list() -> None:
    """Of 2,000 drafts at least 9 in 10 read differently, in more than a thousand structures."""
    found = drafts("train")

    assert found["response"].n_unique() > 0.9 * found.height
    assert found["structure"].n_unique() > 1_000
    assert found.select("prompt", "response").is_duplicated().sum() == 0


def test_kinds_have_their_shares() -> None:
    """Quality at least 4 in 10, every kind within two parts in a hundred of its share."""
    found = pairs("train")["kind"].value_counts(normalize=True)
    shares = dict(found.iter_rows())

    assert sum(KIND_SHARES.values()) == 100
    assert set(shares) == set(KINDS)
    assert KIND_SHARES[QUALITY] >= 40
    assert {kind: share / 100 for kind, share in KIND_SHARES.items()} == pytest.approx(shares, abs=0.025)


def test_no_pair_is_of_two_equal_texts() -> None:
    """And none is there twice."""
    found = pairs("train")

    assert found.filter(pl.col("chosen") == pl.col("rejected")).height == 0
    assert found.select("prompt", "chosen", "rejected").is_duplicated().sum() == 0


def test_length_does_not_tell_which_text_is_better() -> None:
    """Of quality pairs the longer one is chosen in a third to a half."""
    quality = pairs("train").filter(pl.col("kind") == QUALITY)
    longer = (quality["chosen"].str.len_chars() > quality["rejected"].str.len_chars()).mean()

    assert isinstance(longer, float)
    assert 1 / 4 < longer < 1 / 2


@pytest.mark.parametrize("write", [responses, preferences])
def test_the_same_seed_gives_the_same_and_more_begin_with_fewer(write: object) -> None:
    """Another seed gives other texts."""
    assert callable(write)
    first = write("train", 60, 5)

    assert first.equals(write("train", 60, 5))
    assert first.head(20).equals(write("train", 20, 5))
    assert not first.equals(write("train", 60, 6))


def test_none_are_none() -> None:
    """With all columns."""
    assert responses("train", 0, 1).columns == drafts("train").columns
    assert preferences("test", 0, 1).columns == pairs("train").columns


def test_an_unknown_split_is_refused() -> None:
    """With those there are."""
    with pytest.raises(InputError, match=r"split is 'valid', wanted one of train, validation, test"):
        responses("valid", 1, 1)


def test_a_negative_number_is_refused() -> None:
    """Of rows or as a seed."""
    with pytest.raises(InputError, match=r"n is -1 and seed 1, wanted 0 or more of both"):
        preferences("train", -1, 1)
