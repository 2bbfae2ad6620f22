r"""Classes of wording that lay a burden on the reader: small grammars.

The quiet forms of guilt in `manners_grammar`: a service to be repaid, somebody let down, a virtue missed.
Only data, under the same rules: shapes over folded text in lower case without the customer's name.
"""

from churn_saver.domain.shapes import any_of

_SOMEBODY = (
    r"(?:our|my|the|your|this|a|one|some|every) (?:\w+ ){0,2}?(?:teams?|staff|manager|boss|people"
    r"|colleagues?|agents?|advis[eo]rs?"
    r"|family|person|girl|boy|lad|trainee|engineer|office|company|department|man|woman|wom[ae]n|children"
    r"|kids|somebody)"
)
_MADE_SAD = (
    r"(?:crush|sadden|hurt|upset|break|devastat|wound|pain|griev|destroy|shatter|disappoint|let down"
    r"|depress|ruin|kill)"
    r"(?:s|es|ed|ing|e|ened)?"
)
_VIRTUE = (
    r"(?:loyal|good|real|true|decent|honest|grateful|reliable|kind|nice|proper|faithful|considerate|caring"
    r"|polite|thoughtful"
    r"|fair|reasonable|sensible)"
)
_PEOPLE = r"(?:people|customers?|persons?|friends?|members?|subscribers?|ones|adults?|partners?|grown-ups?)"

