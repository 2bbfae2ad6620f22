"""What is mixed of which sources, and what is said of it."""

import json
from pathlib import Path

import pytest

from churn_saver.config import RmSettings, SftSettings, parse
from churn_saver.domain.briefs import is_held_out
from churn_saver.domain.slots import PLANS, Context
from churn_saver.errors import ConfigError, InputError
from churn_saver.train.text_data import (
    BRIEFS_OF_A_MESSAGE,
    GRAMMAR,
    OWN_MESSAGES,
    OWN_PAIRS,
    RM_COLUMNS,
    SFT_COLUMNS,
    find_preferences,
    find_responses,
)
from tests.unit.train.test_text_sources import MESSAGES_HEADER, put_pairs, put_public

CONFIGS = Path(__file__).parents[3] / "ops" / "configs"


def sft(**changes: object) -> SftSettings:
    """Give sft.yaml with 40 pairs, changed."""
    settings = parse(SftSettings, (CONFIGS / "sft.yaml").read_text(), "sft.yaml")
    return settings.model_copy(update={"pairs": 40, "public_share": 0.2} | changes)


def rm(**changes: object) -> RmSettings:
    """Give rm.yaml with 40 pairs, changed."""
    settings = parse(RmSettings, (CONFIGS / "rm.yaml").read_text(), "rm.yaml")
    return settings.model_copy(update={"pairs": 40, "public_share": 0.2} | changes)


def own_rows(n: int) -> list[tuple[str, str, str]]:
    """Give n pairs with prompts of their own."""
    return [(f"prompt {k}", f"good {k}", f"bad {k}") for k in range(n)]


def test_without_data_the_grammar_writes_everything(tmp_path: Path) -> None:
    """40 pairs to learn from and a tenth as many to look at; the words say so."""
    found = find_responses(tmp_path, sft(), 3)

    assert found.train.columns == list(SFT_COLUMNS)
    assert found.train["source"].to_list() == [GRAMMAR] * 40
    assert found.valid.height == 4
    assert found.used == (
        "There is no rlhf_pairs.jsonl: the grammar writes the pairs.",
        "There is no messages.csv or messages.jsonl with messages of the company's own.",
        "40 pairs are the grammar's, seed 3.",
        "oasst1 was not prepared (make data.oasst1). 0 of them are learned from, 10 are wanted.",
    )
    assert found.left_out == {}


def test_the_reward_model_gets_kinds(tmp_path: Path) -> None:
    """Of the grammar's rejections; no text is in both parts with its pair."""
    found = find_preferences(tmp_path, rm(public_share=0.0), 3)

    assert found.train.columns == list(RM_COLUMNS)
    assert "quality" in set(found.train["kind"])
    assert found.used[-1] == "No public pair is wanted: public_share is 0."
    assert not set(found.train["chosen"]) & set(found.valid["chosen"])


def test_own_pairs_stand_for_the_grammar(tmp_path: Path) -> None:
    """Chosen texts are imitated; a prompt is learned from or looked at, never both."""
    put_pairs(tmp_path, *own_rows(60))

    imitated, judged = find_responses(tmp_path, sft(), 3), find_preferences(tmp_path, rm(), 3)

    assert set(imitated.train["source"]) == set(imitated.valid["source"]) == {OWN_PAIRS}
    assert imitated.train.height + imitated.valid.height == 60
    assert 1 <= imitated.valid.height <= 15
    assert {
        row["response"].replace("good", "prompt") == row["prompt"] for row in imitated.train.to_dicts()
    } == {True}
    assert set(judged.train["prompt"]) == set(imitated.train["prompt"])
    assert not set(judged.train["prompt"]) & set(judged.valid["prompt"])
    assert set(judged.valid["kind"]) == {OWN_PAIRS}


def test_two_own_prompts_are_one_each(tmp_path: Path) -> None:
    """One alone cannot be both, and is refused by its number."""
    put_pairs(tmp_path, *own_rows(2))
    found = find_preferences(tmp_path, rm(), 3)

    assert (found.train.height, found.valid.height) == (1, 1)

    put_pairs(tmp_path, *own_rows(1))

    with pytest.raises(InputError, match=r"own pairs have 1 different prompt, wanted at least 2"):
        find_preferences(tmp_path, rm(), 3)


def test_public_pairs_take_their_share(tmp_path: Path) -> None:
    """A fifth of all: 10 beside 40; none when they are used up, and validation has none at all."""
    rows = [{"prompt": f"p{k}", "response": "r"} for k in range(30)]
    put_public(tmp_path, "oasst1", train=rows, valid=rows[:2])

    found = find_responses(tmp_path, sft(), 3)

    assert found.train["source"].value_counts().sort("source").rows() == [("grammar", 40), ("oasst1", 10)]
    assert set(found.valid["source"]) == {GRAMMAR}
    assert found.public["oasst1"].height == 2
    assert found.used[-1] == (
        "30 pairs of oasst1 are short and of one turn. 10 of them are learned from, 10 are wanted."
    )
    assert find_responses(tmp_path, sft(public_share=0.9), 3).train.height == 70


