r"""Classes of wording that speak down to the reader: small grammars.

The quiet forms of contempt in `manners_grammar`: a question after the reader's wits, a command as to a child,
customers sorted by their worth.
Only data, under the same rules: shapes over folded text in lower case without the customer's name.
"""

from churn_saver.domain.shapes import any_of

_WIT = r"(?:bright|sharp|smart|clever|quick|wise|intelligent|brilliant)(?:est|er)?"
_HARD = (
    r"(?:difficult|hard|complicated|much|complex|long|advanced|demanding|clever|subtle|fast|big|many words)"
)
_NAMED = (
    r"(?:penny[- ]?pinch|tightwad|skinflint|freeload|scroung|time[- ]?wast|trouble[- ]?mak|know-it-all"
    r"|sourpuss|crackpot|crybab"
    r"|cheapskate|nobod(?:y|ies) like you|leech|spong|misfit|deadbeat|dead weight|dimwit|numbskull"
    r"|bonehead|birdbrain|nincompoop"
    r"|muppet|plonker|pillock|wally|berk|prat\b|git\b|twerp|drama queen|spoilsport|killjoy|grouch"
    r"|grump(?!le)|whing|whin(?:e|ing)"
    r"|moan(?:er|ing|s)|nag\b|nagging|windbag|blabber|chatterbox|layabout|slacker|slowcoach|slowpoke"
    r"|couch potato|lunatic|maniac"
    r"|weakling|wimp|sissy|drip\b|dullard|bumpkin|yokel|oaf|lout|boor|cow\b|donkey|goose|sheep|rat\b"
    r"|weasel|vermin|worm\b|toad)"
)

