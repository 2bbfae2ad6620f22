"""What may be a customer's name: a name is data, never text that can instruct or deceive."""

import re
import unicodedata

from churn_saver.domain import folding
from churn_saver.errors import InputError

MAX_NAME_LENGTH = 80
MAX_WORDS = 6
_OFFER_WORDS = frozenset(
    map(
        folding.skeleton,
        ("off", "percent", "percentage", "discount", "refund", "offer", "coupon", "voucher", "guaranteed"),
    )
)
"""No part of a name that we know of, and the words with which a name could promise something."""
_ORDER_WORDS = frozenset(
    map(
        folding.skeleton,
        (
            "ignore", "disregard", "forget", "override", "pretend", "execute", "repeat", "translate",
            "output", "print",
            "reply", "write", "act", "instruction", "instructions", "rule", "rules", "system", "prompt",
            "assistant", "instead",
        ),
    )
)  # fmt: skip
"""Likewise, and with which a name could give an order to whoever reads it, man or machine."""
_WORD = re.compile(r"[^\W_]+")

_MARKUP = re.compile(r"[<>{}\[\]\\|`$=@/%٪:;]|\byou are\b|&#?\w+;|https?:|www\.", re.IGNORECASE)


def clean_name(raw: str) -> str | None:
    """Clean a name by written rule.

    Control, bidirectional and other invisible characters are taken out, white space is folded, a
    full stop before a letter gets a space, so that no mail program makes a link of "evil.com", and
    what remains is NFC. An empty result is no name (None).

    Raises:
        InputError: longer than `MAX_NAME_LENGTH`, with markup, digits or an address in it, of more
            than `MAX_WORDS` words, or with a word of offers or of orders.
    """
    if len(raw) > 4 * MAX_NAME_LENGTH:
        raise InputError(f"name has {len(raw)} characters, wanted at most {MAX_NAME_LENGTH}")
    spaced = " ".join(unicodedata.normalize("NFKC", raw).split())
    visible = "".join(c for c in spaced if unicodedata.category(c)[0] != "C")
    name = " ".join(re.sub(r"\.(?=\w)", ". ", unicodedata.normalize("NFC", visible)).split())
    if len(name) > MAX_NAME_LENGTH:
        raise InputError(f"name has {len(name)} characters, wanted at most {MAX_NAME_LENGTH}")
    if _MARKUP.search(name) or any(c.isdigit() for c in name):
        raise InputError("name has markup, digits or an address in it, wanted a plain name")
    words = _WORD.findall(folding.skeleton(name))
    if len(name.split()) > MAX_WORDS or not (_OFFER_WORDS | _ORDER_WORDS).isdisjoint(words):
        raise InputError("name reads like a sentence, an offer or an order, wanted a plain name")
    if name and not any(c.isalpha() for c in name):
        raise InputError("name has no letter in it, wanted a plain name")
    return name or None
