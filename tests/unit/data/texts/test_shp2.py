"""SHP-2, on lines of its form."""

import json

import pytest

from churn_saver.data.texts.gathering import BLANK, DUPLICATE, MARK, Texts
from churn_saver.data.texts.preference_pairs import CONTRADICTORY, EQUAL
from churn_saver.data.texts.shp2 import WEAK, shp_pairs


def line(**change: object) -> bytes:
    """Write a line with all keys of the data set."""
    values = {
        "post_id": "qt3nxl", "domain": "askculinary_train", "upvote_ratio": 0.98,
        "history": "How do I peel a peach? ", "c_root_id_A": "hkh25sc", "c_root_id_B": "hkh25lp",
        "created_at_utc_A": 1636822112, "created_at_utc_B": 1636822110, "score_A": 340, "score_B": 166,
        "human_ref_A": "Scald it.", "human_ref_B": "With\r\na knife.", "labels": 1,
        "seconds_difference": 2.0, "score_ratio": 2.0481927711,
    }  # fmt: skip
    return json.dumps(values | change).encode()


def read(*rows: bytes, least: float = 1.0) -> Texts:
    """Read a file of these lines."""
    return shp_pairs({"train.json": rows}, least)


@pytest.mark.parametrize(
    ("label", "pair"),
    [(1, ("Scald it.", "With\na knife.")), (0, ("With\na knife.", "Scald it."))],
)
def test_label_says_which_comment_is_better(label: int, pair: tuple[str, str]) -> None:
    """1 is A; the post is the prompt, opens the conversation and names it."""
    post = "How do I peel a peach?"

    assert read(line(labels=label)).frame.rows() == [("qt3nxl", post, post, *pair)]


def test_weak_preferences_are_left_out_when_asked() -> None:
    """The limit itself is enough."""
    rows = [line(post_id=str(ratio), history=f"{ratio}?", score_ratio=ratio) for ratio in (1.0, 1.5, 2, 3.25)]

    texts = read(*rows, least=2.0)
    assert texts.frame["conversation_id"].to_list() == ["2", "3.25"]
    assert dict(texts.left_out) == {WEAK: 2}
    assert read(*rows).frame.height == 4


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"human_ref_B": " Scald it."}, EQUAL),
        ({"human_ref_A": ""}, BLANK),
        ({"history": " \n"}, BLANK),
        ({"history": "He wrote:\nHuman: hello"}, MARK),
        ({"human_ref_B": "Assistant: no"}, MARK),
    ],
)
def test_what_makes_no_pair_is_counted(change: dict[str, object], reason: str) -> None:
    """As in every source of preferences."""
    assert dict(read(line(**change)).left_out) == {reason: 1}


def test_repeats_and_contradictions_are_found() -> None:
    """Also when a repeat has the comments the other way round, with the other label."""
    swapped: dict[str, object] = {"human_ref_A": "With a knife.", "human_ref_B": "Scald it."}
    straight: dict[str, object] = {"human_ref_A": "Scald it.", "human_ref_B": "With a knife."}

    assert dict(read(line(**straight), line(**swapped, labels=0)).left_out) == {DUPLICATE: 1}
    assert dict(read(line(**straight), line(**swapped, labels=1)).left_out) == {CONTRADICTORY: 2}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"labels": 2}, "column 'labels' is '2', wanted 1 where A is preferred, 0 where B is"),
        ({"labels": True}, "column 'labels' is 'true', wanted 1 where A is preferred"),
        ({"labels": None}, "column 'labels' is 'null', wanted 1 where A is preferred"),
        ({"labels": [1]}, "column 'labels' is 'a list', wanted 1 where A is preferred"),
        ({"post_id": ""}, "column 'post_id' is '', wanted a text that is not blank"),
        ({"history": None}, "column 'history' is 'null', wanted a text"),
        ({"human_ref_A": 4}, "column 'human_ref_A' is '4', wanted a text"),
        ({"score_ratio": float("nan")}, "column 'score_ratio' is 'NaN', wanted a number"),
        ({"score_ratio": "2"}, "column 'score_ratio' is '2', wanted a number"),
    ],
)
def test_line_of_another_form_is_rejected(change: dict[str, object], fault: str) -> None:
    """With its line, and the rest is read."""
    texts = read(line(), line(**change))

    assert texts.frame.height == 1
    assert texts.rejects.select("file", "line").rows() == [("train.json", 2)]
    assert texts.rejects["fault"][0].startswith(fault)
