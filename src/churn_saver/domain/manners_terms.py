r"""Classes of wording that state what nobody decided: service terms, an offer denied, knowledge of somebody.

The other half of `manners_grammar`, under the same rules: shapes of verbs, nouns and times over folded
text in lower case without the customer's name. Only data; `shield` says which rule uses what.
"""

from churn_saver.domain.manners_grammar import any_of

_WE = r"(?:we|our \w+|i|they|somebody here|someone here)"
_KIT = (
    r"(?:phone|router|modem|box|device|handset|tv|television|tablet|antenna|engineer|speaker|watch|sim"
    r"|hardware"
    r"|equipment|hotspot|repeater|decoder|laptop)"
)
_SERVICE = r"(?:network|line|connection|internet|signal|service|coverage|speed|data|support)"
_PRICE = r"(?:price|rate|tariff|fee|charge|monthly bill|cost)s?"

TERMS = any_of(
    # Ways out of the contract.
    r"(?:cancel|leave|quit|end (?:it|your \w+)|walk away|get out|step out|break (?:it|your \w+)"
    r"|terminate)\b[^.!?]{0,40}\b"
    r"(?:any ?time|whenever|early|without (?:a )?(?:cost|notice|penalty|charge|reason)|free of"
    r"|no questions|nothing to pay)\b",
    r"(?:get|walk|step|way|opt) out of (?:your|the|it)\b|no (?:notice|minimum|lock-in|strings|commitment"
    r"|questions asked)\b",
    # Prices, held, matched or beaten.
    rf"{_PRICE} (?:will |shall |won't |can |is |are |'ll )*(?:not |never |always |be )*(?:stays?|remains?"
    r"|rises?|go up|goes up|increases?"
    r"|hold|holds|fixed|frozen|locked|protected|safe|capped|unchanged|same|lowest|halved?|fall|drop)\b",
    r"(?:keep|lock|hold|freeze|fix|cap|lower|protect|secure|cut)(?:s|ing)? (?:in )?(?:your|the|this|that"
    rf"|today's|our|its)? ?(?:\w+ )?{_PRICE}\b",
    r"(?:match|beat|undercut)(?:es|s|ing)? (?:any|every|our|the|their|what|all|whatever|that)\b|(?:any"
    r"|every|a|rival) quotes?\b",
    r"(?:even|still|much|always) (?:cheaper|lower)\b|cheaper (?:next|than|every|after|later|still|from)\b"
    r"|(?:year|years|months) after (?:will|is|that)\b",
    r"(?:save|saves|saving|worth) (?:you )?(?:a )?(?:fortune|lots?|hundreds|thousands|plenty|loads)\b"
    r"|fortune\b",
    # Nothing to pay, something back.
    r"costs? (?:you )?nothing\b(?! (?:to (?:reply|ask|answer|say|write|tell)))|nothing (?:more |else "
    r"|extra )?to pay\b|pay(?:s|ing)? nothing\b",
    r"at (?:our|the company's) (?:cost|expense)\b|without (?:paying|extra cost|any cost)\b"
    r"|not (?:be )?(?:charged?|billed)\b|(?:charge|bill) you nothing\b",
    r"(?:pay|paid|give|given|send|sent|hand|get|transfer|return)(?: you| it| your \w+| the \w+"
    r"| everything| \w+ money){0,2} back\b(?! to (?:us|this))"
    r"|repa(?:y|id)\b|return your (?:money|payment)\b",
    # Things and services.
    r"(?:send|give|ship|install|deliver|bring|mail|get|have|receive|add|include|swap|replace"
    rf"|hand)(?: (?:you|your|an?|the|in|for|out|new|free|extra|brand|better|us)){{1,4}}(?: \w+)? {_KIT}\b",
    r"(?:a |your |one )?(?:friends?|family|partner|household|relatives?)(?: of yours)? (?:gets?"
    r"|will (?:get|have)|receives?|saves?|too|also)\b|(?:for|refer|invite) (?:a|your|any) (?:friend"
    r"|family|neighbou?r)s?\b",
    r"(?:prize|our|the|a|lucky|monthly|big) draw\b|enter(?:ed|s)? (?:you )?(?:in|into|for)\b|(?:dream "
    r"|free |a |win a )(?:holiday|trip|cruise|weekend away)\b"
    r"|(?:sweepstakes?|contest|competition|tickets|roaming|perks?|freebies?|sweetener|loyalty bonus"
    r"|hotline|priority)\b",
    rf"{_SERVICE} (?:will |can |'ll |is going to )?(?:never|always|be (?:twice|faster|better|doubled"
    r"|perfect|upgraded|free))\b",
    r"(?:faster|better|quicker|stronger|perfect|flawless|premium|priority|uninterrupted|extra|more|bigger"
    rf"|double) {_SERVICE}\b(?= (?:from|for|with|at|too|as|until|next|on|included)\b|[,.!;])",
    rf"{_SERVICE} (?:fails? never|without (?:a break|interruption|limits?))|no (?:more )?(?:outages?"
    r"|interruptions?|limits?|dropped calls)\b",
    r"(?:throw|throwing|threw) in\b|(?:comes|included) (?:with it|at no|free)\b|as much (?:data"
    r"|\w+) as you (?:like|want)\b|months? (?:without|with no) \w+",
    # Oaths.
    r"we (?:swear|vow|pledge|assure|commit|undertake|warrant)\b|(?:you have|give you|on) our word\b"
    r"|(?:certain|bound|sure|set) to (?:save|get|win|like|love|have|be (?:cheaper|faster))\b",
    r"(?:never|always) (?:fails?|drops?|breaks?|goes down|be down|work|works|be (?:cheapest|fast|slow"
    r"|late))\b|(?:nobody|no one|no other \w+) (?:\w+ )?(?:beats?|match\w*|cheaper|comes close)\b",
)
"""Terms of service or prices that no decision has a slot for."""

