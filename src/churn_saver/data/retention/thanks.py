"""How a message opens: greetings, thanks for a tenure, and the poorer ways to begin.

Only wording. Thanks may also close a message. Written by the lines of `phrases.frames`.
"""

from collections.abc import Mapping

from churn_saver.data.retention.phrases import KNOWN, frames

GREETINGS: Mapping[str, tuple[str, ...]] = {
    "warm": ("Hi {name},", "Hello {name},", "Hi {name}!", "Dear {name},", "Hi {name}:", "{name},"),
    "plain": ("Hello {name},", "Hi {name},", "Dear {name},", "Hello {name}.", "{name},"),
    "brief": ("Hi {name},", "{name},", "{name}:", "Hi {name}:", "Hello {name},"),
}
"""After a comma the sentence goes on with a small letter."""
NAMELESS: Mapping[str, tuple[str, ...]] = {
    "warm": ("Hello,", "Hi there,", "Hello!", "Hi,", ""),
    "plain": ("Hello,", "Hello.", "Hi,", "Good day,", ""),
    "brief": ("Hi,", "Hello,", "", ""),
}

_THANKS = """
w thank you [so much|very much|] for {tenure} with us
p thank you for [being with us|being our customer|being a customer] for {tenure}
b [thanks|thank you] for {tenure} with us
w we are [so|really|truly|] [grateful|thankful] for [your|the] {tenure} with us
p you have been [with us|our customer|a customer of ours] for {tenure}, [and we thank you for it|thank you]
b {tenure} with us: thank you
w it has been [lovely|a pleasure|a joy|good] to have you with us for {tenure}, thank you
p after {tenure} with us, [we would like to thank you|we want to say thank you]
w a [big|warm|heartfelt|sincere] thank you for {tenure} with us
p we [appreciate|value] your {tenure} with us, [and thank you for it|thank you]
b [thanks|thank you] for [being here|being with us|staying] {tenure}
w from all of us, thank you for {tenure} together
p thank you for [staying|being] with us for {tenure}
wp thank you for [trusting|choosing] us for {tenure}
w we are [so|really|] glad [you have been|to have had you] with us for {tenure}, thank you
b thank you for {tenure}
w {tenure} together means a lot to us, [so thank you|thank you]
p thank you for {tenure} as our customer
b [many thanks|thanks a lot] for {tenure} with us
w you have been with us for {tenure}, and we are [truly|really|so] [thankful|grateful]
p we would like to thank you for {tenure} with us
wp thank you for [your|the] {tenure} with us[|, we appreciate it]
w we [love|enjoy] having you with us, and we thank you for {tenure}
p {tenure} with us: we [thank you for it|appreciate that]
w [warm|big] thanks from all of us for {tenure} together
p we are thankful for {tenure} with you as our customer
b {tenure} with us: [many thanks|thanks a lot]
w we really want to thank you for {tenure} with us
p you have been our customer for {tenure}, which we [value|appreciate]
b [thanks|thank you] for {tenure} as a customer
w it makes us happy to have had you here for {tenure}, thank you
p our customer for {tenure}: thank you
w we are happy and thankful for {tenure} with you
p our thanks for {tenure} as a customer
b our thanks for {tenure}
w so good to have had you with us for {tenure}, and thank you for it
p please accept our thanks for {tenure} with us
w we have had the pleasure of having you here for {tenure}: thank you
b {tenure} with us, thanks
w from the heart: thank you for {tenure} with us
"""
_NEW = """
w you joined us {tenure} ago, and we are [so|really|] [glad|happy] [you did|to have you]
p thank you for joining us {tenure} ago
b thanks for joining us {tenure} ago
w it is [so|really|] good to have you with us, thank you for joining {tenure} ago
p you joined us {tenure} ago, [thank you for choosing us|and we thank you for it]
b glad you joined us {tenure} ago
w we are [happy|delighted|glad] that you chose us {tenure} ago
p you have been with us for {tenure}, [we are glad to have you|it is good to have you]
w we are [so|really|] happy that you joined us {tenure} ago
p thank you for choosing us {tenure} ago
b {tenure} with us: good to have you
w {tenure} ago you joined us, and it is [lovely|a joy] to have you here
p {tenure} ago you joined us, and we thank you for it
b good that you joined us {tenure} ago
p you joined us {tenure} ago: thank you for your trust
w {tenure} ago you chose us, and we are so happy about it
"""
_SETTLED = """
w you have been with us for {tenure} now, and we are [so|really|] [glad|happy] [you are here|about it]
p {tenure} ago you chose us, [and we thank you for staying|thank you for staying]
b thanks for staying with us for {tenure}
w {tenure} ago you [joined|chose] us, and we [still |]love having you here
p you chose us {tenure} ago, and we [appreciate|value] [that|your trust]
b {tenure} with us, and we value it
w thank you for staying with us for {tenure}, it [means|says] a lot to us
p thank you for your trust in us for {tenure}
w it is [wonderful|lovely] that you have stayed with us for {tenure}
p {tenure} with us: thank you for staying
b good to have you here for {tenure}
w we have enjoyed {tenure} with you, and we thank you
p you have stayed with us for {tenure}, and we thank you for it
b you chose us {tenure} ago: thanks
w thank you, {tenure} with you have been a pleasure
p you have given us your trust for {tenure}: thank you
"""
_LONG = """
w you have [trusted|stood by] us for {tenure}, and we [truly|really|] thank you
p you have trusted us for {tenure}, [and we thank you for it|thank you]
b thank you for {tenure} of trust
w {tenure} is a long time, and we are [so|truly|] grateful[| for it]
p thank you for {tenure} of [loyalty|trust]
b {tenure} of trust: thank you
w we do not take {tenure} of trust for granted: [thank you|a warm thank you]
p {tenure} is a long time: thank you for [staying|your loyalty|your trust]
w your trust for {tenure} means a lot to us, thank you
p you have stayed with us for {tenure}: thank you for your loyalty
b {tenure} with us: thank you for your loyalty
w what a long time: {tenure} together, and a warm thank you for it
p we value {tenure} of loyalty, and we thank you
w thank you for {tenure} at our side
b {tenure} of loyalty: thanks
w we owe you a warm thank you for {tenure} of trust
"""
_GENERAL = """
w thank you [so much|] for [being with us|choosing us|being our customer]
p thank you for being [with us|our customer|a customer]
b [thanks|thank you] for being [with us|a customer]
w we are [so|really|] [glad|happy] to have you with us
p we [appreciate|value] you as a customer
b [thanks|thank you] for choosing us
w it is [so|really|] [good|lovely] to have you with us
p thank you for choosing us
w having you with us [makes us happy|means a lot]
p we are glad to have you as a customer
b [glad|good] to have you with us
w thank you for your trust in us[|, it means a lot]
p we thank you for your trust
b thanks for your trust
w from all of us: thank you for being here
wp it is good to have you as our customer
w we [love|enjoy] having you with us, thank you
p thank you for trusting us
b thanks for trusting us
w thank you, it is a joy to have you with us
p we are thankful to have you as our customer
b nice to have you with us
w a warm thank you for being with us
p our thanks for being our customer
"""
_COLD = """
wp you are known to us as a customer on a {plan}
wpb this is a message about your {plan}
b regarding your {plan}
wp this concerns your {plan}
wp we are contacting you about the {plan} you hold
wpb you are listed with us as a customer
wp your {plan} came up in a review, which is why we write to you
wpb our system selected you for this message
wpb notice for holders of a {plan}
wp your {plan} was looked at by the department in charge
p you are a customer on a {plan}
b re: your {plan}
wp this message is sent to customers with a {plan}
wp as a customer, you are hereby informed of the following
wpb here is what we have to tell you about your {plan}
wp you are on the list of customers that we keep
"""
_FLATTERY = """
wp you are without doubt the [best|finest] customer anyone could wish for
wpb you are simply [amazing|wonderful|fantastic], and everybody here says so
w customers as brilliant as you are rare
wp nobody [means|matters] as much to us as you do
w you are the heart and soul of our company
wpb you are our favourite customer
w we think about you all day, you are that special
wp a customer as clever as you deserves only the best
wb you are a star, and a shining one
w our whole team adores you, it really does
wp you have the best taste of all our customers
b you are the greatest
w words cannot say how wonderful you are
wp you are quite simply outstanding, and we mean it
wpb you are a truly exceptional human being
w nobody deserves our attention like brilliant you
"""
_FILLER = """
wp we hope that this message finds you well and that all is as it should be
wp as you may or may not know, we think about our customers a lot
wp we are writing to you today because there is something that we wish to say
p it is, as ever, important to us to be in touch with those whom we serve
wp in the course of our regular work we look at many things, and this is one of them
wp before anything else, we want to take a moment to say hello properly
p this is to inform you of a matter that may or may not be of interest to you
wp there are times when one should simply get in touch, and this is such a time
b just a note, nothing more than that, to say the following
wb we thought we would drop you a line about this and that
p with reference to our continued relationship, please note what follows here
wp you will surely be busy, and so we will try to keep this as short as we can
b a few words from us to you, if we may
wp it goes without saying that we are there for you, but we say it anyway
p kindly allow us to draw your attention to what is set out below
wpb at this point in time we would like to get in touch with you
"""

THANKS = (
    *frames("thanks", _THANKS, KNOWN),
    *frames("thanks", _NEW, ("new",)),
    *frames("thanks", _SETTLED, ("settled",)),
    *frames("thanks", _LONG, ("long",)),
    *frames("thanks", _GENERAL, ("unstated",)),
    *frames("thanks", _GENERAL, KNOWN, "generic_thanks"),
    *frames("thanks", _COLD, weakness="cold"),
    *frames("thanks", _FLATTERY, weakness="flattery"),
    *frames("thanks", _FILLER, weakness="wordy"),
)
