"""Every rule that may stop a message, on one page.

A text is read as a reader sees it (`domain.folding`), with the customer's name taken out, and its
figures are compared with the decision (`domain.reading`). Each rule answers one question and has one
code; the shield fails closed: what it cannot read, it stops. It does not know who wrote the text, at
what hour it goes out (the dispatcher judges quiet hours) or whether another text would do better.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from churn_saver.config import ServeSettings
from churn_saver.domain import folding, lexicon, manners, reading
from churn_saver.domain.manners_grammar import CONTEMPT, PRESSING
from churn_saver.domain.manners_repeats import names_again, says_again
from churn_saver.domain.manners_terms import DENIED, KNOWING, TERMS
from churn_saver.domain.reading import Struck
from churn_saver.domain.slots import DURATION, OFFER, OPT_OUT_LINE, VALID_UNTIL, Facts
from churn_saver.errors import ConfigError

SHORTEST, LONGEST = 50, 200
"""Characters after white space at the ends and the channel's opt-out line are taken off."""
_UNREADABLE = 10 * LONGEST
"""Beyond this a text is refused by its length alone, so that judging takes bounded time."""
Judge = Callable[[str], bool]
"""Says whether a text, folded and without the customer's name, is toxic: a classifier, beside the words."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the settings say about texts, compiled once."""

    channel: str
    banned: folding.Phrases
    rude: folding.Phrases
    company: re.Pattern[str] | None
    """The company's own domains, addresses and phone numbers; None: it has none."""
    judge: Judge | None = None
    """None: words alone say what is toxic."""

    @classmethod
    def of(cls, settings: ServeSettings, judge: Judge | None = None) -> "Rules":
        """Compile the rules of serve.yaml.

        Args:
            settings: What serve.yaml says.
            judge: Of toxic texts; None: words alone say what is toxic.

        Raises:
            ConfigError: a banned phrase, domain or phone has no letter or digit to be found by.
        """
        banned = folding.phrases(settings.banned_phrases)
        blank = [one for one, (found, _) in zip(settings.banned_phrases, banned, strict=True) if not found]
        blank += [domain for domain in settings.company_domains if not domain.strip()]
        blank += [phone for phone in settings.company_phones if not any(map(str.isdigit, phone))]
        if blank:
            raise ConfigError(f"serve.yaml has {blank}, wanted texts that can be looked for: take them out")
        own = [lexicon.own_domain(domain) for domain in settings.company_domains]
        own += [lexicon.own_phone(phone) for phone in settings.company_phones]
        company = re.compile("|".join(own)) if own else None
        return cls(settings.channel, banned, folding.phrases(manners.RUDE), company, judge)


@dataclass(frozen=True, slots=True)
class Read:
    """A text as the rules see it."""

    text: str
    """As sent, white space at the ends taken off."""
    named: bool
    """The name stands as a whole, or there is none."""
    nameless: str
    """The text without the name."""
    bare: str
    """Nameless and folded, case kept."""
    low: str
    """Bare, in lower case, without what is the company's own."""
    struck: Struck
    """Low without the figures that the facts state."""
    skeleton: str
    """Bare, digits and signs read as the letters that they imitate."""
    squeezed: str
    """The skeleton without separators."""

    def has(self, words: frozenset[str]) -> bool:
        """Say whether one of the words is left."""
        return not self.struck.words.isdisjoint(words)


def violations(text: str | None, facts: Facts, rules: Rules) -> tuple[str, ...]:
    """Judge a finished text.

    Returns:
        The codes of all rules that it breaks, in the order of this page; empty: it may be sent.
    """
    text = (text or "").strip()
    if len(text) > _UNREADABLE:
        return ("invalid_length",)
    seen = _read(text, facts, rules)
    return tuple([code for code, breaks in RULES if breaks(seen, facts, rules)])


