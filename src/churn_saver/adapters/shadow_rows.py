"""A shadow beside the champion as rows of words, for screen and page alike.

Works out no figure but a share.
"""

from churn_saver.domain.money import shown
from churn_saver.errors import listed
from churn_saver.evidence.clusters import Estimate
from churn_saver.evidence.conditions import Unread
from churn_saver.evidence.shadowed import Beside

TITLE = "What it would have done while it was the shadow"
HEADINGS = ("", "shadow", "champion")
Row = tuple[str, str, str]
"""What, of the shadow, of the champion."""


def shadow_rows(found: Beside) -> list[Row]:
    """Give the rows.

    Args:
        found: From the books.
    """
    alike, of = (sum(pair[place] for pair in found.alike.values()) for place in (0, 1))
    rows = [
        ("decisions of the champion that it was asked about", f"{found.decisions:,}", ""),
        ("decisions of the champion that it was not asked about", f"{found.unasked:,}", ""),
        ("wanted what the champion wanted", _share(alike, of), ""),
    ]
    rows += [
        (f"… where the champion wanted {_arm(name)}", _share(same, all_of_it), "")
        for name, (same, all_of_it) in found.alike.items()
    ]
    contacts, reserved = found.contacts, found.reserved_minor
    rows += [
        ("contacts", _share(contacts[0], found.decisions), _share(contacts[1], found.decisions)),
        ("the most that these can cost", shown(reserved[0]), shown(reserved[1])),
    ]
    return rows + _worth(found)


def _worth(found: Beside) -> list[Row]:
    if isinstance(found.worth, Unread):
        return [("value of a decision", "not known", found.worth.why)]
    worth = found.worth
    rows = [
        ("value of a decision, DR", _interval(worth.own.dr), f"{worth.served:.4g}, as it came"),
        ("value of a decision, SNIPS", _interval(worth.own.snips), ""),
        ("value of a decision, IPS", _interval(worth.own.ips), ""),
        ("gain of a decision over who decided, DR", _interval(worth.gain.dr, "+"), ""),
        ("effective rows", f"{worth.own.effective_rows:,.0f} of {worth.own.rows:,}", ""),
    ]
    cautions = listed([str(one) for one in worth.cautions])
    return rows if not worth.cautions else [*rows, ("read with care", cautions, "")]


def _arm(name: str) -> str:
    return "no contact" if name == "none" else f"{name} %"


def _share(part: int, of: int) -> str:
    return f"{part:,} of {of:,}" + (f", {part / of:.1%}" if of else "")


def _interval(one: Estimate, sign: str = "") -> str:
    return f"{one.value:{sign}.4g}, from {one.low:{sign}.4g} to {one.high:{sign}.4g}"