_DISCOUNT = r"(?:discount|offer|reduction|saving|percentage|deal|it|this|that)"
DENIED = any_of(
    r"(?:no|not any|without an?|without any|never a|neither|nor a) (?:discount|offer|reduction|saving"
    r"|price cut|rebate)s?\b",
    rf"{_DISCOUNT} (?:has|have|had|is|was|are|will be) (?:already |now |just |sadly |unfortunately "
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
    r"|does |is |'ll |would |shall )*(?:not |n't )?(?:stays?|remains?|be unchanged) ?(?:exactly "
    r"|just )?(?:the same|as it|where|unchanged|in full|\.|,)?"
    r"|nothing (?:will |is going to )?(?:changes?|comes? off|be taken off|is taken off|off)\b",
    r"(?:cannot|can't|will not|won't|not able to|unable to|never) (?:give|offer|grant|take|apply|deduct"
    r"|reduce|lower|honou?r)\b[^.!?]{0,30}\b(?:off|discount|offer|reduction|bill|it)\b",
    r"off (?:even )?if you (?:do not|don't|never)\b|even if you (?:do not|don't|never)\b"
    r"|whether (?:or not you|you \w+ or not)\b|with or without (?:a|your) (?:reply|answer)\b",
    r"(?:then|but) (?:again,? )?(?:nothing|none|not) (?:off|for you)\b|(?:only )?(?:joking|kidding"
    r"|on second thou?ghts?)\b|we (?:take|took) (?:it|that|this) back\b",
    r"pay (?:it |the bill )?(?:in full|the full|everything|all of it)\b",
)
"""An offer that the same text denies."""

