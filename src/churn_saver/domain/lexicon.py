r"""Words and shapes that a message may not have, and what tells English from other languages.

Only data: which rule uses what, and when, stands in `shield`. All of it reads folded text in lower
case, unless a comment says otherwise. Patterns begin with a literal or `\b` and have no nested
repeats: their time is linear in the text.
"""

import re

from churn_saver.domain.shapes import either


def word_set(words: str) -> frozenset[str]:
    """Read a set of words written one after the other."""
    return frozenset(words.split())


BRACKET = re.compile(r"[{}<>\[\]]")
TEMPLATE = re.compile(
    # Template signs, and what programs write for nothing. For text with its case kept.
    r"%\w+%|\$\w*[A-Za-z_]|__|\b(?:Hi|Hello|Dear|Hey),? (?:None|nan|null|undefined|[Cc]ustomer [Nn]ame"
    r"|[Ff]irst ?[Nn]ame|[Nn]ame|[Uu]ser)\b"
    r"|\bNone\b(?! (?:of|is|are|was|were|at)\b)|\b(?:TBD|TODO|XXX+|NULL|N/A|NaN|nan|null|undefined"
    r"|[Ll]orem [Ii]psum|[Ii]nsert (?:name|offer|date))\b|%s\b"
)
TEMPLATE_SIGN = re.compile(r"[%$_]")
TEMPLATE_HINTS = word_set(
    "none nan null undefined customer name firstname user tbd todo xxx xxxx lorem insert"
)
SITE = re.compile(
    r"\.(?:com|net|org|info|biz|io|co|app|xyz|top|site|shop|online|club|link|click|ly|me|ru|cn)\b",
    re.IGNORECASE,
)
"""Well-known endings of web addresses: looked for in the customer's name too."""
LINK = re.compile(r"@|://|\.(?<=\w\.)[^\W\d_]{2}|[\[(]\.|\. (?:com|net|org)\b")
LINK_WORDS = word_set("http https hxxp hxxps www bitly tinyurl javascript mailto")
SPOKEN_LINK = either(r"\bdot\)? (?:com|net|org|io|co|info)\b|\bbit\.? ?ly\b")
PHONE = re.compile(
    r"\+?\d(?:[\s().\-/]{0,3}\d){6,}|\b(?:call|text|dial|phone|ring|whatsapp|sms)\b[^.!?]{0,20}\d{3}"
    r"|\b1?-?8(?:00|88|77|66)-[a-z]"
)
PERSONAL = re.compile(
    r"\d(?:[ -]?\d){11,}"  # card numbers
    r"|\d{6,}"  # account numbers
    r"|\b[a-z]+-?\d{3,}\w*"  # C12345
    r"|\b\d{3,}-?(?!st\b|nd\b|rd\b|th\b)[a-z]{2,}[\w-]*"  # 7590-VHVEG
    r"|\b\d{3}-\d\d-\d{4}\b"
    r"|\w@\w|\b(?:customer|account|member) ?(?:id|number|no\.?|#)\b"
)
NUMBERED = re.compile(r"[\d@]")
PERSONAL_HINTS = word_set("customer account member")
SHOUT = re.compile(r"[A-Z]{4}|\b(?:[A-Z][ .*_-]){3}[A-Z]\b|\b[A-Z] [A-Z] [A-Z]\b|!\s*!")
"""For text with its case kept."""
_LEAVE = r"(?:opt out|unsubscribe|end|cancel)"
OPT_OUT = re.compile(
    rf"(?<!not )\b(?:reply|text|send) stop to {_LEAVE}\b|\bto {_LEAVE},? (?:reply|text|send) stop\b"
    rf"|(?<!not )\b(?:reply|text|send) (?:yes|ok)(?: [^.!?,;]{{1,30}})?[,;] (?:or )?stop to {_LEAVE}\b"
)

ENGLISH = word_set(
    "the you your you're with and for our this have thank thanks us here from that are we we're we'd "
    "we've it's how what can please reply let like about would more off next bill take together email "
    "just help get enjoy want know need "
    "if should could when which been has there they them their who why then than write tell "
    "by any but does only very good welcome time some still happy glad answer answering words simply yours "
    "every not its was were something anything to too it isn't aren't got hope never send"
)
NOT_ENGLISH = word_set(
    "und der das ist fur wir ihr sie ihre ihnen mit bei nicht vielen danke le la les vous nous votre "
    "pour avec est merci chez une des du el los las para con por gracias usted su que una del voor een "
    "het wij niet uw bij dank je jullie com voce obrigado seu sua nao uma di il grazie sono per "
    "che della tuo och att det ikke"
)