def test_held_out_public_pairs_are_given_by_source(tmp_path: Path) -> None:
    """With the source as their kind; what was left out is counted."""
    rows = [
        {"source": source, "prompt": f"p{k}", "chosen": "a", "rejected": "b"}
        for k, source in enumerate(["hh_rlhf", "shp2", "shp2"])
    ]
    same = [{"source": "shp2", "prompt": "p", "chosen": "a", "rejected": "a"}]
    put_public(tmp_path, "preferences", train=rows + same, valid=rows)

    found = find_preferences(tmp_path, rm(), 3)

    assert {source: part.height for source, part in found.public.items()} == {"hh_rlhf": 1, "shp2": 2}
    assert set(found.public["shp2"]["kind"]) == {"shp2"}
    assert found.left_out == {"chosen equals rejected": 1}
    assert found.train.filter(found.train["source"] != GRAMMAR)["kind"].unique().sort().to_list() == [
        "hh_rlhf", "shp2",
    ]  # fmt: skip


def test_messages_join_the_grammar(tmp_path: Path) -> None:
    """Each with a few of the briefs that it suits, all on one side."""
    rows = "".join(f"m{k},How is your {{plan}} number {k}? Just reply.,,,,,,approved\n" for k in range(12))
    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + rows)

    found = find_responses(tmp_path, sft(), 3)
    ours = found.train.filter(found.train["source"] == OWN_MESSAGES)
    looked_at = found.valid.filter(found.valid["source"] == OWN_MESSAGES)

    assert ours.height + looked_at.height == 12 * BRIEFS_OF_A_MESSAGE
    assert not set(ours["response"]) & set(looked_at["response"])
    assert found.train.filter(found.train["source"] == GRAMMAR).height == 40


def test_reviews_make_pairs(tmp_path: Path) -> None:
    """Approved against rejected, for the plans that are not held out; a rejected one is never imitated."""
    rows = (
        "m1,How is your {plan}? Just reply.,,,email,,,approved\n"
        "m2,Is all well? Just reply to us.,,,email,,,approved\n"
        "m3,Your {plan} is there. Reply.,,,email,,,rejected\n"
        "m4,Your {plan} is here. Reply.,,,sms,,,rejected\n"
    )
    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + rows)

    judged = find_preferences(tmp_path, rm(), 3)
    ours = [
        row for part in (judged.train, judged.valid) for row in part.to_dicts() if row["kind"] == OWN_MESSAGES
    ]
    imitated = find_responses(tmp_path, sft(), 3)

    learned = [plan for plan in PLANS if not is_held_out(Context(0, "unstated", plan, False, "email"))]
    assert len(ours) == 2 * len(learned) > 0
    assert {row["rejected"] for row in ours} == {"Your {plan} is there. Reply."}
    assert "Your {plan} is there. Reply." not in set(imitated.train["response"]) | set(
        imitated.valid["response"]
    )


def test_one_message_alone_is_told_and_not_used(tmp_path: Path) -> None:
    """It could not be learned from and looked at; the grammar goes on without it."""
    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + "m1,Is all well? Just reply.,,,,,,approved\n")

    imitated, judged = find_responses(tmp_path, sft(), 3), find_preferences(tmp_path, rm(), 3)

    assert set(imitated.train["source"]) == set(judged.train["source"]) == {GRAMMAR}
    assert "own messages give fewer than 2 different response and are not used." in imitated.used
    assert "own messages give fewer than 2 different chosen and are not used." in judged.used


def test_the_same_seed_gives_the_same_order(tmp_path: Path) -> None:
    """Another seed, another one."""
    first = find_responses(tmp_path, sft(), 3)

    assert first.train.equals(find_responses(tmp_path, sft(), 3).train)
    assert not first.train.equals(find_responses(tmp_path, sft(), 4).train)


def test_nothing_but_public_pairs_is_refused(tmp_path: Path) -> None:
    """A model must see briefs to answer them."""
    with pytest.raises(ConfigError, match=r"public_share is 1\.0, wanted below 1"):
        find_responses(tmp_path, sft(public_share=1.0), 3)


def test_a_company_writes_its_own_words(tmp_path: Path) -> None:
    """A text as it stands in the file is the text that is learned from."""
    put_pairs(tmp_path, *own_rows(3), ("p", "Ça va, {name}?", "no"))
    found = find_preferences(tmp_path, rm(), 3)
    texts = [*found.train["chosen"], *found.valid["chosen"]]

    assert "Ça va, {name}?" in texts
    assert json.loads((tmp_path / "rlhf_pairs.jsonl").read_text().splitlines()[0])["chosen"] in texts
