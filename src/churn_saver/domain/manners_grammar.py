r"""Classes of wording that hurry, threaten, blame, pry or look down: small grammars.

A class is a shape, not a list of sentences: who does what to whom, on which condition. Only data: which
rule uses what stands in `shield`. It reads folded text in lower case with the customer's name taken out,
and does not know whether there is an offer. What a service could promise stands in `manners_terms`.
"""

from churn_saver.domain.shapes import any_of

_WE = r"(?:we|our \w+|i|they)"
_WILL = r"(?:will|shall|can|could|may|might|would|must)"
_WE_WILL = rf"(?:{_WE} (?:{_WILL}|are going to|have ways)|(?:we|they|it|i)'ll)"
_NOT = r"(?:do not|don't|dont|did not|didn't|does not|doesn't|fail to|never|cannot|can't|will not|won't)"
_REPLY = r"(?:repl(?:y|ies|ied|ying)|answer\w*|respon[ds]\w*|write back|writing back|get back|react\w*|act)"
_LEAVE = (
    r"(?:leav(?:e|es|ing)(?! (?:it|a|us a|this|that|the|your)\b)|cancel\w*|quit\w*|walk\w* (?:away|out|off)"
    r"|switch\w*(?! plans?\b)|go elsewhere|say no|turn\w* (?:us|this|it) down|desert\w*|abandon\w*)"
)
_PEOPLE = r"(?:people|customers?|members?|subscribers?|persons?|friends?|households?|neighbou?rs?|users?)"
_LINE = (
    r"(?:line|service|connection|account|number|internet|access|contract|signal|speed|data|phone|record"
    r"|file)"
)

THREAT = any_of(
    # Not to reply, as a condition or as the cause of something.
    rf"(?:if|should|when|until|unless|in case) you (?:still )?(?:{_NOT}|not) (?:\w+ ){{0,2}}?{_REPLY}\b",
    rf"(?:if|should|when|until|unless|in case) we (?:{_NOT}|not) (?:hear|get|receive|have|see)\b",
    r"unless (?:we|you|i)\b|if you (?:do not|don't|won't|will not|refuse|fail)(?=[,.:;]| to\b)",
    r"(?:no|without an?|without your|a missing) (?:reply|answer|response|word)\b"
    r"(?! (?:is |will be )?(?:needed|necessary|required|expected)|,? (?:just|only|either))",
    r"(?:your|more|any) silence\b|staying silent\b|silence (?:will|is|has|means|costs)\b",
    r"(?<!to )(?<!or )(?<!not, )(?<!not )(?<!can )(?<!may )(?<!please )(?<!simply )(?<!just )(?:ignore"
    r"|disregard)s? (?:this|us|our"
    r"|it|me)\b",
    r"ignoring (?:this|us|our|it|me)\b|not (?:replying|answering|responding)\b",
    # To leave, likewise.
    r"(?:if|should|when|once|after|before|the day|moment) you (?:ever |still |choose to |decide to |try to "
    rf"|want to |dare to |now )?{_LEAVE}\b",
    rf"(?:{_PEOPLE}|those|everyone|everybody|anyone|whoever|nobody) who {_LEAVE}\b",
    r"(?:leaving|cancelling|switching|quitting)(?: us| now| early)? (?:is|has|will|would|can|could|means"
    r"|costs)\b",
    r"think (?:hard|twice|again|carefully|very hard|very carefully)\b",
    # What we would do about it.
    rf"{_WE_WILL} (?:\w+ly |have to |be forced to )?(?:charge|fine|block|punish|penali[sz]e|slow|limit|close"
    r"|restrict|stop|chase|pursue|hunt|sue|come for|come after|track|throttle|cut|downgrade|expose|seize)\b",
    r"(?:slow|cut|shut|block|throttle|close|limit|restrict|switch|turn|take|pull|freeze)(?:ting|ing)?"
    rf"(?: (?:off|down|away))? your (?:\w+ )?{_LINE}\b",
    rf"your (?:\w+ )?{_LINE} (?:{_WILL}|is going to|is about to) (?:be |get |go )?(?:\w+ )?(?:slow\w*|cut"
    r"|block\w*"
    r"|clos\w+|limited|restricted|off|down|dead|stop|worse|lost|interrupted|throttled|suffer|barred)\b",
    r"(?:mark|note|entry|stain|remark|flag) (?:on|in|against) your (?:file|record|account|name|history)\b",
    r"(?:hand|pass|give|refer|send|forward|sell|turn) (?:\w+ ){1,4}to (?:\w+ ){0,2}(?:agents?|agency"
    r"|authorities"
    r"|judges?|enforcement|collections?)\b",
    r"(?:judge|tribunal|enforcement|recovery agents?|prosecutors?|revenge|retaliat\w+|punish\w*"
    r"|penali[sz]\w+)\b",
    r"(?:come|coming|be|go) after you\b|every last (?:penny|cent)\b|(?:not|never) for(?:give|get) (?:it"
    r"|this|you|that)?",
    r"(?:will|would|could|can|might|may) cost you\b(?! nothing)|(?<!what you )pay (?:dearly|for (?:this|it"
    r"|that))\b",
    r"(?:get|gets|getting|become|turn|make|makes|making|made) (?:(?:it|things|life|leaving|matters"
    r"|your \w+) )?"
    r"(?:very |really |even |far )?(?:harder|hard|ugly|unpleasant|nasty|costly|expensive|worse|painful)\b",
    r"(?:something|anything|bad things|accidents?) (?:to |may |might |could |can )?happens? to\b",
    r"what (?:happens|happened) (?:to|if|when|next)\b|we remember (?:every|who|those|you)",
    r"in (?:serious |big |real )?trouble\b|no more (?:service|internet|calls|help|support)\b"
    r"|or you (?:will|'ll|lose)\b",
)
"""A consequence of not replying or of leaving, or one of the means of whoever threatens."""

