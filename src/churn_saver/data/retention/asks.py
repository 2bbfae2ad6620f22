"""How a message without a discount invites to reply: with its question in one sentence, or after it.

Only wording, good and poor. None of it speaks of money: without a discount there is none to give.
"""

from churn_saver.data.retention.phrases import frames

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
w anything that we can do for your {plan}? [Just|Simply] @reply and we will gladly help
p is something about your {plan} not as it should be? Please @reply
b your {plan}: [anything to improve|any wishes]? Just @reply
w please tell us how you [like|enjoy] your {plan}: a [short|quick] reply to @this is enough
p please let us know what you think of your {plan}: @reply
b is your {plan} still right? Just @reply
w how do you like your {plan}? We would love to know: just @reply
p what could be better about your {plan}? Please @reply
w is your {plan} [still|] all that you want? We would love to know, so just @reply
p we would like to know what you think of your {plan}: please @reply
b [thoughts|questions] on your {plan}? @reply
w if your {plan} gives you any trouble, just @reply and we will [gladly|happily] help
p for help with your {plan}, [simply|just] @reply
w let us know what would make your {plan} better for you: [just|simply] @reply
b does your {plan} fit? @reply and tell us
w we would love to help with your {plan}: [just|simply] @reply
"""
_STEP = """
w just @reply and [we will help|tell us|let us know|we will look into it]
p please @reply [and let us know|and tell us|with your answer]
b just @reply
w it would make us happy to hear from you: just @reply
p @reply and we will [look into it|help|see to it]
b please @reply
w simply @reply, we [would love to help|are happy to help|are here for you]
p to tell us, [simply|just|please] @reply
b @reply and tell us
w please @reply, we are eager to know
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
w we are glad to help: [just|simply] @reply
p if so, please @reply
b any thoughts? Just @reply
w do tell us, [just|simply] @reply
p you can tell us here: [just|please] @reply
b let us know: [just|] @reply
w we are listening: [just|simply] @reply
p your answer helps us: please @reply
w we are all ears: [just|simply] @reply
p we are here to help: please @reply
b tell us: [just|] @reply
w help is only a [short|quick] reply to @this away
p if there is something, [simply|please] @reply and we will help
w whatever it is, just @reply and we will [gladly|happily] help
p @reply, and one of us will help
b a word is enough: @reply
w let us know how we can help: [just|simply] @reply
b we can help: just @reply
p please let us know: @reply
w it only takes a [moment|minute]: just @reply
p @reply if we can help
b just @reply, we will help
b one word will do: @reply
w we would be so glad to hear from you: [just|simply] @reply
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

ASKS = (
    *frames("ask", _ASK),
    *frames("care_step", _STEP),
    *frames("care_step", _STEP_VAGUE, weakness="vague_step"),
    *frames("care_step", _STEP_TWO, weakness="two_steps"),
)