REPROACH = any_of(
    # Too small a thing to be refused.
    r"(?:really |so |too |that |honestly )+much to (?:ask|expect|hope|want)\b|(?:is|was|would) (?:it|that"
    r"|this|a \w+ \w+|an? "
    r"\w+) (?:really |so |too |that |honestly )+(?:hard|much|difficult|bad|big|terrible)\b(?! to (?:read"
    r"|understand|use"
    r"|find|reach))|(?:the|at the) (?:very )?least (?:that )?(?:you|a|one)\b|you (?:can|could) at least\b"
    r"|(?:not|n't) (?:even )?"
    r"(?:spare|bothered?|manage|find|give|have) (?:us |me |to |a |the |one )*(?:minute|moment|second|time"
    r"|word|line|answer"
    r"|reply|read|write)\b(?=[^?]*$)",
    # What we did, what we get for it.
    r"after (?:all|everything|so much|what|the \w+|these|those|this|that|how much|\^)(?: time"
    r"| years?)? (?:that |of )?(?:we|our"
    r"|they|she|he|i|the team|everyone|everybody|you (?:and we|had)|it)\b(?! (?:hear|have heard|get"
    r"|receive|receipt))",
    r"after (?:we|our \w+|they|i)(?:'ve| have| has|) ?(?:all )?(?:looked|cared|worked|done|given|gave"
    r"|helped|served|stood|tried"
    r"|spent|put|been|took|taken|went|gone|treated|welcomed|fought|kept)\b",
    r"what (?:do|did|have|has|are) (?:we|our \w+|i) (?:get|got|receive|earn|have to show|done to)\b|(?:get"
    r"|got|receive|give us"
    r"|ask|asked|want|wanted|for) (?:\w+ )?nothing (?:\w+ )?(?:in return|back|for it)\b|is (?:this|that"
    r"|it) (?:how|what|the"
    r" (?:thanks|way)|our (?:thanks|reward))\b(?! (?:you (?:like|want|need|hoped|expected)))|(?:this"
    r"|that) is (?:how you|the"
    r" thanks|what we get|your thanks)\b|repay (?:us|our|this|that|it)\b|some (?:thanks|gratitude)\b",
    r"(?:we|our \w+|i|they|she|he)(?:'ve| have| has|'d| had)? (?:really |all |even |just )*(?:went out"
    r"|gone out|bent|bend|fought"
    r"|battled|moved heaven|worked (?:so |very |too |late|nights|all|hard|overtime|weekends|day)"
    r"|stayed (?:up|late)|skipped"
    r"|suffered|sacrificed|begged|pleaded|risked|broke|struggled|sat up|gave up|put (?:our|my|her|his"
    r"|their) \w+ (?:on|into))\b",
    r"(?:stuck|stick) (?:our|my|her|his) neck out\b|went (?:out on|the extra|to (?:great|a lot|all))\b"
    r"|out of (?:our|my) way\b"
    r"|bent over backwards\b|heaven and earth\b|(?:counted|relied|banked|bet|depended|count|depend"
    r"|rely)(?:ing)? on you\b(?!'re)"
    r"|depends? (?:up)?on (?:you|your|people like)\b(?! (?:plan|needs|usage))",
    r"(?:surely|certainly),? (?:you|a|one|this|that|we) (?:can|could|would|will|do|have|must|are"
    r"|deserve)\b|(?:is|was) there no\b|where (?:is|are|did|has) (?:your|the|all"
    r" (?:the|that|your)) (?:loyalty|gratitude|heart|manners|thanks|love|trust)\b|in the eyes?\b|(?:were"
    r"|are) we (?:so |that )?(?:wrong|mistaken|fools?|foolish|naive|blind)\b"
    r"|all (?:that|this|the|our|of our) (?:\w+ )?(?:work|efforts?|trouble|love|care|time"
    r"|attention)\b(?=[^.!?]*\b(?:and|for|wasted|nothing|lost|vain)\b)"
    r"|(?<!asked )(?<!ask )for nothing\b(?! to)|in vain\b",
    # Somebody is sad, let down, misses the reader.
    r"(?:would|will|might|could|does|it|'d|'ll|really|deeply|you) (?:really |simply |just "
    rf"|truly )?{_MADE_SAD} (?:us|our|me|her|him|them|"
    r"the (?:team|people|whole)|everyone|my)\b|disappoint(?:ed|ing)? (?:us|her|him|them|me|our|the (?:team"
    r"|people)|everyone)\b"
    r"|(?:we|i|they|she|he|team|everyone|staff)(?:'re| are| is|'s| were| was| feel| felt|'d be| would be"
    r"| will be)(?: \w+ly| so"
    r"| very| rather| quite| a little| a bit| really)* (?:disappointed|hurt|upset|saddened|heartbroken"
    r"|offended|let down|crushed"
    r"|wounded|rejected|gutted|in tears|devastated|abandoned|unhappy|sad)\b(?! to (?:hear|see|lose) )",
    rf"{_SOMEBODY}(?: who [^.,!?]{{1,30}})? (?:still |really |already |always |will |would |is |are |was "
    r"|were )*(?:asks? (?:about"
    r"|after|for) you|miss(?:es|ed|ing)? you|cry|cries|cried|counts? on|(?:quite |very |so |really "
    r"|rather )?(?:upset|sad|hurt"
    r"|disappointed|in tears|crushed|down|heartbroken)|suffers?|pays? the price|loses?|lost|goes home"
    r"|feels? (?:hurt|rejected|let"
    r"|bad|sad)|think of you every|wonders? what)\b",
    r"(?<!you )(?<!they )(?<!we )(?<!customers )(?<!people )think of (?:the|our|those|their|us|how|all"
    r"|everyone|his|her)\b|(?:remember|consider|picture|imagine) (?:the (?:people|person|team|faces?"
    r"|families)|how (?:we|they"
    r"|she|he|our)|who (?:was|helped|stood)|our (?:team|people|staff|faces?)|their (?:faces?|families"
    r"|jobs?))\b",
    r"(?:lose|lost|losing|loses|cost|costs|keep|keeps|fear for|worry about|feed|feeds) (?:\w+ )?(?:their"
    r"|his|her|my|our|a|people"
    r"|the) (?:\w+ )?(?:jobs?|bonus|work|livelihoods?|families|family|pay|salary|sleep|nerve|faith in you)\b",
    r"(?:whose|your (?:choice|silence|decision|leaving|absence)) (?:\w+ )?(?:jobs?|bonus|salary|pay|hurts?"
    r"|weighs?|costs|breaks?"
    r"|leaves|hits|saddens|harms|affects|makes)\b|on your conscience\b|conscience\b|guilt\w*\b|(?:feel"
    r"|should be|be) (?:bad|sorry"
    r"|ashamed|guilty) (?:about|for|if)\b(?! (?:we|the|any|that))|(?:sleep|live) (?:well )?with (?:that"
    r"|yourself|it|this)\b",
    # A virtue that the reader lacks, a friendship betrayed.
    rf"{_VIRTUE} {_PEOPLE} (?:\w+ly |just |simply )?(?:do|does|did|would|will|always|never|stay|stays"
    r"|stick|don't|do not|answer"
    r"|reply|say|keep|remain|know|write|return|thank|wouldn't|wouldn|give|show|stand|pay|shop|leave"
    r"|cannot)\b",
    r"(?:taken|took|take|had|thought of|saw|seen) you (?:for|as|to be)\b(?! (?:granted|a (?:customer"
    r"|friend)))|(?:we|i) (?:had "
    r"|have |'d )?(?:really |always |so )*(?:thought|hoped|expected|believed|deserved?|trusted)(?: for"
    r"| that)? (?:better|more|you (?:were"
    r"|are|would|cared|had|liked|meant|knew|might)|we (?:were|meant|had|mattered|could (?:count|rely))"
    r"|some (?:thanks|loyalty"
    r"|gratitude)|at least)\b(?! like| be interested)|(?:expected|deserve|deserved) (?:better|more"
    r"|so much)\b",
    r"(?:friends|family|partners|loyal\w*|trust|friendship|promises?|gratitude)(?: \w+)? (?:means?|counts?"
    r"|used to|is dead|was|were|clearly"
    r"|apparently|cuts|runs|goes|works) (?:nothing|little|something|both|one|two|clearly|apparently|not"
    r"|only)\b|(?:mean|meant|are"
    r"|were) (?:we|i) (?:so |really |that )?(?:little|nothing|not|bad|unimportant|worth)\b"
    r"|so this is (?:it|how|goodbye)\b"
    r"|(?:did|do|have|does) (?:we|that|it|our \w+) (?:really )?mean (?:so |that )?(?:little|nothing"
    r"|anything)\b",
    r"(?:turn|turned|turning)(?:ed)? (?:it|this|us|that) (?:down|away)\b|(?:looked|gone|run|ran|went"
    r"|shop\w*|flirt\w*|cheat\w*)"
    r" (?:at other|around|behind|elsewhere|with (?:another|others|the competition)|to (?:another|others"
    r"|the competition))\b|behind"
    r" our backs?\b|walk(?:ed|ing)? out on\b|(?:gave|give|giving|given) up on us\b|silence (?:is|hurts?"
    r"|was|speaks|says)\b"
    r"|(?:is|was|get|got|return|only|just|but|[?.,:]) silence\b|(?:cold|silent) (?:shoulder|treatment)\b"
    r"|ghost\w* us\b"
    r"|you (?:did|do|have|could|would)(?: not|n't) (?:even )?(?:open|opened|bother|look at|read|thank|care"
    r"|think of|notice|give"
    r"|thanked)(?:ed)? ?(?:our|us|to|it|the|about|a)\b(?=[^?]*(?:[.!,]|$))",
    # What somebody else would have done.
    r"(?:a|any|no|every|another) (?:\w+ )?(?:friend|customer|person|gentleman|lady|neighbou?r"
    r"|human being) would"
    r" (?:at least|not|never|surely|have)\b|(?:one|we|i|anybody|anyone)(?:'d| would| might| could)?(?: have"
    r"| had)?"
    r" (?:expected|hoped for|thought of|wished for) (?:\w+ ){0,2}(?:gratitude|thanks|loyalty|courtesy|decency"
    r"|respect)\b|(?:cannot|can't|could not|couldn't|will not|won't|did not|didn't|do not"
    r"|don't) even (?:answer"
    r"|be bothered|bother|call|find|give|have|look|manage|reply|say|send|spare|write)\b",
    r"you (?:just |only |simply |merely )+(?:used|exploited|milked|needed|wanted) us\b"
    r"|took advantage of us\b",
)
"""A debt that the reader is told of, somebody let down, a virtue missed."""
