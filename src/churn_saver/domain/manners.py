r"""Words that press, threaten or insult, and words that pry: what no customer should read.

Only data: which rule uses what, and when, stands in `shield`. All of it reads folded text in lower
case with the customer's name taken out. As in `lexicon`, every alternative of a pattern with hints
holds a hint, begins with a literal or `\b`, and has no nested repeats.
"""

import re

from churn_saver.domain.lexicon import word_set
from churn_saver.domain.shapes import either

HARMLESS = either(
    r"\b(?:[Nn]o|[Ww]ithout|[Nn]ot|[Nn]ever|[Nn]o need to|[Nn]eed not|(?:don't|do not) (?:need|have) to"
    r"|[Nn]ot in a|any)"
    r" (?:hurry|rush|pressure|urgency|obligations?|obliged)\b"
    r"|\b(?:[Nn]othing|[Nn]ot|is not|isn't|never) (?:at all |very |that )?(?:urgent|pressing)\b"
    r"|\b[Nn]ot (?:be|feel) (?:obliged|rushed|pressed|pressured|obligated)\b"
    r"|\b(?:[Nn]ot|[Nn]ever) too late to (?:ask|say|tell|thank|talk|change)\b"
    r"|\b[Nn]othing to (?:sign|do|fill in|buy|sell|decide|install|lose)(?:,| and| or)+ (?:nothing to )?pay\b"
    r"|\b[Aa]ll (?:that )?you (?:have|need) to do\b|\bor ignore (?:this|it)\b(?! at)"
    r"|\b(?:[Ii]f (?:you do not|you don't|not)|[Oo]therwise),? (?:nothing (?:changes|happens)"
    r"|no (?:problem|harm|matter|worries)|(?:that is|that's) (?:fine|all right"
    r"|okay|ok)|(?:all|everything|things|your plan)(?: simply| just)? (?:stays?|remains?"
    r"|goes on) as (?:it is|they are|before)|simply ignore|just ignore)\b"
    r"|\b(?:ask|write to|talk to|read|listen to) [^.!?%]{0,25}?(?:every|each) (?:single )?(?:week|month"
    r"|year|day)\b"
    r"|\b(?:[Gg]ot|[Hh]ave|[Ss]pare|[Ll]end us|[Gg]ive us)(?: you| us| just| only"
    r"| about)* (?:one|two|three|five|ten|\d{1,2})"
    r" (?:short |spare |quick )?(?:minutes|seconds)\b(?! (?:to|left))|\b[Nn]o two \w+"
    r"|\b[Ww]hich of the two\b|\bthe two of us\b"
    r"|\ba (?:day|week|month|year) from now\b|\ba day and (?:a )?time\b|\bfor a day\b(?! (?:or|only))"
    r"|\bour (?:best|greatest|biggest|finest) (?:reward|prize)\b"
    r"|\bget back to (?:you|us)\b|\b(?:[Nn]o|[Ww]ithout) (?:strings|catch)\b(?! attached)"
    r"|\ba (?:cheaper|smaller|bigger|larger) plan (?:would|might|could|may|is|suits|fits)\b"
    r"|\b(?:a|one) (?:word|line|sentence|question|thing|thought) or two\b|\b(?:[Oo]ne"
    r"|[Ii]n) or two (?:words|lines)\b"
    r"|(?<!within )(?<!in )\b(?:[Tt]wo|[Tt]hree) (?:words|lines|sentences|questions|minutes of your)\b"
    r"|\bpromise (?:you )?to (?:listen|read|answer|reply|respond|write back|get back)\b"
    r"|\b[Ee]very (?:bill|month|year|week|day) (?:counts|matters)\b"
    r"|\b(?:[Hh]appy|[Gg]lad|[Gg]rateful|[Pp]leased|[Pp]roud|[Tt]hankful)(?: about| for| of)? (?:every|each)"
    r" (?:\w+ )?(?:day|week|month|year) of (?:it|them)\b|\b(?:[Ii]n|[Oo]f) two minds\b"
    r"|\b[Tt]hanks a million\b"
    r"|\b(?:of service|be (?:here|there)|help|serve|look after)(?: to| for| you| us)* as long as you"
    r" (?:like|need|want|wish)\b"
    r"|\b(?:[Dd]o not|[Dd]on't|[Nn]ever) hesitate to (?:ask|call|contact|email|get in touch|reach|talk"
    r"|tell us"
    r"|let us know|write)\b|\b(?:[Nn]ever|[Nn]ot) ask(?: you)? for (?:your|any|a) (?:\w+ )?(?:bank|card"
    r"|passcode"
    r"|password|passport|pin)\w*(?: (?:code|details|number))?\b|\b[Nn]ot about (?:the )?money\b"
    r"|\b(?:help|mean|matter|improve|learn)s?(?: us| to us)? a (?:good|great) deal\b|\ba (?:good"
    r"|great) deal (?:of"
    r"|more)\b"
    r"|\b[Mm]oney matters\b|\b(?:worth|value for) (?:your |the )?money\b|\byour money's worth\b"
)
"""Turns of speech that hold a word of a rule and say the opposite, or nothing. For text with case kept."""
PRESSING = word_set(
    "asap hurry lawyer lawyers attorney attorneys solicitor solicitors lawsuit lawsuits litigation "
    "prosecute prosecuted prosecution bailiff bailiffs court police regret consequences penalty penalties "
    "immediate immediately disconnect disconnected disconnection suspend suspended suspension terminate "
    "terminated termination foolish ticking legally obliged obligated obligation vanish vanishes doomed "
    "threaten threat threats ultimatum blacklist blacklisted collectors demand demands"
)
"""Each of them presses or threatens wherever it stands."""
PRESSURE = either(
    r"\bmiss(?:ing)? (?:out|this|it|the)\b|\b(?:time|clock|days?) (?:is|are) (?:almost )?(?:running|ticking"
    r"|up)\b"
    r"|\brun(?:s|ning)? out\b|\bno (?:other )?choice\b|\b(?:debt|collection) (?:collect\w+|agenc\w+)\b"
    r"|\bfailure to\b|\bcut (?:you )?off\b|\bbe (?:switched|shut|turned) off\b|\bwarn(?:ing|ed)?(?: you)?\b"
    r"|\b(?:big|huge|terrible|grave|costly) mistake\b|\byou(?:'ll| will| would) (?:be sorry|lose|pay"
    r"|suffer)\b"
    r"|\bonly (?:an? )?(?:few|handful)\b|\b(?:places|spots|seats|left|stocks?|suppl(?:y|ies)) (?:left"
    r"|lasts?)\b"
    r"|\b(?:do not|don't|dont|never) (?:wait|delay|think|hesitate|cancel|leave|ignore|let)\b"
    r"|\bnow or never\b|\bforced to\b|\byou(?:'ll| will)? (?:owe|have to|must)\b|\bor else\b|\bor pay\b"
    r"|\b(?:shame|pity) for you\b|\bmake it (?:difficult|hard|costly)\b|\bcredit (?:score|rating|agenc\w+"
    r"|bureau\w*)"
    r"|\breport you\b|\b(?:knows?|found?|find|come to|see|to) where you (?:live|work)\b|\b(?:gone|lost"
    r"|closed) (?:forever|for good)\b"
    r"|\bact (?:fast|quick(?:ly)?|today|soon)\b|\btoo late\b|\bunless you\b|\brefus(?:e|al|ing)\b"
    r"|\bexpir(?:es|ing) (?:soon|today|shortly)|\bends? (?:soon|today|shortly)\b|\baction required\b"
    r"|\b(?:final|(?<!your )last) (?:notice|warning|offer|call|reminder|demand)\b|\bnobody who leaves\b"
    r"|\bor face\b"
    r"|\bwould (?:you )?lose\b|\bthis is (?:not )?an? order\b|\btime only\b"
)

