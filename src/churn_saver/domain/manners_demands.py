r"""Classes of wording that nag for an answer or name a price for silence: small grammars.

What `manners_grammar` has for clocks, shortages and open threats, this page has for their quiet forms:
asking again why there is no answer yet, a race with others, "or" and "otherwise" with something bad after
them, a service that gets worse. Only data, under the same rules: shapes over folded text in lower case
without the customer's name.
"""

from churn_saver.domain.shapes import any_of

_REPLIED = (
    r"(?:repl(?:y|ied)|answer(?:ed)?|respond(?:ed)?|said yes|say yes|writ(?:e|ten)|accept(?:ed)?|decided?"
    r"|done it)"
)
_WORSE = (
    r"(?:slow(?:er)?|worse|dear(?:er)?|higher|weaker|pricier|costlier|poorer|harder|shorter|more (?:expensive"
    r"|costly|difficult)|unpleasant|uncomfortable|patchy|unreliable|less (?:pleasant|reliable|stable))"
)
_THING = (
    r"(?:line|service|connection|account|number|internet|contract|signal|speed|plan|bill|price|rate|tariff"
    r"|voicemail|mailbox|contacts|photos|history|data|discount|benefits?|terms|conditions|access|support)"
)
_HELPFUL = (
    r"(?! (?:can |could |will |may |would )?(?:simply |just |also |gladly |always )?(?:help|look|call|ring"
    r"|talk"
    r"|go through|explain|leave (?:it|things|them)|keep (?:it|things)|write|do nothing|ask|tell|answer|reply"
    r"|send us|let us|ignore|are (?:glad|happy)|do not need))"
)

