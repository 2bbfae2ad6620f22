r"""Classes of wording that state what nobody decided: service terms, knowledge of somebody.

The other half of `manners_grammar`, under the same rules: shapes of verbs, nouns and times over folded
text in lower case without the customer's name. Only data; `shield` says which rule uses what.
"""

from churn_saver.domain.shapes import any_of

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
    r"(?:get|walk|step|way|opt) out of (?:your|the|it)\b|no (?:notice|minimum|lock-in|strings attached"
    r"|commitment"
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
    # More than others, before others, better than it was.
    r"(?:less|cheaper|lower|better|faster|more|sooner|stronger) than (?:\w+ )?(?:with |at |from "
    r"|in )?(?:any|anyone|anybody|anywhere|all|every"
    r"|everyone|elsewhere|others?|the (?:competition|others|rest|market))\b|(?:best|cheapest|fastest"
    r"|lowest|finest|biggest|strongest|greatest"
    r"|leading|top|number one|most \w+)(?: \w+){1,4}? (?:country|market|world|nation|region|planet"
    r"|industry|europe|earth|town)\b|second to none\b"
    r"|unbeat\w+|unrivalled\b|unmatched\b|world[- ]class\b",
    r"(?:front|head|top) of (?:the|every|any|our|each|all) (?:\w+ )?(?:queue|line|list)s?\b|(?:jump|skip"
    r"|beat|bypass)(?: to| the| every| any| all)*"
    r" (?:\w+ )?(?:queue|line|wait)\b|(?:vip|red carpet|gold|platinum|silver|diamond|premium) (?:treatment"
    r"|service|customer|status|access|member\w*"
    r"|care|support|club|line|plan|desk)\b|(?:own|dedicated|personal|private) (?:\w+ )?(?:advis[eo]r"
    r"|manager|agent|assistant|contact|line)\b",
    r"(?:written|write|wrote|wiped?|struck|strike|crossed|cross|knock(?:ed)?) (?:off|out|away) (?:your|the"
    r"|what|all|any)\b(?! next bill)|(?:clear|settle"
    r"|forgive|forgave|forgiven|forget(?: about)?|cancel|drop|erase|cover|absorb|scrap|foot)(?:s|led|led"
    r"|ed|ped)? (?:all |any |half )?(?:of )?(?:your|the|what you|all"
    r"|any|old|open) (?:\w+ )?(?:bill|invoice|debts?|balance|arrears|payments?|fees?|charges?|owe"
    r"|outstanding|rest|costs?|installation|delivery)\b",
    r"(?:more|further|other|extra|bigger|better|new|another) (?:discounts?|offers?|savings?|reductions?"
    r"|surprises|deals?) (?:follow\w*|to come|later|are"
    r"|awaits?|every|will|next|soon|come|coming|after)\b|(?:even|much|far) (?:better|bigger"
    r"|larger) (?:next|later|soon|offers?|discounts?|deals?|after)\b",
    r"(?:faultless|flawless|trouble-free|problem-free|fault-free|bug-free|foolproof|always-on|lightning"
    r"|blazing|superfast|ultra-?fast|hyperfast|gigabit"
    r"|unlimited|limitless|endless)\b|(?:fix|solve|repair|cure) (?:all|every|everything)\b|(?:no more"
    r"|never any|an end to|goodbye to|free of) (?:problems"
    r"|trouble|faults|errors|interruptions|waiting|queues|delays|worries|drop-?outs|buffering)\b",
    r"you(?:'ll| will| would|'d)? never (?:again |ever )?(?:beat|find|get|have|pay|wait|need|regret|worry"
    r"|lose|look|see"
    r"|want|be|drop|suffer|face|experience|run|miss)\b"
    r"|we(?:'ll| will| shall) (?:never|always) (?!take|forget|sell|read|listen|be (?:here|glad|happy|there"
    r"|grateful|honest)|answer|value|help|appreciate)\w+",
    r"(?:the|that|this)? ?(?:very )?same (?:day|evening|hour|night)\b|round the clock\b|around the clock\b"
    r"|day and night\b|night and day\b|hand on heart\b|in your (?:name|honou?r)\b"
    r"|bet on it\b|(?:or|and) we(?:'ll| will) (?:eat|pay you|give you)\b|by (?:return|courier|express)\b",
    r"(?:make|makes|making|get|gets|have|turn|run) (?:your|the) (?:[\w-]+ )?(?:plan|line|contract|service"
    r"|connection|internet) (?:\w+ )?(?:cheaper|faster"
    r"|free|stronger|quicker|unlimited|for (?:less|nothing))\b|(?:twice|double|triple) the \w+"
    r"|for the same (?:money|price|fee|cost)\b",
    r"(?:includ(?:e|es|ed|ing)|comes? with|come with|brings?|add(?:s|ed|ing)?|plus|and|get|gets|enjoy"
    r"|receive|with|have|watch) (?:a |an |you |our |the |all |"
    r"some |your |any )*(?:\w+ )?(?:streaming|channels|tv|bundle|gigabytes?|gb|roaming|insurance|warranty"
    r"|antivirus|cloud storage|storage|sports? package"
    r"|movies?|films?|music|add-?ons?|sim|e-?sim|ticket|tickets|hamper|chocolates?|flowers|mug|t-?shirt"
    r"|tote|cinema|concert|cruise|spa|netflix|spotify"
    r"|earbuds|smartwatch|console|merch\w*|goodie\w*|loan|shares|dividend|installation|setup"
    r"|delivery)\b(?! (?:question|problem|issue|trouble|quality|working|fault|ok))",
    # Nothing to pay, something back.
    r"(?<!advice )(?<!asking )(?<!question )(?<!reply )costs? (?:you )?nothing\b(?! (?:to (?:reply|ask"
    r"|answer|say|write|tell)))|nothing (?:more |else "
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
    r"|will (?:get|have)|receives?|saves?|too|also)\b|(?:for|refer|invite|recruit|bring(?: along| in"
    r"| us)?) (?:a|another|any|one|your) (?:friend"
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
    r"we (?:swear|vow|pledge|assure|commit|undertake|warrant)\b|(?:you have|give you|on) (?:my|our) word\b"
    r"|(?:certain|bound|sure|set) to (?:save|get|win|like|love|have|be (?:cheaper|faster))\b",
    r"(?:never|always) (?:fails?|drops?|breaks?|goes down|be down|work|works|be (?:cheapest|fast|slow"
    r"|late))\b|(?:nobody|no one|no other \w+) (?:\w+ )?(?:beats?|match\w*|cheaper|comes close)\b",
    # Faults that are over, and others that are worse.
    r"(?:is|are|be|becomes?) (?:now |soon |already )?(?:a thing of the past|history)\b"
    r"|(?:rivals?|competitors?)\b",
)
"""Terms of service or prices that no decision has a slot for."""

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
    r"|rate|rank|mark|warn|expect)\w*\b(?! \d+ months?\b)",
    r"(?:about|likely|ready|going|planning|tempted|threatening) to (?:leave|cancel|churn|switch|quit)\b"
    r"|(?:risk|chance|danger) (?:of you |that you (?:will |may )?|of )(?:leav|cancel|switch|churn)\w*",
    r"(?:electronic|mailed|paper) che(?:ck|que)s?\b|(?:pay|paid|paying) (?:by|with|from|through) (?:an? "
    r"|your )?(?:\w+ )?(?:che(?:ck|que)|card|transfer|bank|debit|invoice)\b",
    r"(?:you|your) (?:\w+ )?(?:pay|paid|payments?)(?: are| is| was| were)? (?:\w+ )?(?:late|early|slowly"
    r"|behind|overdue|in cash)\b|your (?:flat|apartment|garden|building|landlord"
    r"|bedroom|car|dog|cat|salary|debts?|doctor|school|church|postcode|parents?|mother|father|brother"
    r"|sister|grand\w+|employer|religion|marriage|flatmate|lawyer|politics|weight|looks|accent)\b",
    r"your (?:usage|internet use|data use|calls?|payments?|purchases?|web|search|bill|chat"
    r"|message) (?:history|habits|records?|logs?|patterns?|lists?"
    r"|method|behaviou?r|profile)\b|your (?:browsing|location|whereabouts|streaming|viewing|searches"
    r"|spending|sleeping|shopping|movements?|habits)"
    r"(?: (?:history|habits|records?|log|pattern|patterns|list|method|late|at night))?\b(?! (?:us|team"
    r"|date|day))",
    r"(?:hope|heard|congratulations|how (?:is|was|are|were|did)|sorry|know|saw|get well"
    rf"|enjoy)\b[^.!?]{{0,20}}\b(?:your|the|new)(?: new| little| older| first)? {_PRIVATE_LIFE}\b",
    r"(?:an?|your|the) (?:new |little |late |older )?(?:baby|kids|children|wedding|honeymoon|surgery|funeral"
    r"|twins|doctor)\b|(?:rival|competitor|other provider)s?'? ?s? (?:prices?|site|website|shop|page"
    r"|offers?)\b",
)
"""Knowledge of what a customer does, has or is about to do, beyond what a slot may state."""