RUDE = (
    "fuck", "fucking", "fucked", "fucker", "motherfucker", "fck", "fcking", "fvck", "phuck", "clusterfuck",
    "shit", "sht",
    "shitty", "bullshit", "dipshit", "bitch", "btch", "bastard", "bstard", "idiot", "moron", "moronic",
    "imbecile",
    "dumbass", "asshole", "ashole", "azzhole", "jackass", "wanker", "twat", "cunt", "whore", "slut",
    "pussy", "prick",
    "douchebag", "retard", "retarded", "stupid", "damn", "goddamn", "crappy", "motherfckr", "biatch",
)  # fmt: skip
"""Found in any disguise, also pulled apart. None of them may become a plain word once its doubled letters
are one: "hell" would find "hel", "ass" would find "as"."""
RUDE_WORDS = word_set(
    "ass asses arse crap hell bollocks sod loser losers jerk crybaby cheapskate cheapskates miser brainless "
    "worthless pathetic whining ungrateful dumb dumber imbeciles idiotic nitwit twit hag scum parasite brat "
    "creep psycho pervert tits boobs nude naked horny orgasm porn sexy babe disgust disgusts disgusting "
    "ignorant nuisance garbage rubbish granny savage weirdo stfu wtf dick dicks piss pissed imbecility "
    "stupidity fool freak filthy coward blowjob immigrants foreigner foreigners blondes undress cretin "
    "shits fucks bitches trash clown pest liar cheater ugly silly pig"
)
"""As whole words; a company's message has no use for them."""
INSULT = either(
    r"\bshut up\b|\bscrew (?:you|u)\b|\bdrop dead\b|\bget lost\b|\bkill you\b|\bhate (?:you|customers"
    r"|your)\b"
    r"|\bnobody (?:likes|loves|gives|wants)\b|\b(?:women|men|gays|jews|muslims|foreigners) like you\b"
    r"|\byour (?:kind|people|race|religion|sort|nation|mother|mum|age)\b|\byou people\b|\bgo (?:back"
    r"|away) to your\b"
    r"|\bsick of (?:you|your)\b|\bmakes? (?:me|us) sick\b|\blaugh (?:at|about)\b|\blazy and\b|\byou lazy\b"
    r"|\bif you dare\b"
    r"|\btoo (?:stupid|dumb|blind|slow) to\b|\b(?:get|have|had) a brain\b|\bare you blind\b"
    r"|\byou(?:r plan)? sucks?\b"
    r"|\bwaste of\b|\bnot welcome\b|\bhurt (?:you|your)\b|\b(?:break|burn|beat|destroy|shoot|slap) (?:you"
    r"|your)\b"
    r"|\bfind you\b|\bmake you suffer\b|\bwatch your back\b|\byou (?:will )?die\b|\bbe slapped\b"
    r"|\byou are nothing\b"
    r"|\byou (?:old|fat|dirty|cheap|crazy|little|sleepy|filthy) \w+|\byou(?:r| are) (?:animals?|useless"
    r"|ashamed|a joke)\b"
)