NAGGING = any_of(
    # Why there is no answer yet, and how often it was asked for.
    rf"you (?:still |just |simply )*(?:have|had|did)(?: still)?(?: not|n't| yet to|) ?(?:yet )?(?:{_REPLIED})"
    r"(?: yet| to (?:us|this|our))",
    rf"(?:still|yet) (?:have |had |did |has |do )?(?:not|n't|no|nothing|to)\b[^.!?]{{0,12}}\b(?:{_REPLIED}"
    r"|reply|yes"
    r"|word from you)\b",
    r"(?:what|who|which \w+) (?:is|are|'s|keeps?|stops?|holds?)(?: still)? ?(?:keeping|stopping|holding)? you"
    r"(?: back| waiting| from)?(?=[?,.!]| (?:from|back)\b)",
    r"why (?:are|have|did|do|is|has) (?:you|there|it|we)(?: still| not|n't| no)* (?:yet |still |not "
    r"|no )*(?:waiting"
    r"|repl\w+|answer\w*|hesitat\w+|silent|quiet|accept\w*|taken|ignor\w+|said|reacted|heard)\b",
    r"how (?:many times|often (?:do|must|should)|much longer|long (?:must|do|should|will) (?:we|you))\b",
    r"(?:once|yet) (?:more|again)[,:]? (?:we|i|here|you)\b(?! (?:thank|for))|here we (?:are|go) again\b",
    r"(?:this|that) is (?:already )?(?:the|our|my) (?:second|third|fourth|fifth|last|final"
    r"|umpteenth) (?:time|letter"
    r"|message|email|reminder|text|attempt|try|warning)\b",
    r"(?:we|i) (?:have )?(?:already |now )?(?:asked|wr(?:ote|itten)|told|reminded|called"
    r"|tried)(?: to)? (?:you )?"
    r"(?:about this |for this )?(?:twice|again|before|already|repeatedly|so often|enough|many times"
    r"|several)\b",
    r"(?:high|about) time (?:that )?(?:you|to|for)\b|time (?:that )?you (?:repl|answer|decid|made|gave"
    r"|said|act)\w*",
    r"(?<!you )(?<!to )make up your mind\b|(?:decide|answer|choose) already\b|(?:you had|you'd"
    r"|had) better\b|better (?:be )?(?:quick"
    r"|fast|reply|answer|say|act|hurry|now|do it|take)\b",
    r"be (?:quick|fast|swift|prompt|speedy)\b|(?:speed|quickness|haste) (?:counts|pays|matters)\b|(?:move"
    r"|run) (?:fast"
    r"|quickly|along)\b|come on[,.!]|chop chop\b|as (?:fast|quickly|quick) as you\b|the sooner\b|race\b",
    r"(?:what|how much|anything) (?:more|else) (?:do|can|could|would) (?:you|we) (?:\w+ )?(?:want|need"
    r"|wait|ask|possibly"
    r"|wish for)\b(?! (?:help|to (?:know|ask|tell|see|improve)|from us|us|for your))|is (?:it"
    r"|that) not (?:good )?enough\b",
    r"(?:do not|don't|never|you (?:must|may|can|should)(?: not|n't)|no need to"
    r"|not) (?:\w+ ){0,4}?(?:before|until|till"
    r"|unless|without) (?:you (?:have|'ve|did|have not)|having|giving|replying|answering|accepting|saying)\b",
    r"(?:we|our \w+|my \w+|i) (?:(?:do |did |does )?(?:expect|insist|require|await|count) (?:on |upon "
    r"|that )?(?:you|your"
    r"|an?|the) ?(?:\w+ )?(?:yes|repl\w+|answer\w*|act\w*|decision|decide|response|to (?:stay|accept|agree"
    r"|sign))"
    r"(?! (?:by|until|before)\b))",
    r"(?:waiting|waits|stand(?:s|ing)|sit(?:s|ting)|staring) (?:\w+ ){0,3}(?:for|on|until) (?:your|a"
    r"|the) (?:yes|word|nod"
    r"|move|ok|signature)\b(?! (?:until|till|by|before)\b)",
    r"(?:need|want|expect|ask|urge|require) (?:you|this|it|your \w+"
    r"|an? \w+)(?: to)?\b[^.!?]{0,25}\b(?:today|now|tonight|at once|straight away|soon|this"
    r" (?:week|morning|evening))\b|(?:before|by) (?:lunch(?:time)?|dinner|breakfast|noon|midnight|tonight"
    r"|bed ?time|tea|the (?:day|week|weekend|evening|hour|morning)"
    r"(?: is)?(?: over| out| ends?)?)\b|(?:so|just|now|and) (?:move|run|jump|hop|go go)\b(?=[.!,]|$)"
    r"|(?<!without )(?<!no )hesitat\w*|(?:sleep|slept|sleeping) (?:through|in)\b",
    r"(?:slot|seat|place|spot|offer|discount|reservation|deal|it|this|bill) (?:is|will be|gets|get|may be"
    r"|might be)(?: about to be| soon| going to be| being)* "
    r"(?:released|given (?:away|to)|passed on|reassigned|resold|reallocated|withdrawn|pulled|removed|sold"
    r"|snapped up)\b|do(?:es)? not (?:sit|hang|lie|stay) (?:around"
    r"|about|there)\b|for so long\b|(?:going|tick|quick|now|come), (?:going|tick|quick|now|come)\b"
    r"|alternatives? (?:will|would|is|are|may|could|to this)\b",
    # A race with others, or a share of what is short.
    r"(?:only|just) (?:the )?(?:fastest|quickest|first|quick|lucky|early|few|some|very)\b(?! (?:month|step"
    r"|question))",
    r"whoever (?:\w+ ){1,3}(?:first|fastest|soonest|quickest)\b|(?:first|next) (?:in line|to (?:reply"
    r"|answer|say|accept"
    r"|grab|take|ask)|who|ones? to)\b|ahead of (?:others|everyone|the (?:rest|crowd|others))\b",
    r"(?:limited|small|fixed|restricted) (?:number|supply|stock|places|spots|run|edition|group"
    r"|availability|time|few)\b"
    r"|(?:few|hardly any|almost none|not many|only \w+) (?:are |is )?(?:left|remain\w*|available)\b"
    r"|in short supply\b"
    r"|running (?:low|short|dry)\b|(?:demand|interest) is (?:high|huge|great|strong|enormous)\b",
    r"(?:other (?:people|customers)|others|somebody else|someone else|another customer|the next (?:person"
    r"|customer|one))"
    r" (?:\w+ )?(?:want|wants|would love|wait|waits|waiting|is after|are after|will (?:get|have|take|be)"
    r"|gets|takes"
    r"|may (?:get|take)|in the queue)\b",
    r"(?:one and only|only|single|one) (?:shot|chance|go|opening|try|moment|window)\b|one-time (?:chance|shot"
    r"|opportunity|only)\b|blow (?:it|this)\b|let (?:it|this|that|the \w+) (?:slip|pass|go by|go to waste"
    r"|expire|get away)\b",
    r"(?:self[- ]destructs?|evaporates?|melts?|burns? up|blows? away|fades?|dies|slips? away|lapses?"
    r"|crumbles?)\b",
    r"you (?:would|will|might|may|could|shall) (?:soon |surely |bitterly |later |only )?(?:regret|rue"
    r"|kick yourself"
    r"|be sorry|live to|wish you had)\b|lying around\b|(?:no|zero|without) (?:more )?(?:dawdl|delay|dither"
    r"|wait|linger)\w*",
    r"not (?:a|one) (?:minute|second|moment|hour|day|heartbeat) (?:longer|later|more|to)\b"
    r"|down to the wire\b|against the"
    r" clock\b|last[- ](?:minute|gasp|ditch|moment)\b|eleventh hour\b|closing the (?:list|book|door|window"
    r"|offer)\b",
    r"(?:it|this|that|there) (?:is|'s) (?:your|the) (?:very )?(?:last|final|only"
    r"|one)(?: and only)? (?:chance|shot|call"
    r"|opportunity|day|reminder|go)\b|(?:seize|strike|grab|snatch|pounce)\w*\b(?! us)|nab(?:s|bed)?\b",
    r"(?:do it|say yes|sign|accept|reply|answer|take it|yes) (?:now|today|quickly|fast|already|tonight"
    r"|at once)\b",
    r"(?:do not|don't|never) even (?:think|dream|consider|try)\b|you snooze\b",
)
"""An answer asked for again and again, a race, a thing that is short."""

