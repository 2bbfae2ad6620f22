"""Plans on disk: what goes in comes out, and what was changed is refused."""

import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from churn_saver.adapters import plans
from churn_saver.domain.proposal import Proposals
from churn_saver.errors import InputError
from tests.builders import NOON, proposals


def write(folder: Path, *parts: Proposals) -> plans.PlanIndex:
    """Write a plan of these parts."""
    files = tuple(plans.write_part(folder, i, part) for i, part in enumerate(parts))
    index = plans.PlanIndex(
        plan_id=plans.plan_id_of(files),
        campaign_id="spring",
        made_at=NOON.isoformat(),
        price=0.5,
        bound_minor=1.0,
        free_minor=500_000,
        not_due=0,
        made_from="0" * 64,
        parts=files,
    )
    plans.write_index(folder, index)
    return index


def test_a_part_comes_back_as_it_went_in(tmp_path: Path) -> None:
    """Every column, with its type, and NaN, None and dates among them."""
    before = proposals(4, delay_days=np.array([0, 7, 3, 1], dtype=np.int8))
    index = write(tmp_path, before)

    after = plans.read_part(tmp_path, plans.read_index(tmp_path).parts[0])

    assert plans.read_index(tmp_path) == index
    for entry in fields(Proposals):
        was, now = getattr(before, entry.name), getattr(after, entry.name)
        if isinstance(was, np.ndarray):
            np.testing.assert_array_equal(was, now, strict=True)
        else:
            assert list(was) == list(now) if isinstance(was, list) else was == now


def test_an_index_says_who_decided_and_what_it_had_to_do_without(tmp_path: Path) -> None:
    """A policy's own price goes before the table's; an index of before says neither."""
    index = replace(write(tmp_path, proposals(2)), policy="ppo@0", own_price=3.0, notes=("one.", "two."))
    plans.write_index(tmp_path, index)

    assert plans.read_index(tmp_path) == index
    assert index.at_price == 3.0
    raw = json.loads((tmp_path / plans.INDEX).read_bytes())
    for name in ("policy", "own_price", "notes"):
        del raw[name]
    (tmp_path / plans.INDEX).write_text(json.dumps(raw))
    before = plans.read_index(tmp_path)
    assert (before.policy, before.own_price, before.notes, before.at_price) == ("", None, (), 0.5)


def test_totals_of_a_plan_are_those_of_its_parts(tmp_path: Path) -> None:
    """4 + 2 rows, 2 + 1 contacts, 1,000 each."""
    index = write(tmp_path, proposals(4), proposals(2))

    assert (index.rows, index.contacts, index.needs_minor) == (6, 3, 3_000)


def test_a_changed_part_is_refused(tmp_path: Path) -> None:
    """One flipped byte, and the message says which file and what to do."""
    index = write(tmp_path, proposals(2))
    part = tmp_path / index.parts[0].name
    raw = bytearray(part.read_bytes())
    raw[100] ^= 1
    part.write_bytes(bytes(raw))

    with pytest.raises(InputError, match=r"part-00000.parquet has SHA-256 .*Make the plan again"):
        plans.read_part(tmp_path, index.parts[0])


def test_a_plan_of_another_version_is_named(tmp_path: Path) -> None:
    """Before there were delays: the column that is missing, and what to do."""
    index = write(tmp_path, proposals(2))
    path = tmp_path / index.parts[0].name
    pl.read_parquet(path).drop("delay_days").write_parquet(path)
    older = replace(index.parts[0], sha256=hashlib.sha256(path.read_bytes()).hexdigest())

    with pytest.raises(InputError, match=r"has no column .*delay_days.*another version.*Make the plan again"):
        plans.read_part(tmp_path, older)


def test_a_folder_without_a_plan_says_how_to_make_one(tmp_path: Path) -> None:
    """No index, no plan; a broken index is named too."""
    with pytest.raises(InputError, match=r"holds no plan .*decide TABLE --plan"):
        plans.read_index(tmp_path)

    (tmp_path / plans.INDEX).write_text('{"parts": [{}]}')

    with pytest.raises(InputError, match="is no plan index"):
        plans.read_index(tmp_path)


def test_shadows_of_other_parts_are_refused(tmp_path: Path) -> None:
    """Before anything of the plan is recorded: as many, and as long, as the parts; or none."""
    index = write(tmp_path, proposals(2), proposals(3))
    plans.write_index(tmp_path, replace(index, shadows=index.parts))
    assert plans.read_index(tmp_path).shadows == index.parts

    plans.write_index(tmp_path, replace(index, shadows=index.parts[:1]))
    with pytest.raises(InputError, match=r"its shadows are not of its parts.*Make the plan"):
        plans.read_index(tmp_path)


def test_plans_differ_customer_by_customer(tmp_path: Path) -> None:
    """C0 keeps its offer, C1 is added, C2 dropped, C3 changed from 5 % to 15 %; C4 is new and contacted."""
    old = proposals(
        4, choice=np.array([3, 0, 3, 2], dtype=np.int8), needs_minor=np.array([1_000, 0, 1_000, 550])
    )
    new = proposals(
        5,
        choice=np.array([3, 3, 0, 4, 1], dtype=np.int8),
        needs_minor=np.array([1_000, 1_000, 0, 1_450, 100]),
    )
    write(tmp_path / "old", old)
    write(tmp_path / "new", new)

    difference = plans.difference(tmp_path / "old", tmp_path / "new")

    assert difference == plans.Difference(added=2, dropped=1, changed=1, same=1, needs_minor=1_000)


def test_the_same_plan_has_the_same_id(tmp_path: Path) -> None:
    """Names come from content: that is what makes a commit repeatable."""
    first, second = write(tmp_path / "a", proposals(2)), write(tmp_path / "b", proposals(2))
    third = write(tmp_path / "c", proposals(4))

    assert first.plan_id == second.plan_id != third.plan_id
