"""Where a slot may stand: the words around it that make a sentence of its fact.

A fact may be true and the sentence nonsense: "thank you for your next bill", "thanks for 5 December 2026".
Each slot has a few places, each of words before and words after; a draft whose slot stands in none of them
says something that nobody decided. Only what stands nearby is read: whether the whole sentence is a good
one, or may be sent, is for others. The places are those of plain English letters; people find more, so
nobody's own wording is to be judged by this page alone.
"""

import re

from churn_saver.domain.plain_words import is_known
from churn_saver.domain.slots import DURATION, NAME, OFFER, PLAN, TENURE, VALID_UNTIL

MISPLACED_SLOT = "misplaced_slot"
"""Why a draft is left out that nobody reviewed: `misplaced` names a slot of it."""
_SLOT = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r"\s+")
_HEADED = re.compile(r"(?<![\w'])(?!eligible|entitlement)([a-z]+): $")
"""A word before a colon, to be a plain one; two that grammars know are none."""
_OPENS = r"(?:^|[.!?:;,(] |[-–—] )"
"""Where a clause begins."""
_CALLED = r"(?:[,.!?:;](?![,.:;])|$| [-–—] )"
"""After a name."""
_ELSE = r"(?! ?\{)(?! (?:ago|off|plan|account|contract|bill|choice|lower|lighter)\b)"
"""Nothing that would make another thing of the fact, and no other slot."""
_HELLO = (
    r"(?:hi|hello|hey|dear|welcome|greetings|thanks|thank you|congratulations|good (?:day|morning|afternoon"
    r"|evening)|happy \w+)(?: again| there| back)?,? "
)
_THANKED = (
    r"\b(?:thanks|thank-you|thankful|grateful|gratitude|appreciation|you|us|much|lot|ours|here|around|been"
    r"|stayed|staying|loyal|loyalty|trust|business|custom|company|support|patience|kindness|together"
    r"|customers?|member|subscriber|family|friend|home|side|known) for (?:about )?"
)
_OWN = r"(?:(?:your|our|the|these|those|all|all these|all those|another|a whole) )?"
_MARKED = (
    r"\b(?:after|over|marks?|marking|celebrat(?:e|es|ing)|commemorate|honou?r(?:ing)?|course of|past|last"
    r"|recognition of|thanks to|here is to|here's to|cheers to|reach(?:ed)?|back on|congratulations on) "
)
_SPENT = r" (?:with us|with you|together|as (?:our|a)\b|of (?!\{)\w|so far|here\b)"
_GIVEN = (
    r"\b(?:tak(?:e|es|ing|en)|hav(?:e|ing)|has|gets?|getting|giv(?:e|es|en|ing)|offer(?:s|ed|ing)?|got"
    r"|enjoy(?:s|ing)?|wants?|like|receiv(?:e|es|ed|ing)|claim(?:ing)?|use|appl(?:y|ied|ying)|add(?:ed|ing)?"
    r"|deduct(?:ed|ing)?|sav(?:e|es|ed|ing)|keep|kept|aside|(?:here|there|it|this|that|gift|offer|treat"
    r"|thank-you) is|(?:here|there|it|that)'s|means|brings?|sen(?:ds?|ding|t)|earn(?:s|ed)?|grant(?:ed|ing)?"
    r"|knock(?:ed|ing)?|assigned|accept|secured?|reserved?|redeem|activate|worth|ready|gladly|happily|trim"
    r"|cut|set|suggest|fancy|choose|that|and|or|with|would|could|whether|if|how about|how does|welcome to"
    r"|entitled to|yes to|treat you to|interest you in|settled on|tell you of)(?: (?:you|your))? "
)
_IN_RETURN = (
    r"(?:\{valid_until\} |\b(?:yes|reply|replying|email|message|text|answer|back|calls?|qualif(?:y|ies|ied)"
    r"|eligible|marked|ready|return|exchange|asking|ask|down|time|and|or|set) |^|[.!?:;,(] |[-–—] )for "
)
_WHOSE = r"\b(?:your|our|their|the|an?|this|that|each|every|any|another)"
_LESS = r" (?:lower|lighter|less|cheaper|smaller|down|off)\b"
_CUT = (
    r"\b(?:discount|deduction|reduction|reduced?|reducing|allowance|adjustment|savings?|lower(?:s|ed)?|cuts?"
    r"|drops?|falls?|shrinks?|trim(?:med)?|down|smaller|lighter|less|gift|reward|treat|offer|bill"
    r"|tell you)(?: (?:of )?\{duration\}| it| (?:your|the) (?:next )?bill)?(?: down)? (?:of|by) "
)
_CHANGES = (
    r" (?:will|is|would|shall|should|ought|can|could|be|to be|gets?|becomes?|drops?|falls?|comes?|goes"
    r"|shrinks?|shows|down)\b"
)
_REDUCED = r" (?:by )?\{offer\}(?! off)| (?:a (?:bit|little) )?(?:lower|lighter|smaller|cheaper)"
_ON_BILL = (
    r"(?:\b(?:discount|thank-you|savings?|save|off|lower|less|cut|reduction|treat|gift|waiting|ready|it"
    r"|something|credit|take|want|appl(?:y|ies|ied)|allowance|deduction)|\{offer\}|^|[.!?:;,])(?: you)? on "
)
_OFF_BILL = r"(?:\{offer\}|\b(?:discount|money|savings?|bit|little|something))(?: \w+){0,2} off (?:of )?"
_FROM_BILL = r"\b(?:deduct(?:ed)?|take[ns]?|comes?|off|cut|knocked)(?: \w+| \{offer\})? (?:from|of) "
_TO_BILL = r"\b(?:appl(?:y|i?e[ds])|add(?:ed)?|discount|off|goe?s?)(?: \w+| \{offer\}){0,2} (?:to|for) "
_LAST_DAY = (
    r"(?:\b(?:by|before|until|till?|thru|through|up to|including|later than|latest[,:]?|end of|mark|now and"
    r"|(?:due|ends?|ending|expir(?:es?|ing)|clos(?:es?|ing)|stops?|lapses?|finish(?:es)?|runs? out)(?: on)?"
    r"|(?:valid|open|good|runs?|now|today) to)(?: (?:mon|tues?|wed|thurs?|fri|sat|sun),?)?"
    r"|\b(?:day|date|deadline|reply|chance|cut-?off)\b(?:[^.!?]{0,60}(?: is| is on| falls on|:))?) \(?"
)
_ENDING = (
    r",? (?:[^.!?]{0,60} )?(?:is (?:the|your) (?:last|final) day|is the (?:deadline|date)|ends?|expires"
    r"|closes|at the latest)\b"
)

_PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    NAME: ((rf"^(?:{_HELLO})?|, ", _CALLED), (r"[.!?:] |[-–—] ", r"[,:!](?![,.:;])")),
    TENURE: (
        (_OPENS, rf"{_SPENT}| ago \w|!|, and\b| (?:is|has|means?|deserves?|already|now|in|and still)\b"),
        (rf"{_THANKED}{_OWN}|{_MARKED}{_OWN}", _ELSE),
        (rf"{_OPENS}for (?:your |these |the )?", r" of (?!\{)\w"),
        (r"\b(?:(?:it|that|this|which) (?:is|has been|was)|it's(?: been)?) ", _ELSE),
        (r"\b(?:join(?:ed|ing)|chose|choosing|came to|began|started)(?: (?:with )?us)? ", r" ago\b"),
        (r"\b(?:being here|stay(?:ing|ed)|(?:with|trusting) us)(?: these)? ", rf"{_SPENT}|[.,:;!?]| and\b|$"),
        (r"\b(?:your(?: first)?|our|the|these|those|value|appreciate|enjoy(?:ed)?|take) ", _SPENT),
        (rf"{_OPENS}(?:your|our|these|those) ", r" (?:has|have|means?|shows?|deserves?|tells?)\b"),
    ),
    OFFER: (
        (rf"{_OPENS}|{_GIVEN}|{_IN_RETURN}", r" (?:(?:taken|comes|less) )?(?:(?:off|on|from|of)\b|to \{)"),
        (r"\b(?:pay|paying|your|ours is|our answer is) ", r" (?:off|less)\b"),
        (r"(?:\{duration\}|\b(?:bill|be|is|gets|becomes|comes out|made)),? ", _LESS),
        (_CUT, r"(?! ?\{)"),
        (
            rf"{_OPENS}|\b(?:acceptance|and|that) ",
            r" (?:comes? off|(?:will|shall|can) (?:be|come)|is taken)\b",
        ),
        (r"\b(?:an?|the|your|our|this|that|with|of) ", r" (?:discount|reduction|saving|thank-you)\b"),
    ),
    PLAN: ((rf"{_WHOSE} (?:(?:new|current|present|existing|own|chosen|usual|good|great|old) )?", _ELSE),),
    DURATION: (
        (rf"{_OFF_BILL}|{_ON_BILL}|{_FROM_BILL}|{_TO_BILL}", _ELSE),
        (
            rf"{_OPENS}|\b(?:and|that|so|then|when|once|if|but|think|like|want|note) ",
            rf"{_CHANGES}|, (?:minus )?\{{offer\}}",
        ),
        (r"\b(?:news|treat|something|discount|thank-you|gift)(?: nice)? (?:for|about) ", r"[.:,!?]"),
        (r"\b(?:mak(?:es?|ing)|lowers?|reduc(?:es?|tion of)|cuts?|trim|brings?) ", rf"{_REDUCED}|{_CHANGES}"),
    ),
    VALID_UNTIL: ((_LAST_DAY, r"(?! ?\{)(?! off\b)"), (rf"{_OPENS}|\bon ", _ENDING)),
}
_READ = {
    slot: tuple((re.compile(f"(?:{before})$"), re.compile(after)) for before, after in places)
    for slot, places in _PLACES.items()
}


def misplaced(draft: str) -> str | None:
    """Name the first slot of a draft that stands where its fact makes no sense; None: each has its place.

    Slots that do not exist are not looked at.
    """
    for slot in _SLOT.finditer(draft):
        before, after = draft[: slot.start()], draft[slot.end() :]
        if slot[1] in _READ and not has_place(slot[1], before, after):
            return slot[1]
    return None


def has_place(slot: str, before: str, after: str) -> bool:
    """Say whether a slot, or the fact that fills it, has a place between two pieces of a text."""
    if before[-1:].isalnum() or after[:1].isalnum():
        return False
    before, after = (_SPACES.sub(" ", beside.lower()) for beside in (before, after))
    heading = _HEADED.search(before) if slot == OFFER else None
    if heading is not None and not is_known(heading[1]):
        return False
    return any(begins.search(before) and goes_on.match(after) for begins, goes_on in _READ[slot])
