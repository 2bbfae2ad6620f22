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
from churn_saver.domain import manners_form as form
from churn_saver.domain.manners_demands import CONSEQUENCE, NAGGING
from churn_saver.domain.manners_denials import DENIED, UNANSWERED
from churn_saver.domain.manners_disdain import DISDAIN
from churn_saver.domain.manners_grammar import CONTEMPT, PRESSING
from churn_saver.domain.manners_repeats import comes_back, names_again, says_again
from churn_saver.domain.manners_reproach import REPROACH
from churn_saver.domain.manners_terms import KNOWING, TERMS
from churn_saver.domain.plain_words import is_strange
from churn_saver.domain.seen_text import SeenText
from churn_saver.domain.shapes import Shapes
from churn_saver.domain.slots import DURATION, LONGEST, OFFER, OPT_OUT_LINE, SHORTEST, VALID_UNTIL, Facts
from churn_saver.errors import ConfigError

_UNREADABLE = 10 * LONGEST
"""Beyond this a text is refused by its length alone, so that judging takes bounded time."""
_PRESSED = Shapes.together(manners.PRESSURE, *PRESSING, NAGGING, CONSEQUENCE, REPROACH)
_INSULTED = Shapes.together(manners.INSULT, CONTEMPT, DISDAIN)
_PRIED = Shapes.together(manners.PRIVATE, KNOWING)
_POINTED = Shapes.together(form.POINTER, lexicon.SPOKEN_LINK, form.SPOKEN_ADDRESS)
_PROMISED = Shapes.together(lexicon.PROMISE, TERMS)
_MARK = frozenset({folding.NAME_MARK.lower()})
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
    own_words: frozenset[str] = frozenset()
    """Parts of the company's domains: its name may stand in a text."""
    unreviewed: bool = False
    """Nobody reads the drafts before they are sent: their words must be plain ones too."""

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
        words = frozenset(word for one in settings.company_domains for word in re.split(r"\W+", one.lower()))
        return cls(settings.channel, banned, folding.phrases(manners.RUDE), company, judge, words)


def violations(text: str | None, facts: Facts, rules: Rules) -> tuple[str, ...]:
    """Judge a finished text.

    Returns:
        The codes of all rules that it breaks, in the order of this page; empty: it may be sent.
    """
    text = (text or "").strip()
    if len(text) > _UNREADABLE:
        return ("invalid_length",)
    seen = SeenText.of(text, facts, rules.company)
    return tuple([code for code, breaks in RULES if breaks(seen, facts, rules)])


def _banned_phrase(seen: SeenText, _: Facts, rules: Rules) -> bool:
    return seen.spells(rules.banned) or seen.has(manners.PRESSING) or seen.says(_PRESSED)


def _toxic(seen: SeenText, _: Facts, rules: Rules) -> bool:
    if seen.spells(rules.rude) or seen.has(manners.RUDE_WORDS) or seen.says(_INSULTED):
        return True
    return rules.judge is not None and rules.judge(seen.bare.replace(folding.NAME_MARK, "", 1))


def _disguised(seen: SeenText, _: Facts, __: Rules) -> bool:
    return manners.DISGUISE.search(seen.low) is not None


def _symbols(seen: SeenText, _: Facts, __: Rules) -> bool:
    return folding.has_symbol(seen.nameless)


def _invalid_length(seen: SeenText, _: Facts, rules: Rules) -> bool:
    body = seen.text.removesuffix(OPT_OUT_LINE.get(rules.channel, ""))
    return not SHORTEST <= len(body) <= LONGEST


def _missing_name(seen: SeenText, _: Facts, __: Rules) -> bool:
    return not seen.named


def _missing_offer(seen: SeenText, facts: Facts, _: Rules) -> bool:
    """A discount is stated with its last day, or it is not the decided offer."""
    return facts.offer_percent > 0 and not {OFFER, VALID_UNTIL} <= seen.struck.stated


def _wrong_number(seen: SeenText, facts: Facts, _: Rules) -> bool:
    return reading.has_figure(seen.struck, facts)


def _unfilled_slot(seen: SeenText, _: Facts, __: Rules) -> bool:
    # The name is looked at too: a cleaned one has no bracket.
    if lexicon.BRACKET.search(seen.text) or (not seen.text.isascii() and lexicon.BRACKET.search(seen.bare)):
        return True
    if form.LEFTOVER.search(seen.bare, seen.keys) or form.LEFTOVER_SIGNS.search(seen.bare):
        return True
    hinted = seen.has(lexicon.TEMPLATE_HINTS) or lexicon.TEMPLATE_SIGN.search(seen.struck.left)
    return bool(hinted and lexicon.TEMPLATE.search(seen.bare))


def _foreign_link(seen: SeenText, _: Facts, rules: Rules) -> bool:
    if lexicon.LINK.search(seen.low) or seen.has(lexicon.LINK_WORDS):
        return True
    # A name such as evil.com would be made a link by the reader's mail program.
    whole = seen.text.lower() if rules.company is None else rules.company.sub("&", seen.text.lower())
    pointed = seen.says(_POINTED)
    return pointed or lexicon.SITE.search(whole) is not None


def _foreign_phone(seen: SeenText, _: Facts, __: Rules) -> bool:
    return bool(lexicon.NUMBERED.search(seen.struck.left) and lexicon.PHONE.search(seen.struck.left))