CONSEQUENCE = any_of(
    # "or" and "otherwise" with something bad after them.
    rf"or (?:we|our \w+){_HELPFUL} (?:will|'ll|shall|must|may|might|have to|move|put|raise|close|drop|take"
    r"|charge|cut"
    r"|end|start|send|stop|switch|come|hand|tell|know|block|delete|remove|pass|report|withdraw|consider"
    r"|assume|are"
    r" going|will have)\b",
    r"or (?:expect|face|risk|watch|wait and|say goodbye|be (?:left|cut|moved|charged|sorry|prepared)"
    r"|live with|see what"
    r"|suffer|kiss|lose|there will be|things|you (?:will|'ll|may|might|could|can|go|lose|stay|pay) (?:find"
    r"|lose|be|have"
    r"|see|regret|wait|pay|get|end|without|more|the))\b",
    rf"or (?:your|the) (?:\w+ )?{_THING} (?:will|'ll|may|might|could|goes|gets|ends|stops|rises"
    r"|drops|falls"
    r"|disappears)\b",
    r"(?:otherwise|if not|else|failing (?:that|this|which)),?(?: \w+ly,?)? (?:do not be|don't be|expect"
    rf"|we{_HELPFUL} (?:will"
    rf"|must|shall|have to)|(?:you|your \w+|it|things|the \w+){_HELPFUL} (?:will|'ll|may|might|could|must"
    r"|shall|have to|get"
    r"|goes|go|become|would))\b",
    r"(?:do not|don't|never) (?:be|act|look|seem) (?:so )?(?:surprised|shocked|astonished)\b|(?:do not"
    r"|don't) (?:blame|come"
    r" (?:crying|running|back)|say (?:that )?(?:we|you|nobody)|complain|try (?:us|me|that)|test|push"
    r"|provoke|cross)\b",
    r"(?:you|they) (?:have been|were|are|'ve been) (?:told|warned|advised|notified|put on notice)\b"
    r"|be (?:warned|advised"
    r"|careful|very careful|prepared for)\b|mark (?:my|our) words\b|watch (?:out|yourself|it|this space)\b"
    r"|beware\b|take"
    r" (?:heed|care what|note:)|(?:your|at your own) (?:own )?(?:risk|peril)\b|on your (?:own )?head\b"
    r"|for your own (?:good"
    r"|sake)\b|you(?:'ll| will) (?:soon )?(?:see|find out|learn|notice|feel|discover)\b(?! (?:that we|us"
    r"|it|a|10|how easy|~))",
    r"(?:our|my|the) patience (?:is|has|runs|wears|will|ends)\b|(?:lawyers?|solicitors?|attorneys?"
    r"|legal (?:team"
    r"|department|steps|matters?|proceedings|consequences)|bailiffs?|debts?|arrears|dunning"
    r"|collections?(?: department"
    r"| agency| team)?|penalt(?:y|ies)|fines|a fine of|lawsuits?)\b",
    # Leaving as a condition or an order.
    r"(?:if|should|when|once|after|the (?:day|moment|minute)) you(?: ever| really| do| still|'re"
    r"| are)? (?:went|gone|left us"
    r"|part(?:ed)? (?:with|ways)|move on|jump ship|gone|go(?=[,.;:!?]| (?:now|we|your|and|elsewhere|away"
    r"|the|it)\b))",
    r"(?:leave|quit|go|drop|cancel|switch)(?: us| now| early| it| your \w+)*(?:,| and| -"
    r"|:) (?:and )?(?:you|your|we|it|there"
    r"|nobody|no one|the|face|lose|pay|see|watch)\b(?! (?:can|would be glad))",
    r"(?:leaving|cancelling|going|walking away|switching|quitting|a move)(?: us| now| early"
    r"| elsewhere)*,? (?:can|may|could"
    r"|will|would|is|has|ends|tends|brings|means|might)\b[^.!?]{0,25}\b(?:cost|trouble|risk|consequence"
    r"|hard|badly|pain"
    r"|mistake|regret|expensive|loss|unwise|difficult|unpleasant|messy|dangerous|price)\w*",
    r"(?:those|anyone|people|customers|whoever|the ones|everyone|all) (?:who|that) (?:leave|left|break"
    r"|cancel|quit|go|went"
    r"|switch|walk|drop|desert|turn|say no|do not|don't)\w*\b",
    r"ends? (?:up )?(?:badly|in (?:tears|court|trouble|disaster)|before)\b|(?:bad|nasty|unpleasant|serious"
    r"|grave|dire|unwanted"
    r"|ugly) (?:things?|surprises?|consequences?|trouble|news|results?|effects?|end)\b(?! (?:about|in"
    r"|with) (?:your|our))"
    r"|consequences?\b|repercussions?\b|reprisals?\b|trouble (?:for you|ahead|is coming|you)\b"
    r"|have it coming\b",
    # The service gets worse, is taken away, somebody comes.
    rf"your (?:\w+ )?{_THING} (?:(?:will|'ll|may|might|could|can|would|is going to"
    r"|starts? to) (?:\w+ly )?(?:get|become|be"
    rf"|turn|go|grow|feel|run)|gets|becomes|turns|goes|grows) (?:\w+ )?(?:{_WORSE}|up|bad|missing|dark"
    r"|silent)\b",
    r"(?:find|have|get|be|prove|make|becomes?) (?:it |things |life )?(?:very |rather |really |quite "
    r"|much |extremely |far )?"
    r"(?:hard|difficult|tough|impossible|unpleasant|tricky) (?:to (?:get|find|come|return|leave|sign"
    r"|switch|keep|live|call)"
    r"|for you)\b(?! (?:help|through|the answer|an answer|your way|support))",
    r"(?:move|put|switch|bump|transfer|downgrade|demote|shift|throw|kick) you (?:on ?to|to|on|into|down"
    r"|off|out|back|over)\b"
    r"(?! (?:hold|the right|somebody|someone|a colleague))",
    r"(?:dearer|pricier|costlier|higher) (?:tariff|plan|rate|price|bill|fee|one|charge)s?\b|(?:raise"
    r"|increase|hike|double) "
    r"(?:your|the) (?:\w+ )?(?:price|rate|bill|tariff|fee|charge)s?\b",
    r"(?:delete|erase|wipe|destroy|throw away|bin|scrap|forfeit|seize|confiscate|revoke|withdraw|freeze"
    r"|lock|deactivate|shut"
    r" down|take away|cancel)(?:s|d|ed|ing)? (?:all (?:of )?)?(?:your|the)\b(?! (?:offer|app))|(?:in"
    r"|into) the bin\b|(?:gone|lost"
    r"|deleted|erased|wiped|forfeited) (?:for good|forever|at once|without)\b|lose your (?:\w+ )?(?:number"
    r"|voicemail|mailbox"
    r"|address|contacts|photos|place|rights?|benefits?|status|history|data|deposit)\b",
    r"(?:a|the|our|pay you a|expect a) visit (?:from|by)\b|pay you a visit\b|(?:knock\w*|turn up|appear"
    r"|stand|be) (?:on|at) your"
    r" (?:door|house|home|work|office|place)\b|send (?:somebody|someone|people|our \w+|a man|men) (?:round"
    r"|over|after|to"
    r" (?:you|your))\b|(?:pick|come|coming) (?:it|them|for you|to get)\b(?! (?:up|with us))",
    r"(?:note|mark|entry|stain|black mark|flag|remark|record|word) (?:\w+ )?(?:in|on|against|to) (?:your"
    r"|the) (?:\w+ )?(?:file"
    r"|record|account|name|report|history)\b|(?:permanent|internal|customer) (?:record|file|list)\b|(?:on"
    r"|to|in) (?:our|a|the)"
    r" (?:black |bad |watch ?|naughty )list\b|we (?:act|acted|will act|'ll act) (?:on|upon) (?:it|that"
    r"|this)\b",
    r"(?:we|i) (?:know|remember|notice|see|keep track|keep an eye|are watching|watch)(?: of"
    r"| on)? (?:when (?:somebody|someone"
    r"|people|a customer|customers)|who (?:is|are|leaves?|left|has|says)|what you (?:are|do|did)|everyone"
    r"|you very well)\b"
    r"|think (?:it|this) over (?:carefully|well|hard|twice|again)|(?:be|think) (?:very )?sensible\b"
    r"|a word of (?:warning"
    r"|caution)\b|(?:one|some) (?:day|thing) you(?:'ll| will| may| might)\b",
    # A pity, a danger that only somebody who could bring it about would think of.
    r"(?:pity|shame|unfortunate|sad|regrettable|terrible|too bad|bad luck) if (?:your|you|something"
    r"|anything|it"
    r"|that)\b|how (?:easily|quickly|fast|soon) (?:\w+ ){1,4}?(?:gets?|go|goes|is|are|can be"
    r"|may be) (?:lost|cut|gone"
    r"|missing|broken|closed|mixed up|mislaid|forgotten|disconnected)\b|(?:choose|decide|act|answer"
    r"|reply) wisely\b",
)
"""What silence or leaving is to cost, said quietly."""
