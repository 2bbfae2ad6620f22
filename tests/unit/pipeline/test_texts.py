"""Recipes of the two sets of texts."""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn_saver.adapters.download.fetching import Raw
from churn_saver.config import DataSettings
from churn_saver.errors import TableError
from churn_saver.pipeline.prepared import Prepared, Taken
from churn_saver.pipeline.texts import prepare_oasst1, prepare_preferences
from tests import public_data

Files = Mapping[str, bytes]
WORDS = st.sampled_from(["a", "A", "b", " a", "a ", "a  b", "A b", "a\nb", "ÄB", "äb"])


def taken(folder: Path, source: str, *contents: bytes) -> Taken:
    """Write raw files, and give them as downloaded."""
    raws = []
    for i, content in enumerate(contents):
        path = folder / f"{source}-{i}"
        path.write_bytes(content)
        raws.append(Raw(path, f"{source}/{i}.jsonl", "0" * 64, len(content)))
    return Taken("full", tuple(raws))


def oasst(folder: Path, *contents: bytes, settings: DataSettings | None = None) -> Prepared:
    """Prepare conversations."""
    files = {"oasst1": taken(folder, "oasst1", *contents)}
    return prepare_oasst1(files, settings or public_data.data_settings())


def preferences(folder: Path, files: Files, settings: DataSettings | None = None) -> Prepared:
    """Prepare preference pairs."""
    sources = {source: taken(folder, source, content) for source, content in files.items()}
    return prepare_preferences(sources, settings or public_data.data_settings())


def both() -> dict[str, bytes]:
    """Give a file of each source of preferences."""
    return {
        "hh_rlhf": gzip.compress(public_data.jsonl(public_data.hh_lines())),
        "shp2": public_data.jsonl(public_data.shp_lines()),
    }


def folded(text: str) -> str:
    """Take letter case and spaces away, by other means than the code does."""
    return " ".join(re.split(r"\s+", text.lower().strip()))


def torn(splits: Mapping[str, pl.DataFrame], column: str) -> list[str]:
    """Name the values that are in two splits, letter case and spaces aside."""
    seen = defaultdict(set)
    for split, frame in splits.items():
        for value in frame[column].to_list():
            seen[folded(value)].add(split)
    return [value for value, where in seen.items() if len(where) > 1]


def test_conversations_become_prompts_with_their_best_reply(tmp_path: Path) -> None:
    """60 trees, every second with two questions: 90 pairs; of each tree one reply was not the best."""
    prepared = oasst(tmp_path, public_data.jsonl(public_data.oasst_lines()))

    assert prepared.whole.columns == ["conversation_id", "prompt", "response"]
    assert prepared.whole.height == 90
    assert prepared.left_out == {"a better reply was taken": 60}
    assert (prepared.form, prepared.faults, prepared.rejects.height) == ("jsonl", (), 0)
    assert prepared.settings == {"language": "en", "keep_synthetic": False}
    row = prepared.whole.row(by_predicate=pl.col("response") == "Then not at all, number 4.", named=True)
    assert row["prompt"] == (
        "How do I mend thing 4?\n\nAssistant: Mend it with tool 4.\n\nHuman: And without tool 4?"
    )


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 42])
def test_no_conversation_and_no_prompt_is_in_two_splits(tmp_path: Path, seed: int) -> None:
    """Also where two conversations open with one question in other letters."""
    settings = public_data.data_settings({**public_data.SMALL, "seed": seed})

    splits = oasst(tmp_path, public_data.jsonl(public_data.oasst_lines()), settings=settings).splits

    assert torn(splits, "conversation_id") == torn(splits, "prompt") == []
    where = {one: split for split, frame in splits.items() for one in frame["conversation_id"].to_list()}
    # Trees 2, 5, 8 … ask what 1, 4, 7 … asked.
    assert all(where[f"p{i}"] == where[f"p{i - 1}"] for i in range(2, 60, 3))
    assert len(set(where.values())) == 3


def test_several_files_are_one_set(tmp_path: Path) -> None:
    """Cut in two and turned around: the same rows in the same order."""
    lines = public_data.oasst_lines()

    whole = oasst(tmp_path, public_data.jsonl(lines))
    cut = oasst(tmp_path, public_data.jsonl(lines[:20:-1]), gzip.compress(public_data.jsonl(lines[20::-1])))

    assert {name: frame.rows() for name, frame in whole.splits.items()} == {
        name: frame.rows() for name, frame in cut.splits.items()
    }


def test_language_and_synthetic_go_by_the_settings(tmp_path: Path) -> None:
    """Another language finds nothing here."""
    settings = public_data.data_settings({**public_data.SMALL, "oasst1.language": "de"})

    prepared = oasst(tmp_path, public_data.jsonl(public_data.oasst_lines()), settings=settings)

    assert prepared.whole.height == 0
    # The question of each tree and of each second one again, and its two or three replies.
    assert sum(prepared.left_out.values()) == 60 * 3 + 30 * 2


