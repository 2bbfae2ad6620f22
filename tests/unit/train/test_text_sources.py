"""The company's files and the public sets: what of them can be learned from."""

import hashlib
import json
from pathlib import Path

import pytest

from churn_saver.adapters.manifests import FileEntry, Manifest
from churn_saver.domain.briefs import Brief, every_brief, is_held_out, prompt_of
from churn_saver.errors import ArtifactError, InputError, TableError
from churn_saver.train.text_sources import (
    BRACES,
    HALF_AN_OFFER,
    HELD_OUT,
    LONG,
    NOT_APPROVED,
    OTHER_LANGUAGE,
    SAME,
    SEVERAL_TURNS,
    own_messages,
    own_pairs,
    public_pairs,
)

MESSAGES_HEADER = "message_id,text,offer_pct,tone,channel,language,contract_type,review\n"


def put_pairs(folder: Path, *rows: tuple[str, str, str]) -> bytes:
    """Write rlhf_pairs.jsonl."""
    lines = [json.dumps(dict(zip(("prompt", "chosen", "rejected"), row, strict=True))) for row in rows]
    raw = ("\n".join(lines) + "\n").encode()
    (folder / "rlhf_pairs.jsonl").write_bytes(raw)
    return raw


def put_public(folder: Path, name: str, **splits: list[dict[str, str]]) -> Path:
    """Write a prepared set with its manifest."""
    place = folder / "processed" / name
    place.mkdir(parents=True)
    files = {}
    for split, rows in splits.items():
        raw = "".join(json.dumps(row) + "\n" for row in rows).encode()
        (place / f"{split}.jsonl").write_bytes(raw)
        files[f"{split}.jsonl"] = FileEntry(hashlib.sha256(raw).hexdigest(), len(raw), len(rows), {})
    manifest = Manifest(name, "1", 1, {}, {}, (), files, {}, {})
    (place / "manifest.json").write_bytes(manifest.to_bytes())
    return place


def test_without_a_file_there_are_no_pairs(tmp_path: Path) -> None:
    """And it is said what stands for them."""
    found = own_pairs(tmp_path, False)

    assert found.frame is None
    assert found.words == "There is no rlhf_pairs.jsonl: the grammar writes the pairs."


def test_pairs_are_read_once_each_with_their_hash(tmp_path: Path) -> None:
    """A pair given twice is one."""
    raw = put_pairs(tmp_path, ("p", "good", "bad"), ("p", "good", "bad"), ("q", "fine", "poor"))

    found = own_pairs(tmp_path, False)

    assert found.frame is not None
    assert found.frame.rows() == [("p", "good", "bad"), ("q", "fine", "poor")]
    assert found.words == f"2 pairs are rlhf_pairs.jsonl's, SHA-256 {hashlib.sha256(raw).hexdigest()}."


def test_the_demos_pairs_count_as_absent(tmp_path: Path) -> None:
    """Until a row of them is changed: then the company means it."""
    raw = put_pairs(tmp_path, ("p", "good", "bad"))
    (tmp_path / "DEMO.json").write_text(json.dumps({"rlhf_pairs.jsonl": hashlib.sha256(raw).hexdigest()}))

    assert own_pairs(tmp_path, False).frame is None
    assert "is the demo's" in own_pairs(tmp_path, False).words

    put_pairs(tmp_path, ("p", "good", "worse"))

    assert own_pairs(tmp_path, False).frame is not None


def test_a_marker_that_is_no_json_marks_nothing(tmp_path: Path) -> None:
    """The file is taken for the company's."""
    put_pairs(tmp_path, ("p", "good", "bad"))
    (tmp_path / "DEMO.json").write_text("{")

    assert own_pairs(tmp_path, False).frame is not None


def test_prompts_of_held_out_contexts_are_kept_for_judging(tmp_path: Path) -> None:
    """They are counted."""
    held_out = next(prompt_of(brief) for brief in every_brief() if is_held_out(brief.context))
    put_pairs(tmp_path, (held_out, "good", "bad"), ("p", "good", "bad"))

    found = own_pairs(tmp_path, False)

    assert found.frame is not None
    assert found.frame["prompt"].to_list() == ["p"]
    assert found.left_out == {HELD_OUT: 1}


