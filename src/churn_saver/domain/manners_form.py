r"""What betrays a text that was made for another place: a wrong channel, a strange name, a note left in.

Knows channels, capitals and the words that writers and programs leave behind, not what a message says.
Patterns for folded text; those that read capitals want its case kept.
"""

import re

from churn_saver.domain.shapes import any_of, either

_READ = r"(?:repl(?:y|ying) to|answer(?:ing)?|respond(?:ing)? to|reading|read|open(?:ing)?)"
_EMAIL = (
    r"this (?:\w+ )?(?:e-?mail|mail|letter|newsletter)\b",
    rf"{_READ} (?:our|the|that|my|to our) (?:\w+ )?(?:e-?mail|letter|newsletter)\b",
    r"subject line\b|your (?:inbox|mailbox)\b",
)
_TEXT = (
    r"this (?:\w+ )?(?:text|sms|text message)\b",
    rf"{_READ} (?:our|the|that|my|to our) (?:\w+ )?(?:text|sms)\b",
    r"(?:reply|answer|respond|write)(?: back)? (?:by|via|with an?) (?:text|sms)\b|text (?:us|back|yes|no"
    r"|stop)\b",
)
_PUSH = (r"this (?:\w+ )?(?:push|notification|alert|banner|pop-?up)\b",)
_PRINT = (
    r"this (?:\w+ )?(?:call|phone call|leaflet|flyer|poster|postcard|advert|ad|fax|voicemail|chat|post|page"
    r"|website)\b",
)
OTHER_CHANNEL = {
    "email": any_of(*_TEXT, *_PUSH, *_PRINT),
    "sms": any_of(*_EMAIL, *_PUSH, *_PRINT),
    "push": any_of(*_EMAIL, *_TEXT, *_PRINT),
}
"""By channel: a text that calls itself something else. To write an email is another matter, and allowed."""

_KEYWORD = r"""(?:(?:YES|NO|OK|PLAN|INFO|HELP|MORE)\b(?!["']?[,.!?]* [A-Z]{2}))"""
KEYWORD = re.compile(
    rf"\b([Rr]eply|[Tt]ext|[Aa]nswer|[Ss]end|[Ss]ay|[Rr]espond|[Ww]rite|[Tt]ype|[Tt]ell us|[Mm]essage)"
    r"((?: us| back| in| with| the| a| an| one| single| word| simple| short| either| just"
    rf"| only)*[:,]? [\"']?){_KEYWORD}"
    rf"|\b([Aa]|[Tt]he word|[Oo]ne word,?|[Yy]our|[Aa] simple|[Aa] short|or) ([\"']?){_KEYWORD}"
)
KEYWORDS = frozenset({"yes", "no", "ok", "plan", "info", "help", "more"})
"""A word in capitals that is asked for as the answer, as is the custom on the telephone."""
ONE_YES = re.compile(r"^((?:(?!\bYES\b)[^!])*)\bYES\b(?!!)(?!.*\bYES\b)(.*)$")
"""On SMS it may also stand apart from a verb, once and without an exclamation."""
STOP_WORD = re.compile(r"\b(?:STOP|HELP)\b")

_PLAIN = (
    "I Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri Sat Sun January"
    " February March "
    "April May June July August September October November December Jan Feb Mar Apr Jun Jul Aug Sep Sept"
    " Oct Nov Dec "
    "Wi Fi Internet Email English Mr Mrs Ms Dr Yes No Ok Okay Stop Team Customer Service Services Care"
    " Support Help Your "
    "You We Our The A An And Or If It Is This That There Here How What Why When Where Who Which Would"
    " Could Can Shall "
    "Should Do Does Did Have Has Are Was Were Will May Let Tell Just Please Thank Thanks Hi Hello Dear Hey"
    " Good Best Kind "
    "Warm Warmest Yours Sincerely Regards Wishes Reply Text Answer Take Get Enjoy Say Send Write For From"
    " To With By Until "
    "As At In On Of So But Not New Plan Bill Offer Discount Questions Question Interested Any All Every"
    " One Two Use Claim "
    "Accept Keep Stay Welcome Happy Glad Still Now Then Also My Me Us Need Want"
)
STRANGE_NAME = re.compile(
    rf"(?<=[a-z,%0-9&)] )(?!(?:{'|'.join(_PLAIN.split())}|Xx)\b)(?:[A-Z]-)?[A-Z][a-z]+(?![A-Za-z])"
)
"""A word with a capital inside a sentence, and no word that may have one: a person, a place, a brand. For
text with its case kept and the customer's name taken out."""