PRYING = word_set(
    "password passwords passcode pin passport iban ssn pension illness disability pregnant pregnancy "
    "divorce divorced "
    "widow widowed muslim christian jewish hindu atheist gay lesbian diagnosis salary churn elderly "
    "pensioner "
    "ethnicity husband wife birthday birthdays"
)
"""What a company asks for or knows, and does not write about."""
PRIVATE = either(
    r"\b(?:card|account|security|licence|license|insurance) (?:number|details|code|no)\b|\bdate of birth\b"
    r"|\bbirth ?date\b"
    r"|\bbank (?:details|account|statement)\b|\bsocial security\b|\bpin code\b|\bmother's maiden\b"
    r"|\bmaiden name\b"
    r"|\bwe (?:saw|see|know|noticed|heard)(?: that)? you(?:r)? (?:visited|called|were|browsed|searched"
    r"|pension|income|job)\b"
    r"|\bour (?:model|records|data|score|algorithm)s? (?:say|show|predict|tell)s?\b(?! \d+ months?\b)"
    r"|\bchurn score\b"
    r"|\b(?:single|young) (?:mother|father|mum|dad|parent)\b|\bsenior citizens?\b|\bfor seniors\b"
    r"|\byear-old\b"
    r"|\byour (?:late |ex-)?(?:neighbou?r|partner|son|daughter|boss|boyfriend|girlfriend|friend|colleague)\b"
    r"|\bcard ending\b|\brecovered from\b|\byou(?:r| are) (?:ill|sick|poor|bankrupt)\b|\byour (?:income"
    r"|address|age)\b"
    r"|\b(?:text|send|tell|give|forward|read|email|message)(?: us| me)?(?: back| out)?(?: the| your| that"
    r"| any)"
    r" (?:\w+ )?codes?\b|\b(?:number|digits) on (?:\w+ ){0,4}?your card\b"
    r"|\bcredit card\b|\bdriv(?:er's|ing) licen[cs]e\b|\bip address\b|\bvisited a\b"
)
DISGUISE = re.compile(r"[a-z][*#^~+=|\\_!]+[a-z]|([a-z])\1\1|\b(?:[a-z][ .*_-]{1,2}){3}[a-z]\b|[a-z]\*{2,}")
"""Signs inside a word, a letter three times over, letters pulled apart: how forbidden words are hidden."""
EMOTION = re.compile(
    r"[!?]\s*[!?]|(?:![^!]*){3}|\b(?:WOW|BIG|NEW|NOW|YES|HEY|OFF|ALL|YOU|ACT|WIN|GET|TOP|HOT|OMG|ASAP|YAY)\b"
)
"""More than a message may raise its voice. For text with its case kept."""
PICTOGRAPHS = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50]")
MOST_PICTOGRAPHS = 2