def test_a_chosen_text_that_is_the_rejected_one_is_refused_by_line(tmp_path: Path) -> None:
    """Or left out and counted, if so asked."""
    put_pairs(tmp_path, ("p", "good", "bad"), ("q", "same", "same"))

    with pytest.raises(TableError, match=r"rlhf_pairs\.jsonl:2: .*wanted another text than chosen"):
        own_pairs(tmp_path, False)

    found = own_pairs(tmp_path, True)

    assert found.frame is not None
    assert found.frame.height == 1
    assert found.left_out == {"rlhf_pairs.jsonl: cannot be used": 1}


def test_a_file_without_a_pair_is_refused_by_name(tmp_path: Path) -> None:
    """An empty one, and one whose only pair cannot be used."""
    (tmp_path / "rlhf_pairs.jsonl").write_bytes(b"")

    with pytest.raises(TableError, match=r"rlhf_pairs\.jsonl:1: .*empty"):
        own_pairs(tmp_path, False)

    put_pairs(tmp_path, ("q", "same", "same"))

    with pytest.raises(InputError, match=r"rlhf_pairs\.jsonl holds no pair to learn from, wanted at least 2"):
        own_pairs(tmp_path, True)


def test_a_message_answers_every_brief_that_it_suits(tmp_path: Path) -> None:
    """Its slots say whether there is a name, a tenure and a discount; a blank cell means any."""
    (tmp_path / "messages.csv").write_text(
        MESSAGES_HEADER
        + 'm1,"Hi {name}, thanks for {tenure}. Just reply.",,Warm,sms,en-GB,One year,approved\n'
    )

    found = own_messages(tmp_path, False)
    wanted = [
        prompt_of(brief) for brief in every_brief() if brief.tone == "warm" and brief.context.channel == "sms"
        and brief.context.contract == "one year" and brief.context.has_name
        and brief.context.tenure != "unstated" and not brief.context.offer_percent
        and not is_held_out(brief.context)
    ]  # fmt: skip

    assert found.frame is not None
    assert found.frame["prompt"].to_list() == wanted
    assert found.frame["approved"].all()
    assert found.words.startswith("1 messages are messages.csv's, SHA-256 ")


def test_a_message_of_an_unknown_tone_is_plain_and_a_review_counts(tmp_path: Path) -> None:
    """Rejected is rejected; without an offer in the table any discount will do."""
    text = "Take {offer} off {duration}: reply by {valid_until}."
    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + f'm1,"{text}",,jolly,email,,,rejected\n')

    found = own_messages(tmp_path, False).frame

    assert found is not None
    assert not found["approved"].any()
    assert all(prompt.startswith("plain email") for prompt in found["prompt"])
    levels = {prompt.split("discount ")[1].split(",")[0] for prompt in found["prompt"]}
    assert levels == {"small", "middle", "large"}


def test_messages_that_no_brief_wants_are_counted(tmp_path: Path) -> None:
    """Half an offer, an offer without its slots, and another language."""
    good = "m1,How is your {plan}? Just reply.,,,,,,\n"
    bad = (
        "m2,Take {offer} off {duration}.,10,,,,,\n"
        "m3,How is your {plan}? Just reply to us.,5,,,,,\n"
        "m4,Wie geht es Ihnen? Antworten Sie.,,,,de,,\n"
    )
    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + good + bad)

    assert own_messages(tmp_path, False).left_out == {HALF_AN_OFFER: 2, OTHER_LANGUAGE: 1}

    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + bad)

    with pytest.raises(
        InputError, match=r"messages\.csv holds no message to learn from \(.*not in English: 1"
    ):
        own_messages(tmp_path, False)


def test_messages_without_any_column_but_text_are_enough(tmp_path: Path) -> None:
    """As JSON lines too; what nobody reviewed the company wrote all the same."""
    (tmp_path / "messages.jsonl").write_text('{"message_id": "m", "text": "Is all well? Just reply."}\n')

    found = own_messages(tmp_path, False).frame

    assert found is not None
    assert found["approved"].all()


