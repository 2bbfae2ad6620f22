"""Says whether a text repeats itself: words twice in a row, a sentence said again, the name used again.

Knows runs of words, not what they mean. Expects folded text with the customer's name taken out once,
so that a name such as "Bella Bella" repeats nothing.
"""

import re
from collections import Counter
from itertools import pairwise

from churn_saver.domain.folding import NAME_MARK

LONGEST_RUN = 7
"""Words. A longer run said again is mostly a sentence said again."""
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[%.!?:;,]")
_STOPS = frozenset(".!?:;,")
_FULL = frozenset(".!?")
_MAY_DOUBLE = frozenset({"had", "that", "bye"})
"""As in "all that that means": good English."""
_SENTENCE_END = re.compile(r"[.!?]+(?:\s|$)")
_SHORTEST_SENTENCE = 3
"""Words: "thank you" may be said again at the end."""
_ACROSS = 6
"""Words from which a run may go over the end of a clause: "... your plan. Your plan ..." is good English."""
_MARKED_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[~^=#%]")
_LONG_RUN, _SHORT_RUN = 5, 3
"""Words of a run that may not stand twice, and of one that may not stand three times."""
_TOO_OFTEN, _SHORT_WORD = 4, 3
"""Times from which a word comes too often, if it has more letters than the other figure."""
_OPT_OUT = "reply stop to opt out."
_CLAUSE_END = re.compile(r"[.!?,:;]")
_NOT_IN_A_WORD = re.compile(r"[\W_]+")
_ADDRESSED = (
    r"(?:^|[,.:;!?] ?| - |\b(?:hi|hello|dear|hey|thanks|you|so|well|ok|okay|yes|now|please|morning|day) )"
)
"""What stands before a name that somebody is called by, not only told about."""


def says_again(low: str) -> bool:
    """Say whether a run of 1 to 7 words stands twice in a row, or a sentence twice.

    Three or more words may be joined by "and". A single word is looked for without a mark between: "for
    you, you can" is good English, "tell us, tell us" and "please, please, please" are not.

    Args:
        low: Folded text in lower case, the name taken out.
    """
    tokens = _WORD.findall(low)
    return _runs_twice(tokens) or _sentence_twice(low)


def _runs_twice(tokens: list[str]) -> bool:
    words = [one for one in tokens if one not in _STOPS]
    if len(set(words)) == len(words):
        return False
    if any(one == two and one not in _MAY_DOUBLE | _STOPS for one, two in pairwise(tokens)):
        return True
    clauses, ends = _clauses(tokens)
    last: dict[str, int] = {}
    for at, word in enumerate(words):
        before = last.get(word)
        last[word] = at
        if before is None:
            continue
        run = at - before
        if 2 <= run <= LONGEST_RUN and words[before:at] == words[at : at + run]:
            whole = {before, at, at + run} <= ends
            if whole or run >= _ACROSS or clauses[before] == clauses[at + run - 1]:
                return True
        joined = words[at - 1] == "and" and 3 < run <= LONGEST_RUN + 1
        if joined and words[before : at - 1] == words[at : at + run - 1]:
            return True
        if run == 1 and words[at - 2 : at - 1] == [word]:
            return True
    return False


def _clauses(tokens: list[str]) -> tuple[list[int], set[int]]:
    """Number the clause of each word, and give the numbers of words before which a sentence ends."""
    numbers: list[int] = []
    clause, ends = 0, {0}
    for one in tokens:
        if one not in _STOPS:
            numbers.append(clause)
        elif one != ",":
            clause += 1
            if one in _FULL:
                ends.add(len(numbers))
    return numbers, ends | {len(numbers)}


def comes_back(struck: str) -> bool:
    """Say whether a run of words comes back later, whatever stands between, or one word comes too often.

    Args:
        struck: What `domain.reading` leaves: a fact is one mark, and may be thanked for twice.
    """
    low = struck.removesuffix(_OPT_OUT)
    clauses = [_MARKED_WORD.findall(clause) for clause in _CLAUSE_END.split(low)]
    counts = Counter(word for words in clauses for word in words)
    most = max(counts.values(), default=0)
    if any(count >= _TOO_OFTEN and len(word) > _SHORT_WORD for word, count in counts.items()):
        return True
    return most > 1 and (
        _most_runs(clauses, _LONG_RUN) > 1 or (most > 2 and _most_runs(clauses, _SHORT_RUN) > 2)
    )


def _most_runs(clauses: list[list[str]], length: int) -> int:
    runs = Counter(
        run for words in clauses for run in zip(*[words[at:] for at in range(length)], strict=False)
    )
    return max(runs.values(), default=0)


def _sentence_twice(low: str) -> bool:
    if low.count(".") + low.count("!") + low.count("?") < 2:
        return False
    said = [_NOT_IN_A_WORD.sub(" ", one).strip() for one in _SENTENCE_END.split(low)]
    long_ones = [one for one in said if one.count(" ") + 1 >= _SHORTEST_SENTENCE]
    return len(set(long_ones)) < len(long_ones)


def names_again(nameless: str, name: str | None) -> bool:
    """Say whether somebody is called by name a second time, by the whole name or by its first part.

    Args:
        nameless: The text with the name taken out where it stands first; case kept.
        name: The customer's; None: there is none.
    """
    if name is None:
        return False
    return any(
        called in nameless
        and re.search(rf"(?i:{_ADDRESSED}){re.escape(called)}(?=\s*[,.!?:;]|$)", nameless) is not None
        for called in {name, name.split(" ")[0]} - {NAME_MARK}
    )