_KNOW = (
    r"(?:know|noticed?|see|saw|heard|hear|learned|learnt|found(?: out)?|detected?|observed?|watched?"
    r"|spotted|recorded|think|thinks"
    r"|believe|believes|suspect|suspects|predicts?|guess|reckon|(?:can|could) (?:see|tell)|realised?"
    r"|realized?|read|fear|are told|were told)"
)
_DOES = (
    r"(?:look|visit|stream|watch|brows|search|phon|travell?|mov|work|liv|b[uo](?:y|ught)|pay|paid|spend"
    r"|spent|download|compar|shop|click|open"
    r"|talk|cancel|leav|switch|complain|argu|drink|drank|vot|pray|eat|sleep|slept|stay up|surf|gam|play"
    r"|us(?:e|ing) (?:your|a|an|the|our|less|more|most)"
    r"|call|texted|messag|sign|read|listen|post|argu|married|divorc|gave birth|lost|earn|owe|borrow"
    r"|met)(?:s|ed|ing|e|es|ped|ned|ling|ling)?"
)
_PRIVATE_LIFE = (
    r"(?:baby|babies|kids?|child|children|wedding|honeymoon|illness|surgery|operation|marriage|funeral"
    r"|pregnancy|divorce|health|new job|diet"
    r"|family|girls|boys|twins|exam|doctor|hospital|dog|cat|mortgage|loan|vacation|retirement)"
)
KNOWING = any_of(
    rf"{_WE}(?:'ve| have| had)?(?: also| just| all| already| \w+ly)? {_KNOW}(?: out)?(?: that| how| when"
    r"| what| where| which| who)?(?: often| much| late| \w+s)?"
    r" you(?:'re|'ve|'ll| are| were| have| had| will| may| might| want to| like to| plan to"
    r"| tend to)?(?: been| just| recently| often| always| rarely| never| mostly| about to| going to"
    rf"| planning to| thinking (?:of|about)| \w+ly)* {_DOES}\b(?! (?:us|to us|with us|our plan))",
    r"(?:since|as|because|given that|seeing that|now that) you (?:\w+ly |often "
    rf"|always )?{_DOES}\b(?! (?:with us|us))",
    r"(?:since|as|because|now that) you (?:have|are) (?:an? |two |three |many |no )?(?:kids|children"
    r"|single|retired|married|alone|family|baby|student|parent|home a lot|pregnant|ill)\b",
    r"(?:our|the) (?:computer|system|software|algorithm|model|data|analysis|records?|figures|machine"
    r"|logs?|tools?|statistics|ai|cameras?)s?"
    r" (?:also )?(?:think|say|show|tell|predict|suggest|believe|know|flag|see|saw|notice|indicate|reveal"
    r"|rate|rank|mark|warn|expect)\w*\b",
    r"(?:about|likely|ready|going|planning|tempted|threatening) to (?:leave|cancel|churn|switch|quit)\b"
    r"|(?:risk|chance|danger) (?:of you |that you (?:will |may )?|of )(?:leav|cancel|switch|churn)\w*",
    r"(?:electronic|mailed|paper) che(?:ck|que)s?\b|(?:pay|paid|paying) (?:by|with|from|through) (?:an? "
    r"|your )?(?:\w+ )?(?:che(?:ck|que)|card|transfer|bank|debit|invoice)\b",
    r"your (?:browsing|location|whereabouts|streaming|viewing|search|searches|usage|internet use|data use"
    r"|call|payment|purchase|web|spending|sleeping|shopping|movements?|habits)"
    r"(?: (?:history|habits|records?|log|pattern|patterns|list|method|late|at night))?\b(?! (?:us|team"
    r"|date|day))",
    r"(?:hope|heard|congratulations|how (?:is|was|are|were|did)|sorry|know|saw|get well"
    rf"|enjoy)\b[^.!?]{{0,20}}\b(?:your|the|new)(?: new| little| older| first)? {_PRIVATE_LIFE}\b",
    r"(?:your|the) (?:new |little |late |older )?(?:baby|kids|children|wedding|honeymoon|surgery|funeral"
    r"|twins|doctor)\b|(?:rival|competitor|other provider)s?'? ?s? (?:prices?|site|website|shop|page"
    r"|offers?)\b",
)
"""Knowledge of what a customer does, has or is about to do, beyond what a slot may state."""