ACCENTED = re.compile(r"[^\W\d_a-z]\w*", re.IGNORECASE)
"""From a letter that English has only in words from elsewhere; one such word may be a café's."""

LASTING = word_set(
    "forever permanent permanently indefinitely lifetime perpetual perpetually ongoing recurring "
    "unending endless lifelong onward onwards"
)
SEVERAL_BILLS = either(
    r"(?<![,.:;!?] )(?<!\bthat )(?<!\bhow )(?<!\bwhen )\b(?:bills|invoices|statements|payments)\b"
    r"(?! (?:are|can be|may be|get) (?:a|hard|high|never|no|not|rarely|seldom|too)\b)"
)
"""More than one of them, unless a sentence is about bills as such."""
_BILL = r"(?:bill|invoice|statement|payment|month|year|week|time|renewal|cycle)"
LONGER = either(
    rf"\b(?:every|each|per)(?: single| one)? (?:of your )?{_BILL}"
    rf"|\ball (?:of )?(?:your |the |future |coming |next |following )+(?:\w+ )?(?:{_BILL[3:-1]}|ones"
    r"|charge|cost|fee)s?\b"
    r"|\bfuture (?:bill|invoice|statement|payment)"
    r"|(?:~|%|\boff|\bper ?cent|\bdiscount) (?:a|per|every|each) (?:month|year|week)"
    r"|\b(?:monthly|yearly|annual|weekly) (?:discount|saving|offer|reduction)"
    r"|\bfor (?:life|good|ever|always|all time|the rest|as long|the duration|the whole|the entire"
    r"|the full)\b"
    r"|\b(?:rest|remainder) of (?:the|your|this)|\bas long as\b|\buntil (?:you|further)\b"
    r"|\bfrom (?:now|then) on\b"
    r"|\bgoing forward\b|\byear[ -]round\b|\b(?:all year|every time|again and again|month after month)\b"
    r"|\b(?:next|following|coming|first|another|additional|further)(?: \w+)? (?:months|years|weeks|days)\b"
    rf"|\b(?:months|years) (?:off|free)\b|\bfor several {_BILL}s"
    rf"|\b(?:next|coming|following) (?:\w+ )?{_BILL}s\b|\b{_BILL}s (?:to come|ahead)\b"
    r"|\band (?:the one after|beyond|later)\b|\b(?:bill|month) after\b(?! (?:\^|you|your|we|a)\b| \^)"
    r"|\b(?:following|other|first|previous) bill\b|\b(?:later|following|subsequent|coming|next"
    r"|future) ones\b|\b(?:following|subsequent|coming) one\b|\ball (?:those |the ones )?(?:that"
    r"|which) (?:come|follow)"
    r"|\brepeat(?:ed|s|ing)\b|\b(?:every|each) (?:spring|summer|autumn|winter|season|quarter)\b"
    r"|\bnever (?:ends|stops)\b"
    r"|\b(?:bill|invoice|statement|payment) and (?:again|another|then|(?:your |the )?next|all)\b"
    r"|\bagain (?:in|next|and|after|every)\b|\bmore than once\b|(?<!you )\bfor long\b|\bnext few\b"
    r"|\b(?:and|or|into) next (?:year|month)\b(?!'s)"
    r"|\b(?:and|also|plus|then|or) (?:also |then |again |off |on |for )*(?:the|that) (?:ones?|next|rest"
    r"|others) (?:that|which|after|following|then|next|to|comes?|follows?)\b"
    r"|\b(?:and|plus|then) the next(?: one)?\b"
    r"|\b(?:this|that) one and the\b|\b(?:subsequent|consecutive|successive)\b|\bin a row\b|\bto (?:begin"
    r"|start) with\b"
    r"|\bthen (?:it|this|the discount|~)(?: \w+)? (?:carries on|continues|goes on|renews|repeats|runs on"
    r"|stays)\b"
    r"|\bboth (?:of )?(?:your )?(?:next |of )?(?:bill|invoice|month)"
    r"|\bthroughout (?:your (?:plan|contract)|the)\b|\b(?:starting|beginning|starts|begins) (?:with|from"
    r"|at) (?:your|the)\b|\bfrom your next \w+ (?:on|onwards?|forward|until)\b"
    r"|\b(?:until|to) the end of (?:your|the) (?:[\w=-]+ )?(?:contract|plan|term|agreement)|\b(?:while"
    r"|as long as|so long as) you (?:stay|are|remain)\b(?= (?:with"
    r"|on|our|a|loyal)\b)|\b(?:through|during|over|all|until|for|this|next) (?:the )?(?:whole )?(?:winter"
    r"|summer|spring|autumn|christmas|season|holidays)\b|\bnot (?:just|only) (?:once|the next"
    r"|your next|this|one)\b|\b(?:the|your|each|any) (?:bills|ones?|invoices) (?:after|following"
    r"|thereafter|that (?:follow|come))\b|\buntil we (?:say|tell|stop|change)\b"
)
PROMISES = word_set(
    "guarantee guarantees guaranteed guaranteeing guaranty refund refunds refunded refundable cash "
    "cashback gift gifts gifted giveaway prize prizes win winner won reward rewards bonus bonuses "
    "lottery jackpot voucher vouchers coupon coupons rebate rebates complimentary waive waived waives "
    "waiver waiving compensate compensation reimburse reimbursement upgrade upgrades upgraded "
    "upgrading unlimited credit credits points surcharge promise promises promised cheapest lowest fee "
    "fees increase gratis freebie freebies bogo miles warranty insured unlock unlocks iphone ipad "
    "laptop router tablet headphones tv wallet money present presents technician technicians frozen "
    "presented souvenir discounts extras bundle hamper raffle"
)
"""Nobody decided any of these."""
NO_PROMISE = re.compile(
    r"\b(?:feel|always|are|be) free\b(?! of)|\bfree to\b|\b(?:hassle|worry|stress|trouble)-free\b"
)
PROMISE = either(
    r"\bfree\b|\b(?:no|zero|without) (?:extra |further |any )?(?:charge|cost|fee|payment)s?\b"
    r"|\bon the house\b"
    r"|\bmoney[- ]back\b|\bprice (?:lock|freeze|match|cut|drop|will|won't)|\block(?:ed)? in\b"
    r"|(?<!should )\bnever (?:pay|rise|go up|change)|\b(?:best|lowest) (?:price|rate|deal)\b"
    r"|\b(?:(?<!asked )(?<!ask )for|pay) nothing\b"
    r"|\b(?:faster|double|extra|more|bonus) (?:speed|speeds|data|channels|minutes|gigabytes|gb)\b"
    r"|\bget one\b"
    r"|\b(?:new|latest) (?:phone|device|handset)\b|\bcancel (?:your|the) (?:debt|bill)\b"
    r"|\b(?:is|are|month|(?<!off your next )bill|it's)(?: all)? on us\b"
    r"|\bon top of (?:that|this)\b|\bnever (?:raise|increase|charge)\b"
    r"|\b(?:match|beat|freeze|hold|keep) (?:any|every|your|the) (?:price|rate|offer)\b"
    r"|\bwe(?:'ll| will| can) (?:pay|buy|throw in|double|call you)\b|\bback (?:in|into|to) your\b"
    r"|\bprice is (?:locked|frozen|fixed|safe)\b|\bextra (?:discount|month|time)\b|\bskip (?:a|your|the"
    r"|one) \w+"
    r"|\bcall you back\b"
)
DISCOUNTS = word_set(
    "discount discounts discounted savings promo promos promotion promotions promotional deal deals "
    "bargain cheaper sale reduction reduced markdown"
)
DISCOUNT = either(
    r"\b(?:money|something|some|a bit|a little|price) off\b"
    r"|\boff (?:your|the|our) (?:next |monthly )*(?:bill|plan|price|invoice|rate|payment)"
    r"|\bsav(?:e|ing) (?:money|more|big|on|up|even)\b"
    r"|\b(?:special|exclusive|new|this|an|our|your|the|limited|great) (?:\w+ )?offers?\b"
    r"|\blower (?:bill|price|rate)|\b(?:less|lower) on your\b|\breduce your (?:\w+ )?(?:bill|price|rate)"
    r"|\bcutting (?:the|your)\b|\bless expensive\b|\bsave a lot\b"
    r"|\b(?:lower|cut|drop) (?:your|the) (?:\w+ )?(?:bill|price|rate|fee)s?\b"
)


def own_domain(domain: str) -> str:
    """Match the company's domain, its subdomains and addresses, with a path of plain words at most.

    What follows must end the address, so that `own.example` does not excuse `own.example.evil.io`.
    """
    return (
        r"(?<![\w.@/-])(?:https?://)?(?:[\w.+-]+@)?(?:[a-z0-9-]+\.)*"
        + re.escape(domain.strip().lower())
        + r"(?:/[a-z/_-]*)?(?=[.,;:!?)]*(?:\s|$))"
    )


def own_phone(phone: str) -> str:
    """Match the company's phone number, however it is spaced."""
    digits = [c for c in phone if c.isdigit()]
    return r"(?<![\d+])(?:\+ ?|\()?" + r"[\s().\-/]*".join(digits) + r"(?!\d)"
