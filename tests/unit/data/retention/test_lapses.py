"""Tables of lapses: enough of each for every split."""

import re

import pytest

from churn_saver.data.retention import lapses
from churn_saver.data.retention.phrases import SPLITS, parted
from churn_saver.domain.slots import SLOTS

TABLES = {name: lines for name, lines in vars(lapses).items() if name.isupper() and isinstance(lines, tuple)}


@pytest.mark.parametrize("name", TABLES)
def test_every_split_has_lines_of_every_table(name: str) -> None:
    """At least two to judge by, and none twice."""
    for split in SPLITS:
        assert len(parted(TABLES[name], split)) >= 2
    assert len(set(TABLES[name])) == len(TABLES[name])


@pytest.mark.parametrize("name", ["UNDECIDED_OFFERS", "EXTRA_OFFERS"])
def test_a_per_cent_that_nobody_decided_has_its_place(name: str) -> None:
    """Once a line."""
    assert all(line.count("#") == 1 for line in TABLES[name])


def test_foreign_sentences_have_a_slot_that_does_not_exist() -> None:
    """So has every word in the place of a known slot."""
    foreign = [*lapses.FOREIGN_SENTENCES, *(one for ones in lapses.OTHER_SLOTS.values() for one in ones)]

    assert all(set(re.findall(r"\{(\w+)\}", line)) - set(SLOTS) for line in foreign)