DISDAIN = any_of(
    # The reader's wits.
    r"(?:not|n't|hardly|never|far from)(?: exactly| really| quite)? (?:the |so |too |that |very "
    rf"|all that |among the )*(?:{_WIT})\b"
    r"(?! (?:way|idea|choice|question|price|move|enough for us))|(?:half|ounce|bit|any|shred"
    r"|spark) (?:of )?(?:a |an )?(?:brain|sense"
    r"|wit|mind|decency|clue|intelligence)s?\b|(?:brain|brains|wits|iq|mental|intelligence|intellect"
    r"|attention span|common sense)\b"
    r"|simple[- ]minded\b|narrow[- ]minded\b|feeble\b|thick(?:er)? (?:head|skull|skin|than)\b"
    r"|slow on the uptake\b",
    rf"(?:too|so|that|this) {_HARD} (?:for (?:you|someone|somebody|people|your)|to (?:grasp|follow|take in"
    r"|understand,|process))\b"
    r"|which (?:part|word|bit)\b[^?]{0,40}\b(?:too|(?:do|did|can) you not|(?:don't|didn't|can't) you"
    r"|you (?:don't|didn't|not))\b",
    r"(?:can|could|do|did|are|have|will) you (?:even |ever |actually |really |not |at all |never )+(?:read"
    r"|listen|think|able|understand"
    r"|learn|pay attention|count|spell|write|follow|learned|bother)\b|learn (?:to|how to) (?:read|write"
    r"|listen|count|behave|spell)\b"
    r"|(?:try|make an effort|do try) to (?:keep up|understand|concentrate|focus|behave|follow|pay|listen"
    r"|read|remember|think)\b|pay "
    r"attention\b|(?:use|ask|get|find) (?:a |an |your |some )?(?:dictionary|grown-up|grownup|adult|carer"
    r"|mummy|nanny|someone smarter)\b"
    r"|read (?:your|the|our|it|this) (?:\w+ )?(?:properly|again|for once|carefully this time|twice)|(?:get"
    r"|read) it (?:into your|through"
    r" your|in your)\b|once more, (?:in|for|slowly|with)\b|(?:with|using) (?:pictures|crayons"
    r"|hand puppets)\b|in plain (?:words|english) for\b",
    # A command as to a child.
    r"(?:calm|settle|pipe|quieten|simmer|climb) down\b|cheer up\b|(?:get|be|come) (?:real|serious|off it"
    r"|off your(?! (?:bill|monthly|next)))\b(?! (?:help|people"
    r"|answers|support))|sit (?:down|still|up)\b|shut it\b|mind your\b|behave\b|stop (?:being|it|this|that"
    r"|playing|acting|sulk\w*|fuss\w*"
    r"|cry\w*|whin\w*|moan\w*|complain\w*|bother\w*|pester\w*|wast\w*)\b|(?:don't|do not) (?:be|act"
    r"|play) (?:so |such |a |an |the |too |like )*"
    r"(?:silly|difficult|daft|baby|child|childish|fool\w*|clown|dense|stubborn|ridiculous|awkward|dim"
    r"|smart|clever|martyr|victim|wimp|coward"
    r"|stingy|mean|proud|precious|dramatic|pain|bore|stranger)\b|for a change\b|for once in your\b"
    r"|do as you (?:are|'re)\b|be a (?:dear|good(?! (?:idea|time|moment|fit|choice|start|match|thing)))\b"
    r"|(?:boo[- ]hoo|blah|yawn|duh|pfft|ugh|jeez|sheesh|meh)\b(?=[,.!: ])"
    r"|(?<!at )(?<!for )(?<!in )(?<!with )whatever\b(?=[,.!:])|grow a\b|get a "
    r"(?:life|grip|move|clue|job|haircut)\b|wake up\b|(?:cry|tell it) (?:me|to|us) (?:a|someone|your)\b",
    # Customers by their worth, and what we think of the reader.
    r"(?:people|customers?|folks?|someone|somebody|persons?|clients?) (?:such as|like) (?:you"
    r"|yourself),? (?:cost|are (?:why|a|an|hard|difficult|too|the (?:reason we (?:lose|hate"
    r"|cannot|have)|worst|problem|kind|sort))|never|should|need to|must|make (?:us|me|our|it)|drain|ruin"
    r"|who|only|waste|annoy|bore|rarely|do not|don't|cannot|can't|will never)\b|(?:not"
    r"|n't|no|enough of|hate|without|too many|typical of|put up with|deal with|dealing with|pity|laugh at"
    r"|avoid|such) (?:\w+ )?(?:people|customers?|folks?|someone|somebody|persons?|clients?) "
    r"(?:such as|like) you\b|even (?:on|for|with|at) (?:a bad|your|people|someone|somebody|a customer)\b"
    r"|not (?:exactly |really )?your (?:\w+ )?(?:point|suit|forte|strength|talent|gift)\b",
    r"do (?:us|me|yourself|everyone|the world) (?:all |both )?(?:a|the|one|this) (?:\w+ )?favou?r\b"
    r"|think before you\b|manners\b|hold(?:ing)? (?:our|your|my|anyone's) hands?\b|(?:put|get)(?: on)?"
    r" your (?:glasses|thinking|ears)\b|toddlers?\b|kindergarten\b|(?:smarter|better|wiser|nicer|cleverer"
    r"|brighter|more \w+)(?: \w+)? (?:from|than|with|by) (?:\w+ )?(?:child\w*|kids?|dogs?|cats?"
    r"|monkeys?|chairs?|goldfish|machines?|robots?|you)\b|(?:enjoys?|likes?|loves?) dealing with you\b"
    r"|too much (?:free )?time on your\b",
    r"cost(?:s|ing)? us (?:more|time|money|a fortune|nerves|dearly)\b(?! (?:to (?:find|lose|win)|less))"
    r"|more (?:trouble|bother|hassle|work) than"
    r"|you(?:'re| are)? (?:not )?worth (?:the|it|our|keeping|nothing)\b|you may stay\b|(?:we"
    r"|i) (?:put up with|tolerate|endure|suffer|pity"
    r"|despise|laugh at|roll our eyes|shake our heads|feel sorry for|had to laugh|expected nothing"
    r"|could not care|couldn't care|give up on|regret"
    r" having)\b|(?:nobody|no one|none of us) (?:here |else |really )*(?:asked|cares|wants|likes|needs"
    r"|believes|takes|misses|would|enjoys|loves|likes) (?:\w+ )?(?:you|your"
    r"|for|about)\b|glad to (?:see the back|be rid|get rid)\b|good riddance\b|(?:get|be"
    r"|to be) rid of you\b|(?:see|seen) the back of\b",
    r"your (?:\w+ )?(?:complaints?|questions?|emails?|messages?|calls?|opinions?|problems?|letters?|taste"
    r"|attitude|behaviou?r|manners|habits|tone"
    r"|type|lot|ilk|laziness|ignorance|ego|face|backside|nonsense|whims?|moods?|antics) (?:is|are|was|were"
    r"|get|gets|getting|got|have|has|bores?"
    r"|tires?|makes?|does|do) (?:\w+ly |so |really |getting |become |just |too |a |quite |such |us "
    r"|not )*(?:bor\w+|tir\w+|annoy\w+|stupid|childish"
    r"|ridiculous|silly|laugh\w*|joke|pathetic|a bore|irrelevant|unimportant|worthless|rude|matter to"
    r"|interest us|nuisance|tedious|dull|embarrass\w*"
    r"|awful|terrible|poor|disgusting|unbearable|pointless|sick|yawn|wear\w*)\b",
    r"(?:typical|typically|just like|how like|trust) (?:you|of you|customer behaviou?r)\b(?! (?:to|can"
    r"|that|for))|what (?:a|an) (?:fuss|mess|joke|shame"
    r" you|cheek|nerve|waste|pain|bore|clown|child|baby)\b|(?:such|quite|what|real|total|complete|absolute"
    r"|utter|bit of) (?:a |an )?(?:pain|bore|"
    r"mess|joke|nuisance|misery|handful|disaster|disgrace|letdown|flop|has-been|nobody|child|baby|loser"
    r"|miser|diva|coward|fusspot|simpleton)\b",
    rf"(?:you(?:r| are|'re)?|a|an|such|only|the|what|little|old|are|of) (?:\w+ )?{_NAMED}(?:er|ers|s|es|ed"
    r"|ing)?\b",
    r"(?:clueless|gormless|spineless|witless|hopeless|shameless|gutless|mindless|senseless|tactless"
    r"|useless|hapless|feckless|thoughtless) (?:\w+ )?(?:as"
    r"|customer|person|people|you|like|lot|ones?|reader|of you)\b|(?:lazy|stingy|greedy|petty|pushy|nosy"
    r"|fussy|bratty|tight-fisted|ungrateful|cranky"
    r"|grumpy|whiny|needy|clingy|snotty|bossy|moody|sloppy|dopey|daft|dozy|thick|dense|ignorant|uneducated"
    r"|primitive|ugly|smelly) (?:customers?|person"
    r"|people|one|ones|reader|so-and-so|old|little|as you|of you|like you|lot)\b|(?:you are|you're|being"
    r"|be|so|too|are you|how) (?:so |too |really |just"
    r" |always |that |very )*(?:lazy|stingy|greedy|petty|pushy|nosy|fussy|tight-fisted|cranky|grumpy|whiny"
    r"|needy|bossy|moody|sloppy|daft|dozy|thick"
    r"|ignorant|uneducated|primitive|ugly|smelly|forgetful|careless|hopeless|clueless|useless|childish"
    r"|immature|pathetic|stingy)\b(?! (?:about|for us))",
    r"most (?:annoying|boring|demanding|difficult|exhausting|expensive|irritating|tiresome|tiring|trying)"
    r" (?:caller|client|customer|household|person|reader)s?\b|look who(?:'s| is| has| finally|ever)\b"
    r"|(?:have|'ve) had"
    r" (?:better|worse)(?: customers| ones)?\b(?=[,.!])",
    r"what an? (?:\w+ )?(?:beautiful|cute|handsome|lovely|pretty|sweet) (?:body|boy|face|girl|lady|man|name"
    r"|smile"
    r"|voice|woman)\b|(?:keep|kept|stop) thinking (?:about|of) (?:it|you)\b",
)
"""The reader spoken down to."""
