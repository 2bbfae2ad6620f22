"""The words of plain letters to customers: a text with others in it speaks of something that nobody decided.

Forbidden wordings are without number; the words with which a company thanks, asks, offers and helps are not.
So this page knows the latter, and `shield` stops what strays too far from them, whatever it says. It knows
single words in lower case, not what they say together.
"""

from churn_saver.domain.lexicon import word_set

STRANGE_WORDS = 2
"""Unknown words from which a text is stopped; one is enough beside a word of `LOADED`."""
LOADED = word_set(
    "only never nobody none others else everyone everybody anyone alone leave leaves leaving lose losing "
    "cost costs without wrong hard or unless even expect cannot forget refuse friends people surely always "
    "too than enough behind before see longer "
)
"""Plain words of threats, blame and races too."""
KNOWN = word_set(
    "a able about above absolutely accept account accurate acknowledge across active actually adapt add "
    "adjust advantage advert advice advise adviser advisor afford after afternoon afterwards again "
    "against agent ago agree agreement ahead aim all allow almost along already alright also alternative "
    "although always am among amount ample an and anniversary annoy another answer any anybody anyone "
    "anything anyway anywhere apart apologise apologize app appear application appreciate appreciation "
    "approach appropriate april are area aren't arise around arrange arrive as aside ask aspect assist "
    "assistance assure at attend attention august automatic autumn available await aware away back bad "
    "balance base basic basically be beautiful became because become bedroom been before beforehand began "
    "begin beginning begun behalf behind being believe belong below benefit beside best bet better "
    "between beyond big bigger bill bit book both bother bottom bought box bravo break bridge brief "
    "bright bring broad broadband broken brought budget bug build bundle business busy but button buy by "
    "cake call calm came can can't cancel cancelling capable care careful carry case catch category cause "
    "celebrate cent certain chance change channel charge chat cheaper check cheerful cheers choice choose "
    "chose chosen christmas claim clarify clarity clean clear clearer click client close coffee colleague "
    "collect come comfort comfortable comment common communicate communication community company compare "
    "comparison complain complaint complete complicated compliment concern condition confidence confident "
    "confirm confusing connect connection consider consult contact contain content continue contract "
    "contribute control convenient conversation convey copy corner correct correction cost could couldn't "
    "count couple course cover coverage create credit crew criticism cup curious current custom customer "
    "cut daily dare data date day dead deal dear december decide decision decline dedicated deep default "
    "definitely delay delight deliver demand department depend describe deserve design desire desk "
    "despite detail develop development device did didn't difference different difficult direct direction "
    "discount discover discuss do does doesn't doing don't done door double doubt down downstairs dream "
    "drive drop due dull during e each eager ear earlier earn ease easier easily easy effect effort eg "
    "either else elsewhere email empty enable encourage end engage enjoy enough ensure enter entire equal "
    "equipment error especially essential etc evaluate even event eventually ever every everybody "
    "everyone everything everywhere exact example excellent except excited exciting excuse exist expect "
    "expectation experience explain explore extra eye face fact fair fairness faith fall familiar family "
    "fancy far fast faster fault favorite favour favourite feature february fee feedback feel fellow felt "
    "few fewer fi fibre figure fill film filter final find fine finish firm first fit fitted fix "
    "flexibility flexible flow focus fold follow for forget forgive forgot forgotten form formal former "
    "fortunate forward found frank free frequent fresh fri friday friend friendlier from full fully fun "
    "further fuss future g game gap gave general generous gentle genuine gesture get getting gift give "
    "given glad glance glass glitch go goal goes going gold gone good goodbye goodwill got gotten "
    "gracious granted grateful gratitude great greet grow grown grumble guess guest guidance guide habit "
    "had hadn't half hand handful handle handy happen happier happily happiness happy hard harder has "
    "hasn't hassle hate have haven't he head headline healthy hear heart heartfelt heavy held hello help "
    "helpful hence here here's hesitation hey hi hiccup high highlight him history hit hitch hold holiday "
    "home honest honour hook hooray hope hopefully hour house household how how's however hurry i i'd "
    "i'll i'm i've idea ideal identify if ignore imagine immediate impact important impress impression "
    "improve improvement in inbox incident include inconvenience increase indeed individual inform "
    "informal information initial input insight install installation instance instant instead interest "
    "internet into introduce invest invitation invite invoice involve is isn't issue it it'd it'll it's "
    "item its itself january job join joint joke journey joy july june just keep kept key kids kind "
    "kitchen knew knock know knowledge known lack landline language large larger last late later laugh "
    "launch lead learn learnt least leave left less lesson let let's letter letting level life light "
    "lighter like limit line link list listen little live local long longer look lose lost lot loud love "
    "low lower loyal loyalty lunch machine made mail main maintain maintenance make manage manual many "
    "march mark master match matter may maybe me meal mean meant meanwhile measure medium meet member "
    "memory mention menu merely message met midday middle might milestone mind mine minor minus minute "
    "miss mistake mix mobile modem modest moment monday money month mood more moreover morning most move "
    "much music must mutual my myself name natural near necessary need neither network never new newer "
    "next nice nicer night no nobody noise none noon nor normal not note nothing notice november now "
    "nowhere nudge number o'clock object obligation obvious occasion occasional october of off offer "
    "office official often ok okay old on onboard once one online only onto open operate opinion "
    "opportunity opposite opt option or ordinary organise organize other otherwise ought our ourselves "
    "out outage outcome outside outstanding over overall overlook overview owe own pace package page paid "
    "paperless paperwork part particular partner password past path patience patient pause pay payment "
    "pdf people per percent percentage perfect perform performance perhaps period person personal phase "
    "phone phrase pick picture piece pity place plain plan pleasant please pleasure plenty pm pocket "
    "point polish polite poor portal position positive possibility possible post potential power "
    "practical practice praise precise prefer preference prepare presence present press pressure previous "
    "price pride print priority privacy private probably problem proceed process product productive "
    "progress promise promptly proof proper proposal propose proud prove provide provider provision ps "
    "public purchase purpose push put putting puzzle quality query question quick quiet quite quote rain "
    "raise ran range rapid rare rate rather reach react read readily ready real realise reality realize "
    "reason receipt receive recent reception recognise recognition recognize recommend recommendation "
    "record recover redeem reduce reduction refer reflect refuse regard regular relate relationship relax "
    "relevant reliable relief rely remain remark remember reminder remote remove renew renewal repair "
    "repeat replace reply report represent representative request require research reserve resolve "
    "resource respect respectfully respond response responsible rest result retain return review reward "
    "rhythm right ring road role room route router routine run running rush sad safe said sales same "
    "sample sat satisfaction satisfied saturday save saw say scale schedule scope screen season second "
    "section secure see seem seen select sell send senior sense sent sentence separate september series "
    "seriously serve service session set setting settle setup several shall shape share she shelf shift "
    "shine short shorter should shouldn't show shown side sight sign signal significant similar simple "
    "simpler simply since sincere sit situation skip sleep slight slow small smaller smart smile smooth "
    "sms so social software sold sole solution solve some somebody somehow someone something sometimes "
    "somewhat somewhere soon sorry sort sound source space spare speak special specialist specific speed "
    "spell spend spirit spoil spoke spoken spot spread spring stable staff stage stand standard star "
    "start statement status stay steady step still stood stop story straight straightaway straightforward "
    "stream strength stretch string strong stronger structure stuck style subject subscribe subscriber "
    "subscription succeed success successful such sufficient suggest suggestion suit suitable sum summary "
    "summer sunday sunny sunshine supply support suppose sure surprise survey sweet switch system table "
    "tailor take taken talent talk tap tariff task taste tea teach team technical technician television "
    "tell tempt tend term test text than thank thankful thankyou that that'll that's the their them theme "
    "themselves then there there's therefore these they they'd they'll they're they've thick thin thing "
    "think third this thorough those though thought thoughtful through thursday thus thx tidy tight till "
    "time tiny tip tired to today together token told tomorrow tone tonight too took tool top topic total "
    "touch tough toward town track traffic transparency transparent travel treat trend tricky tried tries "
    "trouble true truly trust trustworthy truth try tuesday tune turn type typical unable uncertain "
    "unclear under understand understood unfortunately unhappy unless unlikely unsubscribe unsure until "
    "unused up upcoming update upgrade upon upper upstairs us usage use useful user usual utmost valid "
    "valuable value variety various version very via video view visit vital voice vs wait walk want warm "
    "was wasn't watch way we we'd we'll we're we've weak weather website wednesday week weekend weigh "
    "welcome well went were weren't what what's whatever when whenever where wherever whether which "
    "whichever while who who's whoever whole whom whose why wi wide wifi will win window winter wireless "
    "wise wish with within without won't wonder wonderful word work world worldwide worry worst worth "
    "worthwhile would wouldn't write written wrong wrote yard year yes yesterday yet you you'd you'll "
    "you're you've your yourself "
)
"""In their plain form; `is_known` knows the endings."""
_ENDINGS = (
    ("s", ""), ("es", ""), ("ies", "y"), ("d", ""), ("ed", ""), ("ied", "y"), ("ing", ""), ("ing", "e"),
    ("ly", ""), ("'s", ""),
)  # fmt: skip
_SHORTEST = 3
"""Letters that stay when an ending is taken off."""


def is_strange(words: frozenset[str]) -> bool:
    """Say whether words of a text stray too far from plain letters.

    Args:
        words: Of a folded text in lower case, without the customer's name and the facts.
    """
    unknown = [word for word in words - KNOWN - LOADED if not is_known(word)]
    return len(unknown) >= STRANGE_WORDS or (len(unknown) == 1 and not words.isdisjoint(LOADED))


def is_known(word: str) -> bool:
    """Say whether a word, or what it is a form of, is a plain one."""
    if word in KNOWN or word in LOADED:
        return True
    for ending, instead in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _SHORTEST:
            continue
        doubled = ending in ("ed", "ing") and stem[-1] == stem[-2] and stem[:-1] in KNOWN
        if doubled or stem + instead in KNOWN:
            return True
    return False