def _read(text: str, facts: Facts, rules: Rules) -> Read:
    taken = folding.without_name(text, facts.name)
    nameless = text if taken is None else taken
    bare = manners.HARMLESS.sub("&", folding.fold(nameless))
    low = bare.lower() if rules.company is None else rules.company.sub("&", bare.lower())
    skeleton = folding.skeleton(bare)
    struck = reading.strike(low, facts)
    return Read(text, taken is not None, nameless, bare, low, struck, skeleton, folding.squeezed(skeleton))


def _banned_phrase(seen: Read, _: Facts, rules: Rules) -> bool:
    if _spelled(rules.banned, seen) or seen.has(manners.PRESSING):
        return True
    pressed = _found(manners.PRESSURE_HINTS, manners.PRESSURE, seen, seen.low)
    return pressed or any(wording.search(seen.low) for wording in PRESSING)


def _toxic(seen: Read, _: Facts, rules: Rules) -> bool:
    if _spelled(rules.rude, seen) or seen.has(manners.RUDE_WORDS):
        return True
    if _found(manners.INSULT_HINTS, manners.INSULT, seen, seen.low) or CONTEMPT.search(seen.low):
        return True
    return rules.judge is not None and rules.judge(seen.bare.replace(folding.NAME_MARK, "", 1))


def _disguised(seen: Read, _: Facts, __: Rules) -> bool:
    return manners.DISGUISE.search(seen.low) is not None


def _invalid_length(seen: Read, _: Facts, rules: Rules) -> bool:
    body = seen.text.removesuffix(OPT_OUT_LINE.get(rules.channel, ""))
    return not SHORTEST <= len(body) <= LONGEST


def _missing_name(seen: Read, _: Facts, __: Rules) -> bool:
    return not seen.named


def _missing_offer(seen: Read, facts: Facts, _: Rules) -> bool:
    """A discount is stated with its last day, or it is not the decided offer."""
    return facts.offer_percent > 0 and not {OFFER, VALID_UNTIL} <= seen.struck.stated


def _wrong_number(seen: Read, facts: Facts, _: Rules) -> bool:
    return reading.has_figure(seen.struck, facts)


def _unfilled_slot(seen: Read, _: Facts, __: Rules) -> bool:
    # The name is looked at too: a cleaned one has no bracket.
    if lexicon.BRACKET.search(seen.text) or (not seen.text.isascii() and lexicon.BRACKET.search(seen.bare)):
        return True
    hinted = seen.has(lexicon.TEMPLATE_HINTS) or lexicon.TEMPLATE_SIGN.search(seen.struck.left)
    return bool(hinted and lexicon.TEMPLATE.search(seen.bare))


def _foreign_link(seen: Read, _: Facts, rules: Rules) -> bool:
    if lexicon.LINK.search(seen.low) or seen.has(lexicon.LINK_WORDS):
        return True
    # A name such as evil.com would be made a link by the reader's mail program.
    whole = seen.text.lower() if rules.company is None else rules.company.sub("&", seen.text.lower())
    spoken = lexicon.SPOKEN_LINK_HINTS, lexicon.SPOKEN_LINK
    return bool(lexicon.SITE.search(whole)) or _found(*spoken, seen, seen.low)


def _foreign_phone(seen: Read, _: Facts, __: Rules) -> bool:
    return bool(lexicon.NUMBERED.search(seen.struck.left) and lexicon.PHONE.search(seen.struck.left))


def _personal_data(seen: Read, _: Facts, __: Rules) -> bool:
    """Identities, secrets asked for, and what a customer would not want to be written to about."""
    if seen.has(manners.PRYING) or _found(manners.PRIVATE_HINTS, manners.PRIVATE, seen, seen.low):
        return True
    hinted = seen.has(lexicon.PERSONAL_HINTS) or lexicon.NUMBERED.search(seen.struck.left)
    return bool((hinted and lexicon.PERSONAL.search(seen.struck.left)) or KNOWING.search(seen.low))