LEFTOVER = either(
    r"\b[b-zB-HJ-Z] (?:months?|years?|percent)\b|\b(?:Tone|Length"
    r"|Channel|Context|Prompt|Output|Instructions?|Style|Audience|CTA|Language|Response|Message"
    r"|Rewritten|Revised): |\b(?:revised|rewritten|requested|polished|reworded|shortened|final"
    r"|improved) (?:message|version|text|copy|email|draft)\b|\bas (?:you )?(?:asked|requested|instructed):"
    r"|\([^)]*\b(?:note|copy|writer|copywriter|editor|add|insert|todo|check|confirm|reason|draft|fill"
    r"|replace|optional|tone"
    r"|version|legal|remove|delete|before sending|approv\w+|wording|rewrite|shorten|keep it)\b[^)]*\)?"
    r"|\b(?:[Cc]opywriter|[Pp]laceholder|[Dd]ummy|[Ll]orem|[Bb]oilerplate|[Tt]emplate|TBC|TBA|TK|FIXME|WIP"
    r"|DRAFT|TEST|NAME|OFFER"
    r"|DATE|(?<!eply )(?<!ext )PLAN|Variant|Version [A-Z0-9]|Option [A-Z0-9]|Draft \w+|Draft:)\b|\b(?:[Tt]est"
    r"|[Ss]ample) (?:message|email|text|mail|send)\b"
    r"|\b(?:[Dd]o not|[Dd]on't|[Nn]ot to be) (?:send|sent|forward|publish)\b|\b[Bb]efore sending\b"
    r"|\b[Ss]ubject(?: line)?:"
    r"|\b(?:name|company|brand|signature|team|title|offer|date|plan|product|link"
    r"|amount) (?:goes )?here\b(?! (?:for|to|until|at|is|and|in))"
    r"|\b(?:AI|language) (?:model|assistant|language)\b|\b[Hh]ere(?:'s| is| are) (?:a|the|your|an|my|one"
    r"|some)?"
    r" ?(?:\w+ )?(?:draft|rewrite|rewritten \w+|version|revision|variant|translation|response|output)s?\b"
    r"|^(?:Sure|Certainly|Of course|Okay|Absolutely)[,!:] "
    r"|\b(?:first|last|full|customer|user|given)[ _-]?name\b(?! (?:is|of|basis|terms))|\b(?:(?:fill in"
    r"|insert) (?:the |a |an |your )?(?:name|offer|blank|date|reason|plan|gap|text|amount)s?|replace with"
    r"|to be (?:added|confirmed|filled|"
    r"completed|decided|defined|inserted))\b|\b(?:none|null|nan|undefined|unknown|n/a"
    r"|missing value) (?:months?\b|plan|per)"
)
"""Notes to a writer, words of a program, gaps nobody filled. For text with its case kept."""
LEFTOVER_SIGNS = re.compile(
    r"(?<=[a-z] )(?:\.\.\.|…)(?= [a-z])|\bX{2,}\b|\bx{2,}\b|\.{4,}|-{3,}|_{2,}|\?{3,}|\*\w|\w\*(?=\s|$)"
)
"""Gaps of signs. For text with its case kept."""

POINTER = any_of(
    r"(?:click|tap|press|hit|follow|use|open|scan|see|visit|find|through|via|push|select|choose|on|at"
    r"|under|check|go to|with) (?:on |the |this"
    r"|our |your |a |an |it |more |at |to |all |in )*(?:\w+ )?(?:link|button|qr|code|banner|web ?page"
    r"|web ?site|home ?page|attachment|image|picture|icon"
    r"|portal|url|webshop|online shop|form below|page below|arrow|barcode|field|box)\b",
    r"click(?:ing)? (?:here|on|below|above|this|through)\b|(?:button|link|form|code|page|table|image"
    r"|details?|picture|terms|box|arrow|offer) (?:below|above"
    r"|attached|underneath|overleaf|at the (?:bottom|top|end))\b|(?:attached|enclosed)\b|(?:below) (?:is"
    r"|are|you|you'll|find)\b|(?:please )?(?:find|see) (?:attached"
    r"|enclosed|below|overleaf|the attach\w+)\b|scan (?:the|this|it|to|with)\b|(?:log"
    r"|sign) ?in(?:to)? (?:to|at|on|here|with|now)\b(?! (?:the|our|your) app)"
    r"|(?:on|via|through|over|follow us on|find us on|join us on|message us on) (?:facebook|instagram"
    r"|twitter|telegram|tiktok|whatsapp|youtube|linkedin|signal"
    r"|messenger|viber|snapchat|x\b|social media)\b|swipe (?:up|right|left)\b|download (?:the|our|it|this"
    r"|from)\b(?! app)",
    r"(?:enter|use|with|quote|type in) (?:your|the|this|our|a) (?:\w+ )?(?:code|pin|password|login)\b"
    r"|(?:go|head|hop|pop) (?:over )?to (?:our|the) (?:\w+ )?(?:page|site|shop|store)\b"
    r"|(?:our|the|your|a|any|this|that|my) (?:web ?site|home ?page|web ?page|url|hyperlink|qr|web address"
    r"|online (?:portal|account|form|shop))\b",
)
"""A link without its address, a button or a picture that the text does not have."""
SPOKEN_ADDRESS = either(
    r"(?<!on the )\bdot\b|\bslash\b|\bat[ -]?sign\b|\(at\)|\bunderscore\b|\b\w+\.\w+ at \w"
)