_ANSWER = (
    r"(?:reply|answer|respond|decide|act|claim(?: \w+)?|grab(?: \w+)?|secure(?: \w+)?|choose|say yes"
    r"|confirm|accept"
    r"|write(?: back| to us)?|take it|sign up|call|move|order|commit|get it|your (?:reply|answer|decision))"
)
_SOON = (
    r"(?:right now|now|today|tonight|at once|straight away|right away|instantly|promptly|quickly|quick"
    r"|fast|soon"
    r"|this (?:very )?(?:minute|second|instant|moment|hour|morning|afternoon|evening)|without delay"
    r"|in seconds"
    r"|without (?:further )?delay|as soon as (?:you can|possible)|while you (?:still )?can|this week)"
)
_OFFER = (
    r"(?:it|this|that|they|these|offer|chance|discount|deal|window|door|opportunity|place|time|clock|moment)"
)
HURRY = any_of(
    rf"{_ANSWER}(?: (?:to|this|us|it|email|message|me|is|needed|wanted|please)){{0,4}},? {_SOON}\b",
    r"today only\b|(?:only|just) (?:for )?(?:today|tonight|now)\b|now is the time\b|(?:very )?quick[,!]"
    r"|quick (?:or|before)\b",
    r"this (?:very )?(?:minute|second|instant)\b|within (?:the|an|a few|a|\w+) (?:hours?|minutes?"
    r"|seconds?|day)\b",
    r"in (?:minutes|seconds|hours|a few (?:minutes|hours|days))\b|(?:not|no|any|much) longer (?:to wait"
    r"|wait)\b",
    r"(?:cannot|can't|will not|won't|could not) (?:be put off|be held|hold|wait|last|keep)\b(?! to\b)",
    r"(?:no|little|not much|hardly any) time (?:to|left|for|remains)\b|time is (?:short|tight|precious"
    r"|of the essence)",
    r"tick[ -]?tock|clock is\b|counting down\b|countdown\b|deadline (?:looms|is near)"
    r"|last (?:few )?(?:hours|minutes|moments)\b",
    rf"while {_OFFER} (?:still )?(?:lasts?|is|are|holds?|exists?)\b|while (?:you|there|we) (?:\w+ )?still\b"
    r"|while stocks?\b|while you can\b",
    r"before (?:it|this|that|they|the \w+|your \w+)(?:'s| is| are)? (?:too |all )?(?:gone|late|over"
    r"|closed|lost|vanish\w*"
    r"|disappear\w*|clos\w+|goes|go|slips?|ends?|change\w*|passes|runs?|taken|sold)\b",
    r"before (?:somebody|someone|anyone|anybody|others|another|we (?:change|withdraw|close|give|take"
    r"|reconsider))\b",
    r"or (?:it|this|that|the \w+|they|\d+% off your next bill)(?:'s| is| are| will| goes|'ll)(?: be"
    r"| to)? ?(?:gone|lost|over"
    r"|another|someone|somebody|others|taken|end|go|disappear|closed|withdrawn)\b",
    rf"{_OFFER}(?:'s| is| are| will be| will soon be) (?:soon |almost |nearly |already |fast )?(?:gone"
    r"|clos\w+|slipping"
    r"|disappearing|fading|shrinking|vanishing|running|going|flying|about to (?:end|close|go))\b",
    r"(?:slipping|fading|melting|flying|disappearing|ebbing) away\b|(?:fill|filling|go|going|sell|selling"
    r"|run|running)"
    r" (?:up |out )?(?:fast|quickly|soon)\b",
    r"(?:clos|end|vanish|disappear|shut)(?:es|s|ing) (?:in|as|any|very|at|before|when)\b(?! (?:on|the))",
    r"(?:goes|go|going|pass|passed|given|give it|gives) to (?:another|someone|somebody|others?|the next"
    r"|anyone)\b",
    r"(?:chance|offer|moment|opportunity)s? (?:like this )?(?:comes?|happens?|knocks?) (?:only |just "
    r"|but )?(?:once|rarely)\b|clock (?:does|is|will|has)\b|too late (?:for|by|to)\b",
    r"(?:snatched|snapped|scooped) up\b|(?:shuts?|closes?|goes|ends?|leaves?) (?:soon"
    r"|shortly|fast|tonight)\b|not a (?:second|minute|moment|day) (?:more|longer|later)\b",
    r"(?:never|not|won't) (?:see|get|have|find|be (?:offered|given|made|repeated)|come|happen"
    r"|return)\b[^.!?]{0,30}\bagain\b",
    r"never (?:again|come back|be back|return|repeat\w*)\b|(?:no|not a|any) (?:second|other|another"
    r"|further) (?:chance"
    r"|invitation|time|try|opportunity|go|offer)\b|(?:only|one|single|best|final) (?:chance|shot"
    r"|opportunity)\b",
    r"first come\b|first served\b|(?:almost|nearly|all but) (?:gone|over|out|sold|full|up)\b|blink\b"
    r"|snap (?:it|this) up\b",
    r"(?:stop|quit|enough|no more) (?:hesitat|wait|think|delay|dither|stall|doubt|putting|dawdl)\w*",
    r"(?:drop|leave|stop) (?:everything|whatever|what you)\b|think (?:about it )?later\b|no (?:excuses?"
    r"|ifs|buts)\b",
    r"(?:not|never|don't) sleep on (?:this|it)\b|why (?:wait|delay|hesitate)\b|what are you waiting\b"
    r"|(?<!bill is )waiting for you(?:r answer|r reply|r decision"
    r"|r response| to (?:reply|answer|decide|act))\b|(?:need|want|expect|demand|require) (?:your"
    r"|an) (?:answer|reply|decision)\b(?!(?: to \w+ \w+)? (?:by|until|before|from)\b)",
    r"(?:say|tell|ask|offer|repeat)(?:ing)? (?:you )?(?:this|it|you)(?: only| just)? once\b"
    r"|afford (?:not )?to (?:ignore|miss"
    r"|wait|lose|pass|skip)\b|(?:put|putting) (?:it|this|that) off\b|(?:hold|keep|save) (?:your|a"
    r"|the) (?:place|spot|seat)\b",
)
"""A time other than the offer's last day, or a shortage, that is to hurry."""

