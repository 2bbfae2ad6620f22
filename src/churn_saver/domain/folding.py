"""Undo the disguises of plain text: look-alike letters, marks, invisible characters, spacing.

What is folded is read, never sent. This module knows characters, not meaning: it has no opinion
about any word. Source: Unicode NFKC (UAX #15) and the idea of a skeleton (UTS #39, section 4);
the table of look-alikes is our own and short, because text in another script is refused anyway.
"""

import re
import unicodedata

NAME_MARK = "Xx"
"""Stands where the customer's name was: a word that no rule knows."""
INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0"
"""Characters that show nothing and are neither white space nor of a control category."""

_PAIRS = (
    "аa вb сc ԁd еe ғf һh іi їi јj кk ӏl мm нh оo пn рp ԛq гr ѕs тt уy ѵv ԝw хx ьb "
    "АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT УY ХX ԜW ЗE "
    "αa βb γy εe ηn ιi κk νv οo ρp σo τt υu χx ωw ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX "
    "ıi ɑa ɡg ɩi ʋv ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ꜱs ᴛt ᴜu ᴠv ᴡw ʏy ᴢz "
    "øo ØO đd ĐD łl ŁL ħh ĦH ŧt ŦT օo ոn սu ցg հh ᎪA ᎬE ᎢT ᏟC ᏢP ᎡR ᏚS ᎳW ᎻH ᎾO "
    "‘' ’' ‛' ʼ' ′' `' ´' ‐- ‑- ‒- −- ⁃- 。. ٪% ⁄/ ∕/ ∶:"
)
_LOOK_ALIKES = {ord(pair[0]): pair[1] for pair in _PAIRS.split()}
_LOOK_ALIKES |= dict.fromkeys(map(ord, "–—―"), " - ")
_LOOK_ALIKES |= dict.fromkeys(map(ord, INVISIBLE), "")
for _first in (0x1F130, 0x1F150, 0x1F170, 0x1F1E6):  # squared, circled and regional-indicator letters
    _LOOK_ALIKES |= {_first + k: chr(ord("A") + k) for k in range(26)}

# Both sides of a comparison go through it, so classes may be coarse: 1, i and l are one letter.
_LEET = str.maketrans("013457i|@$", "oleastllas")
_NO_SEPARATOR = {code: None for code in range(128) if not chr(code).isalnum()}
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)
_SEPARATOR = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Give the text as a reader sees it, in plain letters; case is kept.

    Printable ASCII is returned as it is.
    """
    if text.isascii() and text.isprintable():
        return text
    return _fold_all(text)


def _fold_all(text: str) -> str:
    # Look-alikes go before and after NFKC: NFKC turns some into others, and ´ into a space and a mark.
    composed = unicodedata.normalize("NFKC", text.translate(_LOOK_ALIKES)).translate(_LOOK_ALIKES)
    shown = "".join(
        " " if c.isspace() else c
        for c in unicodedata.normalize("NFKD", composed)
        if c.isspace() or unicodedata.category(c) not in _UNSEEN
    )
    # Taking a mark off can bare another look-alike: ό is ο with a mark.
    return shown.translate(_LOOK_ALIKES)


_UNSEEN = frozenset({"Mn", "Me", "Cc", "Cf", "Cs", "Co", "Cn"})


def skeleton(text: str) -> str:
    """Fold a text further, for comparing words: no case, digits as the letters they imitate."""
    return fold(text).casefold().translate(_LEET)


def squeezed(skeletal: str) -> str:
    """Take all separators out of a skeleton, and leave each run of one letter once."""
    # Both ways give the same; `translate` is ten times as fast, and most texts are ASCII.
    solid = skeletal.translate(_NO_SEPARATOR) if skeletal.isascii() else _SEPARATOR.sub("", skeletal)
    return _REPEATED.sub(r"\1", solid)


def spelled(phrase: str) -> re.Pattern[str]:
    """Match a phrase in a skeleton as whole words, whatever stands between its letters.

    Whatever this matches, `squeezed` of the phrase is in `squeezed` of the skeleton.
    """
    letters = squeezed(skeleton(phrase))
    return re.compile(
        r"(?<![^\W_])" + "".join(rf"{c}[\W_{c}]*" for c in letters[:-1]) + rf"{letters[-1:]}+(?![^\W_])"
    )


Phrases = tuple[tuple[str, re.Pattern[str]], ...]
"""Each phrase squeezed, and as whole words in any disguise."""


def phrases(listed: tuple[str, ...]) -> Phrases:
    """Make phrases ready to be looked for."""
    return tuple((squeezed(skeleton(one)), spelled(one)) for one in listed)


def without_name(text: str, name: str | None) -> str | None:
    """Put `NAME_MARK` where the name first stands as a whole; None where it does not stand.

    Only one place is taken out: a name such as Now must not excuse the same word elsewhere.
    Without a name the text is returned as it is.
    """
    if name is None:
        return text
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        if not (start and _joins(text[start - 1])) and not (end < len(text) and _joins(text[end])):
            return text[:start] + NAME_MARK + text[end:]
        start = text.find(name, start + 1)
    return None


def _joins(character: str) -> bool:
    """Say whether a character next to a name makes it part of a longer word."""
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def has_hidden(text: str) -> bool:
    """Say whether a text has control, direction or other characters that nobody sees."""
    if text.isascii():
        return not text.isprintable()
    return any(unicodedata.category(c) in _HIDDEN for c in text)


def has_invisible(text: str) -> bool:
    """Say whether a text has fillers, stray variation selectors or marks on letters that have none.

    A cleaned name may have them. A selector right after a pictograph only picks its colour.
    """
    if text.isascii():
        return False
    composed = unicodedata.normalize("NFC", text)
    return _INVISIBLE.search(text) is not None or any(
        unicodedata.category(c) in ("Mn", "Me") and c != "\ufe0f" for c in composed if not c.isascii()
    )


def has_symbol(text: str) -> bool:
    """Say whether a text has pictographs, arrows or other signs that no letter to a customer needs.

    A company's marks are none, nor what is typed for an apostrophe; a selector that is there to colour a
    pictograph stands beside one.
    """
    if text.isascii():
        return "^" in text
    return any(unicodedata.category(c) in ("So", "Sk") and c not in _NO_SYMBOLS for c in text)


_NO_SYMBOLS = frozenset("®©™`´")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE = re.compile(rf"[{INVISIBLE}\ufe00-\ufe0e\ufffd]|(?<![\u2190-\u2bff\U0001f000-\U0001faff])\ufe0f")


def has_foreign_letter(text: str) -> bool:
    """Say whether a text has a letter outside the Latin script."""
    if text.isascii():
        return False
    return any(
        c.isalpha() and not unicodedata.name(c, "").startswith(("LATIN", "FEMININE", "MASCULINE"))
        for c in unicodedata.normalize("NFKC", text)
        if not c.isascii()
    )