def test_lines_that_cannot_be_used_are_kept_as_they_came(tmp_path: Path) -> None:
    """Line 3 is no JSON; the rest is used."""
    lines = public_data.oasst_lines(20)
    lines[2] = '{"message_tree_id": "x", '

    prepared = oasst(tmp_path, public_data.jsonl(lines))

    assert prepared.rejects.columns == ["file", "line", "fault", "text"]
    assert prepared.rejects.select("file", "line", "text").rows() == [("oasst1/0.jsonl", 3, lines[2])]
    assert [(fault.file, fault.line) for fault in prepared.faults] == [("oasst1/0.jsonl", 3)]
    assert "p2" not in prepared.whole["conversation_id"].to_list()


def test_gzip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    """Half a file is never half a data set."""
    with pytest.raises(TableError, match=r"(?s)hh_rlhf/0\.jsonl.*a whole gzip file.*Download the file again"):
        preferences(tmp_path, {"hh_rlhf": both()["hh_rlhf"][:-20]})


def test_preferences_come_from_all_sources(tmp_path: Path) -> None:
    """80 pairs of HH-RLHF, 72 of SHP-2 and 8 too weak; each row says where it is from."""
    prepared = preferences(tmp_path, both())

    assert prepared.whole.columns == ["source", "conversation_id", "prompt", "chosen", "rejected"]
    assert dict(prepared.whole["source"].value_counts().rows()) == {"hh_rlhf": 80, "shp2": 72}
    assert prepared.left_out == {"shp2: score ratio too low": 8}
    # Line 3 prefers the second comment, line 4 the first.
    chosen = prepared.whole["chosen"].to_list()
    assert "Take none of the 2 there are." in chosen
    assert "Take number 3." in chosen


@pytest.mark.parametrize(("mix", "wanted"), [((1, 1), (30, 30)), ((2, 1), (40, 20)), ((0.05, 0.95), (3, 57))])
def test_shares_of_the_mix_hold(tmp_path: Path, mix: tuple[float, float], wanted: tuple[int, int]) -> None:
    """60 pairs where there are enough of both; the 92 others are counted."""
    shares = {"hh_rlhf": mix[0], "shp2": mix[1]}
    changes = {**public_data.SMALL, "preferences.total": 60, "preferences.mix": shares}

    prepared = preferences(tmp_path, both(), public_data.data_settings(changes))

    counts = dict(prepared.whole["source"].value_counts().rows())
    assert (counts["hh_rlhf"], counts["shp2"]) == wanted
    assert prepared.left_out["pairs that the mix did not take"] == 152 - 60


def test_one_source_alone_fills_the_mix(tmp_path: Path) -> None:
    """The other's share goes to it."""
    changes = {**public_data.SMALL, "preferences.total": 50}

    prepared = preferences(tmp_path, {"hh_rlhf": both()["hh_rlhf"]}, public_data.data_settings(changes))

    assert prepared.whole["source"].to_list() == ["hh_rlhf"] * 50


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 42])
def test_no_preference_prompt_is_in_two_splits(tmp_path: Path, seed: int) -> None:
    """Also where HH-RLHF and SHP-2 ask the same in other letters."""
    settings = public_data.data_settings({**public_data.SMALL, "seed": seed})

    splits = preferences(tmp_path, both(), settings).splits

    assert torn(splits, "conversation_id") == torn(splits, "prompt") == []
    shared = pl.concat(splits.values()).filter(
        pl.col("prompt").str.to_lowercase().str.replace_all("  ", " ") == "what about matter 4?"
    )
    assert set(shared["source"].to_list()) == {"hh_rlhf", "shp2"}


@given(
    st.lists(st.tuples(WORDS, WORDS, st.sampled_from("pqr")), min_size=1, max_size=30),
    st.integers(0, 1000),
)
def test_laws_of_the_splits(
    tmp_path_factory: pytest.TempPathFactory,
    posts: list[tuple[str, str, str]],
    seed: int,
) -> None:
    """Pairs are kept or counted, none is torn, and the order of the lines moves nothing."""
    lines = [
        json.dumps(
            {
                "post_id": post,
                "history": f"{first} {second}",
                "human_ref_A": f"yes {i}",
                "human_ref_B": f"no {i}",
                "labels": 1,
                "score_ratio": 3,
            }
        )
        for i, (first, second, post) in enumerate(posts)
    ]
    folder = tmp_path_factory.mktemp("shp")
    settings = public_data.data_settings({**public_data.SMALL, "seed": seed})

    ours = preferences(folder, {"shp2": public_data.jsonl(lines)}, settings)
    theirs = preferences(folder, {"shp2": public_data.jsonl(lines[::-1])}, settings)

    assert ours.whole.height + sum(ours.left_out.values()) == len(lines)
    assert torn(ours.splits, "conversation_id") == torn(ours.splits, "prompt") == []
    assert {name: frame.rows() for name, frame in ours.splits.items()} == {
        name: frame.rows() for name, frame in theirs.splits.items()
    }
