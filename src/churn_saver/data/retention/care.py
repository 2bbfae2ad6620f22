"""How a message without a discount is worded: a question or an invitation, and the one next step.

Only wording, good and poor. None of it speaks of money: without a discount there is none to give.
"""

from churn_saver.data.retention.phrases import KNOWN, frames

_CARE = """
w how is your {plan} working for you?
p is your {plan} still right for you?
b [all well|all good] with your {plan}?
w how are you [finding|getting on with|enjoying] your {plan}?
p is there anything about your {plan} that we [should|could] improve?
b does your {plan} still suit you?
w is there anything we [can|could] do better for you?
p we would like to know [whether|if] your {plan} still suits you
w are you [still|] happy with your {plan}?
p does your {plan} [still|] do what you need?
b is your {plan} still right for you?
w we would [love|like] to [hear|know] how your {plan} is working for you
p how well does your {plan} [suit|serve] you?
b anything we can do better [with your {plan}|for you]?
w what [could|can] we do better for you?
p what would make your {plan} better for you?
w does your {plan} give you all you [need|hoped for]?
p how satisfied are you with your {plan}?
b how is your {plan} [going|working for you]?
w we would love to make your {plan} [fit you even better|work even better for you]
p are you getting what you need from your {plan}?
b is your {plan} doing what you need?
w tell us: how is life with your {plan}?
p we would like to hear how your {plan} is going
w we are curious: how do you like your {plan}?
p how has your {plan} been for you?
b how do you like your {plan}?
w is your {plan} all that you hoped for?
p does your {plan} fit what you need?
b your {plan}: still the right one?
b happy with your {plan}?
w how do you feel about your {plan}?
"""
_CARE_PLAN = """
wpb you are on our {plan}. Is there anything we can do better?
wp you have a {plan} with us, and we have a question: what could we do better?
wp as somebody on a {plan}, how do you find our service?
p yours is a {plan}. What should we improve in our service?
wpb we see that you have a {plan}. How are you?
wp your {plan} is a {plan}, as you know. Is there anything we can help with?
b you have a {plan}: any questions for us?
wpb on your {plan}: what do you think of our team?
wp since you are on a {plan}: is there anything you would like to ask us?
wp we have you down for a {plan}. What would you like us to do better?
wpb as you know, you have a {plan}. Any wishes?
wp among customers on a {plan}, you are one we would like to hear from. How are things?
p our {plan} is what you have. How do you rate our team?
wp being on a {plan}, would you say that we look after you well?
b on a {plan}, as you are: happy with us?
wpb you took our {plan}. Is our service what you hoped for?
"""
_CARE_COLD = """
wp please confirm whether the {plan} is satisfactory
wpb your feedback on the {plan} is what we request from you
wp please note that you are asked for your view of the {plan}
wp an assessment of your {plan} is due from you
p your satisfaction with the {plan} is to be recorded
b state your view of the {plan}
wp we require your opinion on the {plan}
wpb your view of the {plan} has not been received
wp the {plan} you hold is subject to a review of satisfaction
wpb a statement on your {plan} is awaited
wp it is requested that you comment on the {plan}
p we are still without your view of the {plan}
wp we have to ask each holder of a {plan} for a view, and that is why we ask you
b view of the {plan}: please state
wp our file has no entry on your opinion of the {plan}
wpb indicate your level of satisfaction with the {plan}
"""
_CARE_WORDY = """
wp we are writing in order to ask, if we may, whether your {plan} is, all in all, still the right one?
wp what we would be interested in, if you have a moment, is how you have found your {plan}
wp it would be of some interest to us to learn in what way your {plan} is or is not to your liking
wpb just wondering, really, if your {plan} is sort of what you wanted?
wp having looked at one thing and another, we came to ask ourselves how your {plan} is doing
wp the question that we would like to put to you is whether your {plan} is what you need
wp in the interest of doing things well, may we ask how you feel with regard to your {plan}?
wpb so we were thinking, and we wanted to ask, how is your {plan}, all things considered?
wp it has been on our minds for a while to ask you, in one way or another, how your {plan} is doing
wp we thought that it might be a good idea to find out, so to speak, how you get on with your {plan}
p with regard to your {plan}, we would like to enquire in what manner it is meeting your needs
wp not to take up too much of your time, but would you say your {plan} is more or less what you need?
wpb this may seem a bit out of the blue, but is your {plan}, you know, all right?
wp if we were to ask you how your {plan} is doing, and we hereby do, what would you say?
wp there is one thing, or perhaps there are several, that we would like to ask about your {plan}
b anyway, so, what we meant to ask is how your {plan} is and all that
"""
_THANKED_CARE = """
w after {tenure} with us, how are you [finding|getting on with] your {plan}?
p after {tenure} with us, is your {plan} still right for you?
b {tenure} with us: is your {plan} still right?
w thank you for {tenure} with us, and tell us: how is your {plan} working for you?
p thank you for {tenure} with us. Does your {plan} still suit you?
b thanks for {tenure}! How is your {plan}?
w you have been with us for {tenure}, and we would love to hear how your {plan} is going
p you have been with us for {tenure}. Is there anything we could do better?
w with thanks for {tenure} together: is your {plan} still right for you?
p thank you for {tenure} with us. What would make your {plan} better for you?
b thanks for {tenure} with us! Is your {plan} still right for you?
w {tenure} with us, and we are grateful: what could we do better for you?
p after {tenure} as our customer, how well does your {plan} suit you?
b after {tenure} with us, how is your {plan}?
w thank you for {tenure} with us! Are you still happy with your {plan}?
p we thank you for {tenure} with us. Does your {plan} still do what you need?
"""
_ASK = """
w if anything about your {plan} could be better, just @reply and we will help
p if your {plan} could be better, please @reply and tell us
b [a question|questions] about your {plan}? Just @reply
w if you have a question about your {plan}, just @reply and [one of us|someone from our team] will answer
p please @reply and tell us how your {plan} is working for you
b tell us how your {plan} is going: [just|] @reply
w we would love to hear how your {plan} is going: [just|simply] @reply
p if anything about your {plan} is unclear, [please|just|] @reply and we will help
b your {plan} not quite right? @reply and tell us
w tell us what we could do better for you, [just|simply] @reply
p to tell us what we could do better, [just|simply|please] @reply
b [anything to improve|something missing]? [Just|Please] @reply
w if there is anything you wish were better, [just|simply] @reply and we will look into it
p if your {plan} no longer suits you, @reply and we will [look into it|help]
b @reply if we can do better with your {plan}
w we are here for you: if something about your {plan} bothers you, just @reply
p we would like to hear how your {plan} is going: please @reply
b @reply and tell us how your {plan} is going
w a [short|quick] reply to @this is all it takes to tell us how your {plan} is going
p should you need help with your {plan}, [just|simply|please] @reply
w we would be glad to help with your {plan}: just @reply and tell us what you need
b need help with your {plan}? [Just|Please] @reply
wp if you want us to look at your {plan} with you, [just|simply] @reply
p tell us if your {plan} still suits you: [just|simply|please] @reply
w whatever you wish for your {plan}, [just|simply] @reply and tell us
p for any question about your {plan}, please @reply
b wishes for your {plan}? [Just|Please] @reply
w your view of your {plan} matters to us: [just|simply] @reply
p please @reply if something about your {plan} should be better
b how is your {plan}? @reply and tell us
w one [short|quick] reply to @this, and we know how to make your {plan} better for you
b not happy with your {plan}? [Just|Please] @reply
"""
_STEP = """
w just @reply and [we will help|tell us|let us know|we will look into it]
p please @reply [and let us know|and tell us|with your answer]
b just @reply
w we would love to hear from you: just @reply
p @reply and we will [look into it|help|see to it]
b please @reply
w simply @reply, we [would love to help|are happy to help|are here for you]
p to tell us, [simply|just|please] @reply
b @reply and tell us
w please @reply, we would love to know
p please @reply and [someone from our team|one of us] will help
b @reply to let us know
w a [short|quick] reply to @this is all we need from you
p [simply|just] @reply to let us know
w just @reply, and [one of us|someone from our team] will be glad to help
b just @reply to tell us
w a few words are enough: [just|simply] @reply
p please @reply, we read every answer
b @reply, we are here
w your answer is welcome: [just|simply] @reply
p [simply|please] @reply with a word or two
p please @reply, and we will see to it
b a short reply is enough: @reply
w we are only a message away: just @reply
"""
_STEP_VAGUE = """
wp do get in touch some time if you feel like it
wpb perhaps we will hear from you
wp let us know some time, if there is anything
wpb you know where we are
wp we would be open to hearing from you at some point
wpb do think about it
wp feel free to say something when the mood takes you
wpb maybe you have some thoughts on this
wp it would be nice to hear something from you, somehow
wpb think it over and take your time
wp we leave it up to you what to do next
b do as you like with this
wp drop by some time, or do not, as you please
wpb we are around, should there be anything
wp at some stage you may want to come back to us on this
p further contact is possible if you see a need for it
"""
_STEP_TWO = """
wp @reply, or talk to our team, or have a look in your account
wpb @reply and fill in the form in your account
wp please @reply, rate our service and tell a friend
wpb please write to us, visit us or look in the app
wp look in your account, then @reply, then wait for our answer
wpb reply, or chat with us, and check the app too
wp you can @reply, open the app or see our team in a shop
wpb @reply, update your details and follow our pages
wp open the app, check your details and then @reply
wp @reply, or visit a shop, or chat with us, whichever you prefer
wpb fill in the form, then @reply and wait for our answer
p please log in, confirm your details and @reply
wpb reply or use the app, and tell a friend
wp have a look at our pages, @reply, and follow us too
b reply, check the app, rate us
wp either @reply or see our team, and do update your account
"""

CARE = (
    *frames("care", _CARE),
    *frames("care", _CARE_PLAN, weakness="idle_plan"),
    *frames("care", _CARE_COLD, weakness="cold"),
    *frames("care", _CARE_WORDY, weakness="wordy"),
    *frames("thanked_care", _THANKED_CARE, KNOWN),
    *frames("ask", _ASK),
    *frames("care_step", _STEP),
    *frames("care_step", _STEP_VAGUE, weakness="vague_step"),
    *frames("care_step", _STEP_TWO, weakness="two_steps"),
)