def test_two_files_of_messages_are_one_too_many(tmp_path: Path) -> None:
    """And none is none."""
    assert own_messages(tmp_path, False).frame is None

    for name in ("messages.csv", "messages.jsonl"):
        (tmp_path / name).write_text("x")

    with pytest.raises(InputError, match=r"holds messages\.csv and messages\.jsonl, wanted one of them"):
        own_messages(tmp_path, False)


def test_public_pairs_are_short_and_of_one_turn(tmp_path: Path) -> None:
    """Each of the others is counted under its first reason; 8 tokens are 24 signs."""
    rows = [
        {"conversation_id": "1", "prompt": "hello there", "response": "good day"},
        {"conversation_id": "2", "prompt": "a\n\nAssistant: b\n\nHuman: c", "response": "d"},
        {"conversation_id": "3", "prompt": "hello there", "response": "a" * 14},
        {"conversation_id": "4", "prompt": "hello", "response": "{x}"},
    ]
    put_public(tmp_path, "oasst1", train=rows, valid=rows[:1])

    found = public_pairs(tmp_path, "oasst1", ("response",), 8)

    assert found.train.rows() == [("hello there", "good day", "oasst1")]
    assert found.valid.height == 1
    assert found.left_out == {SEVERAL_TURNS: 1, LONG: 1, BRACES: 1}
    assert found.words == "1 pairs of oasst1 are short and of one turn."


def test_public_preferences_keep_their_source(tmp_path: Path) -> None:
    """Equal texts teach nothing; the longer of two texts must fit."""
    rows = [
        {"source": "shp2", "prompt": "p", "chosen": "a", "rejected": "b"},
        {"source": "hh_rlhf", "prompt": "p", "chosen": "a", "rejected": "a"},
        {"source": "hh_rlhf", "prompt": "p", "chosen": "a", "rejected": "b" * 24},
    ]
    put_public(tmp_path, "preferences", train=rows)

    found = public_pairs(tmp_path, "preferences", ("chosen", "rejected"), 8)

    assert found.train.rows() == [("p", "a", "b", "shp2")]
    assert found.valid.height == 0
    assert found.left_out == {LONG: 1, SAME: 1}


def test_a_public_set_that_was_not_prepared_is_no_error(tmp_path: Path) -> None:
    """It is said what prepares it."""
    found = public_pairs(tmp_path, "oasst1", ("response",), 128)

    assert found.train.height == found.valid.height == 0
    assert found.words == "oasst1 was not prepared (make data.oasst1)."


def test_a_public_set_that_was_altered_is_refused(tmp_path: Path) -> None:
    """By its hash."""
    place = put_public(tmp_path, "oasst1", train=[{"prompt": "p", "response": "r"}])
    (place / "train.jsonl").write_text('{"prompt": "p", "response": "x"}\n')

    with pytest.raises(ArtifactError, match=r"train\.jsonl has SHA-256 .*altered.*make data\.oasst1"):
        public_pairs(tmp_path, "oasst1", ("response",), 128)


def test_held_out_contexts_suit_no_message(tmp_path: Path) -> None:
    """A message that suits every context learns none of those."""
    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + "m1,How are you? Just reply.,,,,,,\n")

    found = own_messages(tmp_path, False).frame
    held_out = {prompt_of(Brief(b.context, b.tone)) for b in every_brief() if is_held_out(b.context)}

    assert found is not None
    assert not held_out & set(found["prompt"])


def test_a_draft_of_ones_own_is_not_learned_from_as_approved(tmp_path: Path) -> None:
    """It waits for a review: left out and counted; a blank review is the company's own approval."""
    rows = "m1,How is your {plan}? Just reply.,,,,,,\nm2,Is all well with you? Just reply.,,,,,,draft\n"
    (tmp_path / "messages.csv").write_text(MESSAGES_HEADER + rows)

    found = own_messages(tmp_path, False)

    assert found.frame is not None
    assert set(found.frame["text"]) == {"How is your {plan}? Just reply."}
    assert found.frame["approved"].all()
    assert found.left_out == {NOT_APPROVED: 1}