def _personal_data(seen: SeenText, _: Facts, __: Rules) -> bool:
    """Identities, secrets asked for, and what a customer would not want to be written to about."""
    if seen.has(manners.PRYING) or seen.says(_PRIED):
        return True
    hinted = seen.has(lexicon.PERSONAL_HINTS) or lexicon.NUMBERED.search(seen.struck.left)
    return bool(hinted and lexicon.PERSONAL.search(seen.struck.left))


def _wrong_language(seen: SeenText, _: Facts, __: Rules) -> bool:
    if folding.has_foreign_letter(seen.nameless) or _accented(seen.nameless) > 1:
        return True
    english, foreign = (len(seen.struck.words & known) for known in (lexicon.ENGLISH, lexicon.NOT_ENGLISH))
    return english < max(2, len(seen.struck.words) / 5) or foreign > 1


def _accented(nameless: str) -> int:
    """Count the words with letters that English borrows."""
    return 0 if nameless.isascii() else len(lexicon.ACCENTED.findall(nameless))


def _shouting(seen: SeenText, _: Facts, rules: Rules) -> bool:
    bare = seen.bare
    if not seen.keys.isdisjoint(form.KEYWORDS):
        bare = form.KEYWORD.sub(r"\1\2\3\4", bare)
    if rules.channel == "sms":
        bare = form.STOP_WORD.sub("", bare)
        bare = form.ONE_YES.sub(r"\1\2", bare) if "yes" in seen.keys else bare
    if lexicon.SHOUT.search(bare) or manners.EMOTION.search(bare):
        return True
    return not bare.isascii() and len(manners.PICTOGRAPHS.findall(bare)) > manners.MOST_PICTOGRAPHS


def _control_characters(seen: SeenText, _: Facts, __: Rules) -> bool:
    return folding.has_hidden(seen.text) or folding.has_invisible(seen.nameless)


def _missing_opt_out(seen: SeenText, _: Facts, rules: Rules) -> bool:
    return rules.channel == "sms" and lexicon.OPT_OUT.search(seen.low) is None


def _wrong_duration(seen: SeenText, facts: Facts, _: Rules) -> bool:
    """A discount that is not said to be for the next bill would hold for more than that."""
    several = DURATION not in seen.struck.stated or seen.says(lexicon.SEVERAL_BILLS)
    if (facts.offer_percent > 0 and several) or seen.has(lexicon.LASTING):
        return True
    longer = lexicon.LONGER.search(seen.struck.left, seen.keys) is not None
    return longer or reading.has_term(seen.struck)


def _promise(seen: SeenText, facts: Facts, _: Rules) -> bool:
    low = lexicon.NO_PROMISE.sub("~", seen.low) if "free" in seen.struck.words else seen.low
    if seen.has(lexicon.PROMISES) or _PROMISED.search(low, seen.keys):
        return True
    if facts.offer_percent > 0:
        return False
    # Without a discount, whoever speaks of one promises it.
    return seen.has(lexicon.DISCOUNTS) or lexicon.DISCOUNT.search(low, seen.keys) is not None


def _repetition(seen: SeenText, facts: Facts, _: Rules) -> bool:
    return says_again(seen.low) or comes_back(seen.struck.left) or names_again(seen.nameless, facts.name)


def _contradiction(seen: SeenText, facts: Facts, _: Rules) -> bool:
    """Without a discount there is none to deny; an answer may be denied at any time."""
    return seen.says(UNANSWERED) or (facts.offer_percent > 0 and seen.says(DENIED))


def _foreign_name(seen: SeenText, _: Facts, rules: Rules) -> bool:
    """A person, a place or a brand that nobody decided to name; the company's own domain may be named."""
    found = form.STRANGE_NAME.findall(seen.bare)
    return any(rules.company is None or word.lower() not in rules.own_words for word in found)


def _wrong_channel(seen: SeenText, _: Facts, rules: Rules) -> bool:
    elsewhere = form.OTHER_CHANNEL.get(rules.channel)
    return elsewhere is not None and seen.says(elsewhere)


def _strange_words(seen: SeenText, _: Facts, rules: Rules) -> bool:
    """Who reviews a text may let a company's own words stand; nobody else would have meant them."""
    return rules.unreviewed and is_strange(seen.struck.words - _MARK - rules.own_words)


Rule = Callable[[SeenText, Facts, Rules], bool]
RULES: tuple[tuple[str, Rule], ...] = (
    ("banned_phrase", _banned_phrase), ("invalid_length", _invalid_length), ("missing_name", _missing_name),
    ("missing_offer", _missing_offer), ("wrong_number", _wrong_number), ("unfilled_slot", _unfilled_slot),
    ("foreign_link", _foreign_link), ("foreign_phone", _foreign_phone), ("personal_data", _personal_data),
    ("wrong_language", _wrong_language), ("shouting", _shouting), ("control_characters", _control_characters),
    ("missing_opt_out", _missing_opt_out), ("wrong_duration", _wrong_duration), ("promise", _promise),
    ("disguised", _disguised), ("toxic", _toxic), ("repetition", _repetition),
    ("contradiction", _contradiction), ("foreign_name", _foreign_name), ("wrong_channel", _wrong_channel),
    ("strange_words", _strange_words), ("symbols", _symbols),
)  # fmt: skip