GUILT = any_of(
    # Other people, and what they do.
    r"(?:(?:everyone|everybody)(?! here)|all the others|others|(?:all |many |the |our "
    rf"|most )?other {_PEOPLE}|most(?: of)? (?:our |your |the )?"
    rf"(?:{_PEOPLE}|street|area|town|others)|your (?:neighbou?rs?|street|friends|colleagues)"
    r"|people (?:around|near|in|on) \w+"
    rf"|(?:hundreds|thousands|millions) of {_PEOPLE})(?: else| \w+)? (?:ha(?:ve|s)|took|takes?|are|is|said"
    r"|says?|would|repl\w+"
    r"|answer\w*|did|do|does|got|gets?|accept\w*|agreed?|chose|thank\w*|appreciate|understand|manage\w*"
    r"|never|already|show\w*)\b",
    r"(?:everyone|everybody|anyone|anybody) else\b|(?<!feel )(?:like|as|than|unlike) (?:all |the |your |our "
    r"|most )*(?:others?|everyone|neighbou?rs)\b",
    r"(?:only|any|what|a|an|no) (?:selfish|sensible|reasonable|decent|good|loyal|real|true|grateful|kind"
    r"|smart|clever|bad|foolish"
    rf"|cold|honest|normal|polite|fair|proper) {_PEOPLE} (?:would|could|will|does|do|leaves?|says?|replies"
    r"|ignores?|refuses?)\b",
    r"odd one\b|only one (?:who|that|not|left)\b|last one (?:to|who|left)\b|lucky ones\b|left behind\b",
    # What we did, what we feel.
    r"after (?:all|everything)(?: that| of)? (?:we|our|this|these|i)\b|(?:we|i)(?:'ve| have)? (?:gave"
    r"|given|did|done|sacrificed)"
    r"(?: you)? (?:everything|so much|all|our best|our all)\b|least (?:that )?you (?:can|could)\b"
    r"|how (?:could|can|dare) you\b",
    r"we thought (?:that )?(?:you|we) (?:were|had|cared|liked us|meant|valued)\b|(?:shame|sad"
    r"|pity) that (?:you|loyalty|it|this)\b",
    r"(?:our|the|my|your) (?:\w+ )?(?:team|staff|managers?|boss|people|colleagues?|manager|hearts?"
    r"|agents?|family) (?:\w+ )?(?:(?:will be |was |were |is |are )?(?:cr(?:y|ies|ied|ying)|weep\w*"
    r"|wept|broke\w*|sad\w*|upset|devastated|suffer\w*|hurt\w*|bleed\w*|sinks?|sank|in tears))\b",
    r"(?:cried|crying|tears|heartbroken|heartbreaking|heartless|sleepless|betray\w*|ungrateful|selfish"
    r"|ingratitude|thankless)\b",
    r"(?:lie|lay|lying) awake\b|it (?:really )?hurts\b|hurts? (?:us|me|our|to)\b|(?:break|breaks|broke"
    r"|breaking) (?:our|my) hearts?\b",
    r"(?:let|letting|lets) us down\b(?! in)|turn\w* your back\b|(?:disappoint|abandon|desert|reject|fail"
    r"|insult|forget|forgot)(?:ed|ten|ing)? us\b",
    r"(?:lose|lost|losing|loses|cost|costs|keep|keeps) (?:their|his|her|my|our|a) (?:jobs?|bonus|work"
    r"|livelihood)\b",
    r"(?:fed up|tired of|sick of|had enough|weary of|done with) ?(?:writing|asking|you|waiting|chasing"
    r"|with|of|begging)?\b",
    r"for once\b|(?:means?|meant|care[sd]?) (?:so |very |that )?(?:little|nothing) (?:to|for"
    r"|about) (?:you|us)\b|do you even care\b",
    r"not (?:one|even a|a single|even one)(?: \w+)? (?:word|reply|answer|thank\w*|line)\b|(?:was|is|are"
    r"|were) [^.!?]{1,40}\bnot enough\b",
    r"(?:deserve|deserved|done) (?:this|that|to deserve|better from)\b|(?:we|i) (?:keep"
    r"|kept) (?:\w+ )?(?:asking|writing|calling|trying|begging|hoping)\b",
    r"you (?:keep|kept|go on|never) (?:ignor|refus|forget|repl|answer|thank|say|wr)\w*|you owe\b"
    r"|owe (?:us|it to)\b|ashamed\b",
    r"(?:make|made|makes|making) (?:us|our \w+) (?:very |so |really )?(?:sad|cry|unhappy|upset|miserable"
    r"|weep)\b|beg(?:ging)? you\b|make it (?:right|up to us)\b",
)
"""A comparison with other people, or a burden laid on whoever leaves or keeps silent."""
_SLOW = (
    r"(?:deaf|blind|slow|thick|dense|mad|crazy|lazy|hopeless|annoying|boring|tiresome|impossible|simple"
    r"|dim|clueless|gullible|stubborn|confused|ridiculous"
    r"|a (?:pain|burden|problem|mess|nobody|bore|disgrace|failure|drag|cheap)|not (?:very |so |too "
    r"|that )?(?:bright|smart|clever|important|special|worth)|incapable|mean|greedy|spoilt|spoiled|rude"
    r"|hard work)"
)
CONTEMPT = any_of(
    r"even (?:you|an? (?:child|fool|monkey|toddler|dog|goldfish|beginner)|somebody like|someone like"
    r"|the slowest)\b|(?:so|that) (?:even )?(?:you|your sort) (?:can|could|may|might|will"
    r"|should) (?:\w+ )?(?:grasp|understand|get it|follow|manage|cope)\b",
    r"(?:are|were) you (?:really |just |simply |always |always this |that |so |completely "
    rf"|too )*{_SLOW}\b|you(?:'re| are| must be| seem| look| sound)(?: really| just| simply| always| so"
    rf"| such| rather| a bit| quite)* {_SLOW}\b",
    r"(?:we|i|nobody here|no one here|our team)(?: really| honestly)? (?:do not|don't|could not|couldn't"
    r"|cannot|can't|does not|doesn't|hardly|barely) (?:\w+ )?(?:care|cares|give a|be bothered|stand"
    r"|bear you|stomach|like you|want you|need you)\b(?! of)",
    r"(?:nobody|no one) (?:here )?(?:cares|asked|needs you|will miss)\b|(?:who|what) (?:cares"
    r"|do you think you are)\b|whoever you are\b|what(?:'s| is) (?:wrong with you|your problem)\b",
    r"(?:lazy|fat|sorry|idle) (?:backside|bones|bum|butt|hide|behind|self)\b|(?:backside|butthead|bum"
    r"|lazybones|damned|bloody|bleeding|darn|darned|freaking|frigging|blasted|lousy|wretched|flipping"
    r"|stinking|goddamned|effing|cursed|bugger|sodding)\b",
    r"(?:a|such a|real) (?:pain|nightmare|bore|bother|burden|drag) (?:to|in|for|on)\b|bor(?:e|es|ed"
    r"|ing) (?:us|me|everyone)\b|(?:annoy|irritat|exhaust|disgust|sicken|weari?)(?:s|e|es|ing|ed)? (?:us"
    r"|me|everyone|our team)\b",
    r"(?:crumbs?|scraps?|leftovers?|peanuts|pittance) (?:for|from|off)\b|beggars?\b|(?:(?:should|ought to"
    r"|just|and) be grateful|count yourself lucky|more than you deserve|better than you deserve"
    r"|you do not deserve|you don't deserve)\b",
    r"hard of (?:thinking|hearing|understanding)\b|spell (?:it|this) out\b|for (?:dummies"
    r"|the slow(?! (?:answer|reply|response|service|line|start|speed|connection|help))"
    r"|slow (?:learners|readers|ones|people)|simpletons|beginners like)\b|in (?:small|short|simple"
    r"|little) words\b|(?:read|say|repeat) (?:it|this) (?:again )?slowly\b",
    r"(?:dimwit|blockhead|dunce|halfwit|simpleton|dullard|peasants?|buffoon|ingrate|numskull|airhead|slob"
    r"|snob|whiner|moaner|grumbler|dummy|dope|riffraff)s?\b|(?:use|got|have|lost) (?:your|a) (?:head"
    r"|brain|brains|mind|marbles)\b",
    r"(?:grow|wake|hurry|listen|wise|man|toughen|lighten) up\b|get (?:over (?:it|yourself)|a (?:life|grip"
    r"|clue|move on)|your act)\b|(?:stop|quit|enough of|with) (?:your |all your |the )*(?:whin|moan|nagg"
    r"|grumbl|complain|bleat|fuss|griping|sulk)\w*",
    r"your (?:endless |silly |petty |constant |tedious |little |many )*(?:whin|moan|nagg|grumbl|bleat"
    r"|griev|excuses|nonsense|drama|tantrum|complaints (?:bore|tire|annoy|are))\w*|like it or (?:not"
    r"|lump)\b|take it or leave\b|talking to a (?:wall|brick)\b|for the (?:last|hundredth) time\b"
    r"|no wonder (?:you|nobody)\b",
)
"""Contempt for the reader."""

PRESSING = (HURRY, THREAT, GUILT)
"""All that presses."""
