r"""Words that press, threaten or insult, and words that pry: what no customer should read.

Only data: which rule uses what, and when, stands in `shield`. All of it reads folded text in lower
case with the customer's name taken out. As in `lexicon`, every alternative of a pattern with hints
holds a hint, begins with a literal or `\b`, and has no nested repeats.
"""

import re

from churn_saver.domain.lexicon import word_set

HARMLESS = re.compile(
    r"\b(?:[Nn]o|[Ww]ithout|[Nn]ot|[Nn]ever|[Nn]o need to|[Nn]eed not|(?:don't|do not) (?:need|have) to"
    r"|[Nn]ot in a|any)"
    r" (?:hurry|rush|pressure|urgency|obligations?|obliged)\b"
    r"|\bpromise (?:you )?to (?:listen|read|answer|reply|respond|write back|get back)\b"
    r"|\b[Ee]very (?:bill|month|year|week|day) (?:counts|matters)\b"
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
PRESSURE = re.compile(
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
PRESSURE_HINTS = word_set(
    "miss missing running ticking up run runs choice debt collection failure cut off warn warning warned "
    "mistake sorry lose pay suffer only left last lasts wait delay think hesitate cancel leave ignore let "
    "never "
    "forced owe have must else shame pity make credit report where gone lost closed act late unless refuse "
    "refusal refusing expires expiring end ends required final leaves face order"
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
INSULT = re.compile(
    r"\bshut up\b|\bscrew (?:you|u)\b|\bdrop dead\b|\bget lost\b|\bkill you\b|\bhate (?:you|customers"
    r"|your)\b"
    r"|\bnobody (?:likes|loves|gives|wants)\b|\b(?:people|customers|women|men|gays|jews|muslims"
    r"|foreigners) like you\b"
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
INSULT_HINTS = word_set(
    "shut screw dead lost kill hate nobody people customers women men gays jews muslims foreigners your sick "
    "laugh lazy dare too brain blind sucks suck waste welcome hurt break burn beat destroy shoot slap find "
    "suffer "
    "watch die slapped nothing you"
)

PRYING = word_set(
    "password passwords passcode pin passport iban ssn pension illness disability pregnant pregnancy "
    "divorce divorced "
    "widow widowed muslim christian jewish hindu atheist gay lesbian diagnosis salary churn elderly "
    "pensioner "
    "ethnicity husband wife"
)
"""What a company asks for or knows, and does not write about."""
PRIVATE = re.compile(
    r"\b(?:card|account|security|licence|license|insurance) (?:number|details|code|no)\b|\bdate of birth\b"
    r"|\bbirth ?date\b"
    r"|\bbank (?:details|account|statement)\b|\bsocial security\b|\bpin code\b|\bmother's maiden\b"
    r"|\bmaiden name\b"
    r"|\bwe (?:saw|see|know|noticed|heard)(?: that)? you(?:r)? (?:visited|called|were|browsed|searched"
    r"|pension|income|job)\b"
    r"|\bour (?:model|records|data|score|algorithm)s? (?:say|show|predict|tell)s?\b|\bchurn score\b"
    r"|\b(?:single|young) (?:mother|father|mum|dad|parent)\b|\bsenior citizens?\b|\bfor seniors\b"
    r"|\byear-old\b"
    r"|\byour (?:late |ex-)?(?:neighbou?r|partner|son|daughter|boss|boyfriend|girlfriend|friend|colleague)\b"
    r"|\bcard ending\b|\brecovered from\b|\byou(?:r| are) (?:ill|sick|poor|bankrupt)\b|\byour (?:income"
    r"|address|age)\b"
    r"|\bcredit card\b|\bdriv(?:er's|ing) licen[cs]e\b|\bip address\b|\bvisited a\b"
)
PRIVATE_HINTS = word_set(
    "card account security licence license insurance birth birthdate bank pin maiden mother's saw see know "
    "noticed "
    "heard our churn single young senior seniors old neighbour neighbor partner son daughter boss boyfriend "
    "girlfriend "
    "friend colleague recovered ill sick poor bankrupt income address age credit visited"
)
DISGUISE = re.compile(r"[a-z][*#^~+=|\\_!]+[a-z]|([a-z])\1\1|\b(?:[a-z][ .*_-]{1,2}){3}[a-z]\b|[a-z]\*{2,}")
"""Signs inside a word, a letter three times over, letters pulled apart: how forbidden words are hidden."""
EMOTION = re.compile(
    r"[!?]\s*[!?]|(?:![^!]*){3}|\b(?:WOW|BIG|NEW|NOW|YES|HEY|OFF|ALL|YOU|ACT|WIN|GET|TOP|HOT|OMG|ASAP|YAY)\b"
)
"""More than a message may raise its voice. For text with its case kept."""
PICTOGRAPHS = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50]")
MOST_PICTOGRAPHS = 2