def _wrong_language(seen: Read, _: Facts, __: Rules) -> bool:
    if folding.has_foreign_letter(seen.nameless):
        return True
    english, foreign = (len(seen.struck.words & known) for known in (lexicon.ENGLISH, lexicon.NOT_ENGLISH))
    return english < max(2, len(seen.struck.words) / 5) or foreign > 1


def _shouting(seen: Read, _: Facts, rules: Rules) -> bool:
    bare = lexicon.STOP.sub("", seen.bare) if rules.channel == "sms" else seen.bare
    if lexicon.SHOUT.search(bare) or manners.EMOTION.search(bare):
        return True
    return not bare.isascii() and len(manners.PICTOGRAPHS.findall(bare)) > manners.MOST_PICTOGRAPHS


def _control_characters(seen: Read, _: Facts, __: Rules) -> bool:
    return folding.has_hidden(seen.text) or folding.has_invisible(seen.nameless)


def _missing_opt_out(seen: Read, _: Facts, rules: Rules) -> bool:
    return rules.channel == "sms" and lexicon.OPT_OUT.search(seen.low) is None


def _wrong_duration(seen: Read, facts: Facts, _: Rules) -> bool:
    """A discount that is not said to be for the next bill would hold for more than that."""
    several = _found(lexicon.SEVERAL_BILLS_HINTS, lexicon.SEVERAL_BILLS, seen, seen.low)
    several = several or DURATION not in seen.struck.stated
    if (facts.offer_percent > 0 and several) or seen.has(lexicon.LASTING):
        return True
    longer = _found(lexicon.LONGER_HINTS, lexicon.LONGER, seen, seen.struck.left)
    return longer or reading.has_term(seen.struck)


def _promise(seen: Read, facts: Facts, _: Rules) -> bool:
    low = lexicon.NO_PROMISE.sub("~", seen.low) if "free" in seen.struck.words else seen.low
    worded = lexicon.PROMISE_HINTS, lexicon.PROMISE
    if seen.has(lexicon.PROMISES) or _found(*worded, seen, low) or TERMS.search(low):
        return True
    if facts.offer_percent > 0:
        return False
    # Without a discount, whoever speaks of one promises it.
    return seen.has(lexicon.DISCOUNTS) or _found(lexicon.DISCOUNT_HINTS, lexicon.DISCOUNT, seen, low)


def _repetition(seen: Read, facts: Facts, _: Rules) -> bool:
    return says_again(seen.low) or names_again(seen.nameless, facts.name)


def _contradiction(seen: Read, facts: Facts, _: Rules) -> bool:
    """Without a discount there is none to deny."""
    return facts.offer_percent > 0 and DENIED.search(seen.low) is not None


def _spelled(phrases: folding.Phrases, seen: Read) -> bool:
    return any(phrase in seen.squeezed and whole.search(seen.skeleton) for phrase, whole in phrases)


def _found(hints: frozenset[str], pattern: re.Pattern[str], seen: Read, text: str) -> bool:
    """Search for a pattern only where one of its words stands: most texts have none."""
    return seen.has(hints) and pattern.search(text) is not None


Rule = Callable[[Read, Facts, Rules], bool]
RULES: tuple[tuple[str, Rule], ...] = (
    ("banned_phrase", _banned_phrase), ("invalid_length", _invalid_length), ("missing_name", _missing_name),
    ("missing_offer", _missing_offer), ("wrong_number", _wrong_number), ("unfilled_slot", _unfilled_slot),
    ("foreign_link", _foreign_link), ("foreign_phone", _foreign_phone), ("personal_data", _personal_data),
    ("wrong_language", _wrong_language), ("shouting", _shouting), ("control_characters", _control_characters),
    ("missing_opt_out", _missing_opt_out), ("wrong_duration", _wrong_duration), ("promise", _promise),
    ("disguised", _disguised), ("toxic", _toxic), ("repetition", _repetition),
    ("contradiction", _contradiction),
)  # fmt: skip
