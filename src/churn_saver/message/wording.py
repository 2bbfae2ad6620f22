"""Put facts into a draft's slots.

One pass: a value is never read again, so a name that looks like a slot stays a name. This module
does not know whether the result is fit to send; that is the shield's.
"""

import re

from churn_saver.domain.slots import SLOTS, Facts, slot_values
from churn_saver.errors import InputError

_SLOT = re.compile(r"\{(\w+)\}")


def fill(draft: str, facts: Facts) -> str:
    """Fill every slot of a draft.

    Raises:
        InputError: the draft names a slot that does not exist, has one that the facts have no
            value for, or has a brace that belongs to no slot.
    """
    values = slot_values(facts)
    # Odd places of the split are slot names: cheaper than a callback for every match.
    pieces = _SLOT.split(draft)
    try:
        pieces[1::2] = [values[name] for name in pieces[1::2]]
    except KeyError as error:
        raise InputError(_complaint(str(error.args[0]), draft)) from None
    if draft.count("{") + draft.count("}") != len(pieces) - 1:
        raise InputError(f"draft {draft!r} has a brace outside a slot, wanted only {{name}} and its like")
    return "".join(pieces)


def _complaint(name: str, draft: str) -> str:
    if name in SLOTS:
        return f"draft {draft!r} needs {{{name}}}, which these facts do not have: take another draft"
    return f"draft {draft!r} has the slot {{{name}}}, wanted one of {', '.join(SLOTS)}"
