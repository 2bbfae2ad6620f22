r"""Classes of wording that take back what the same text says: an offer denied, an answer that is not wanted.

Only data, under the rules of `manners_grammar`: shapes over folded text in lower case without the customer's
name; `shield` says which rule uses what, and when.
"""

from churn_saver.domain.shapes import any_of

_PERCENT = r"(?:\d+|five|ten|fifteen)(?: ?%| ?per ?cent\b)(?: more)?"
_DISCOUNT = r"(?:discount|offer|reduction|saving|percentage|deal|it|this|that)"
DENIED = any_of(
    r"(?:no|not any|without an?|without any|never a|neither|nor a) (?:discount|offer|reduction|saving"
    r"|price cut|rebate)s?\b",
    rf"(?<!if ){_DISCOUNT} (?:has|have|had|is|was|are|will be) (?:already |now |just |sadly |unfortunately "
    r"|also )*(?:ended|over|expired|gone|closed|withdrawn"
    r"|cancelled|past|invalid|void|finished|unavailable|lapsed|not (?:\w+ )?(?:valid|available|yours|open"
    r"|real|for you|on|meant|active)"
    r"|no longer|off the table|a mistake|an error)\b",
    rf"{_DISCOUNT} (?:does not|doesn't|will not|won't|cannot|can't|no longer|did not|never) (?:apply"
    r"|applies|hold|holds|count|counts|exist|exists|be (?:used"
    r"|taken|applied|honou?red)|change|reach|affect|lower|work|concern|include)\b",
    r"(?:no longer|not) (?:valid|available|eligible|entitled|included|qualify|qualified)\b|(?:in"
    r"|not )eligible (?:for|to)\b",
    r"(?:full|regular|normal|usual|standard|ordinary|same|old|undiscounted) (?:price|amount|rate|sum"
    r"|total|charge)\b",
    r"as (?:high|much|expensive|dear) as (?:ever|always|usual|before|now|last)\b|(?:bill"
    r"|price) (?:as usual|unchanged|in full)\b",
    r"(?:no|not|not any|never|nothing|isn't|won't be) (?:be )?(?:any )?(?:lower|less|cheaper|reduced"
    r"|smaller|discounted)\b",
    r"bill (?:will not|won't|does not|doesn't) (?:change|fall|drop|get lower|shrink)\b|bill (?:will "
    r"|does |is |'ll |would |shall )*(?:not |n't )?(?:stays?|remains?|be unchanged)\b(?! (?:open|yours"
    r"|ready|available|valid|here)) ?(?:exactly "
    r"|just )?(?:the same|as it|where|unchanged|in full|\.|,)?"
    r"|nothing (?:will |is going to )?(?:changes?(?! (?:on|about|in|with|to|for) your (?:[\w-]+ )?(?:plan"
    r"|contract))|comes? off"
    r"|be taken off|is taken off|off)\b",
    r"(?:cannot|can't|will not|won't|not able to|unable to|never) (?:give|offer|grant|take|apply|deduct"
    r"|reduce|lower|honou?r)\b[^.!?]{0,30}\b(?:off|discount|offer|reduction|bill|it)\b",
    r"off (?:even )?if you (?:do not|don't|never)\b|even if you (?:do not|don't|never)\b"
    r"|whether (?:or not you|you \w+ or not)\b|with or without (?:a|your) (?:reply|answer)\b",
    r"(?:then|but) (?:again,? )?(?:nothing|none|not) (?:off|for you)\b|(?:only )?(?:joking|kidding"
    r"|on second thou?ghts?)\b|we (?:take|took) (?:it|that|this) back\b",
    r"pay (?:it |the bill )?(?:in full|the full|everything|all of it)\b",
    # More to pay, or the same.
    rf"(?:add|adds|adding|added|put|puts|charge|charges|pile|slap|tack)(?: \w+)? {_PERCENT}(?! off)"
    r"|(?:bill|price|it|plan|rate) (?:is |will |goes |go |be |gets "
    rf"|rises? |climbs? |increases? |grows? |can |would )*(?:up )?(?:by )?{_PERCENT} (?:higher|more|up"
    r"|dearer|bigger|larger|heavier)\b|(?:rises?|increases?"
    rf"|climbs?|goes up|go up|up|grows?|higher|more|dearer|raised?|increased?) by {_PERCENT}"
    rf"|{_PERCENT} (?:more|higher|extra|dearer|increase|surcharge|added|up|on"
    r" top|rise)\b",
    r"(?<!plan )(?<!else )(?<!contract )(?<!everything )(?<!service )(?:stays?|remains?|is|are|be|costs?"
    r"|pay) (?:exactly|just|precisely) (?:the same|as (?:it|before|high|much|ever|always|now|you))\b"
    r"|(?:excluding|excluded|exempt|"
    r"except|not counting|but not|other than|apart from|not (?:for|on|off)) (?:for |from |on "
    r"|off )?(?:your |the |this )?(?:next |discount|bill|offer)\b|(?:no|without) (?:any )?"
    r"(?:effect|difference|impact) (?:on|to)\b|makes no difference\b|unless (?:our|the|somebody|someone"
    r"|there|a|an|they)\b|in name only\b|on paper only\b|only on paper\b|april fool\w*|(?:not"
    r"|n't) really\b(?=[.!,])",
    r"(?:only|just) (?:joking|kidding|teasing|a joke|a test|pretend\w*)\b|add(?:ed|s)? (?:it |that |this "
    r"|them )?(?:back|again)\b|charged? (?:it |you )?(?:again|later|back"
    r"|afterwards|twice)\b|mak(?:e|es|ing) up for it\b|(?:may|might|could|can|will) (?:\w+ )?(?:withdraw"
    r"|revoke|cancel|change our mind|reconsider|not honou?r|decline|refuse)"
    r"\b|reserve the right\b|subject to (?:change|approval|availability|credit|terms|conditions|a check)\b"
    r"|(?:terms|conditions|exclusions|restrictions)(?: and conditions)?"
    r" apply\b|not (?:binding|final|certain|sure (?:yet|if|whether) (?:it|this|the|we))\b|(?:or|well"
    r"|no),? (?:was it|maybe not|rather|perhaps|actually|wait|let us say|make that)\b"
    r"|(?:was|were|is) (?:only |just )?(?:meant|intended) for (?:someone|somebody|another|others)\b"
    r"|for (?:new|other) customers (?:only|alone)\b|(?:only|just|exclusively) for (?:new|other)\b",
    r"already (?:closed|ended|expired|lapsed|over)\b|(?:cannot|can't|unable to|not able to) (?:give|offer"
    r"|grant)"
    r" (?:you )?(?:anything|one|a thing|any)\b",
)
"""An offer that the same text denies."""
UNANSWERED = any_of(
    r"(?:please )?(?:do not|don't|never|cannot|can't|no need to even) (?:try to )?(?:reply|respond"
    r"|write back|answer) (?:to this|to us|here|directly|by|back)\b|(?:do not|don't)"
    r" (?:reply|respond)(?=[.!])|no-?reply\b|repl(?:y|ies) (?:(?:to|sent|by) [^.!?]{1,25} )?(?:(?:is|are"
    r"|will be|was|were|can|do|does|get|go|end) )+(?:\w+ly )?(?:not|never|be (?:ignored"
    r"|deleted|read by nobody)|ignored|deleted|unread|discarded|blocked|nowhere|lost|in (?:the|a) (?:bin"
    r"|void|spam)|cannot)\b|replies? (?:cannot|can't|won't|aren't|isn't|will not|bounce\w*)\b",
    r"(?:nobody|no one|no-one|none of us) (?:\w+ )?(?:read|reads|answer|answers|monitor|monitors|check"
    r"|checks|sees|looks|replies|will)\b|(?:unmonitored|unattended|unread)\b|(?:not|n't|never)"
    r" (?:be )?(?:monitored|attended|read (?:it|them|your|repl\w+)|answer (?:it|them|your|repl\w+)"
    r"|open (?:it|them|your))\b|(?:this|our) (?:mailbox|inbox|address|number|channel)"
    r" (?:is|does|cannot|can't|has|will|accepts)[^.!?]{0,15} (?:not|no|never|closed|only|full|dead)\b"
    r"|we (?:do not|don't|cannot|can't|will not|won't|never) (?:\w+ )?(?:read|answer|accept|open"
    r"|receive|process|reply)\b",
    r"(?:your|the|our) (?:[\w-]+ )?(?:contract|plan|subscription|account|service|line) (?:with us )?(?:has"
    r"|was|is|had|have)(?: now| already| just| been| recently| about to be)* (?:ended|over|expired"
    r"|cancelled|closed|terminated|stopped|lapsed|deleted|suspended|discontinued|ending|run out"
    r"|come to an end)\b|(?:no longer|not) (?:a|our|one of our) customers?\b|since you (?:left|cancelled"
    r"|quit)\b|(?:good ?bye|farewell)\b(?! to)|(?:sorry|sad) (?:that )?you(?:'ve| have| are|'re)? (?:left"
    r"|leaving us|gone|cancelled)\b|(?:you|who) (?:have |'ve |has )?(?:left us|cancelled"
    r"|already cancelled|already left|moved away)\b|former customer\b|as (?:you|we) (?:agreed|discussed"
    r"|requested|asked|ordered|said)(?: \w+)? (?:on|by|over|in|last|yesterday|when) \w+",
    # Somebody who wants to leave and is not let go, or is bound by doing nothing.
    r"(?:request|wish|notice|application|decision) to (?:cancel|leave|quit|switch"
    r"|end)\b[^!?]{0,40}\b(?:against it"
    r"|declined|denied|disregarded|ignored|not (?:accepted?|possible)|refused?|rejected|turned down)\b"
    r"|(?<=[.!] )you"
    r" (?:(?:will|shall|must|have to) (?:remain|stay)|remain) (?:our customer|with us)\b",
    r"you (?:cannot|can't|could not|couldn't|will not|won't|may not) (?:\w+ )?(?:cancel|escape|get|go|leave"
    r"|switch|walk)"
    r" (?:\w+ )?(?:anywhere|away|elsewhere|from us|out|us)\b|nowhere (?:else )?to go\b",
    r"by (?:\w+ly )?(?:opening|reading|receiving|ignoring|not \w+ing|doing nothing|keeping|staying|getting)\b"
    r"[^.!?]{0,40}\byou (?:\w+ly )?(?:accept|agree|are (?:bound|deemed)|commit|confirm|consent)\b",
)
"""An answer that is asked for and not wanted, a customer who is said to be none."""
