"""How the next step towards a discount is worded: one, dated, by the channel that the message came by.

Only wording, good and poor; every frame states the last day by its slot alone.
"""

from churn_saver.data.retention.phrases import frames

_STEP = """
w just @reply by {valid_until} and [it is yours|we will take care of it|we will do the rest|we will apply it]
p [please|] @reply by {valid_until} [to use it|to accept|to take it up|and we will apply it]
b [just|] @reply by {valid_until}
w simply @reply by {valid_until}[|, and it is done|, we will do the rest|, that is all]
p to use it, [please|just|] @reply by {valid_until}
b reply by {valid_until} [to use it|to accept|and it is yours]
w all it takes is a [short|quick|] reply to @this by {valid_until}
p if you would like it, please @reply by {valid_until}
b reply yes by {valid_until}
wp if you would like it, just @reply by {valid_until}
p please @reply by {valid_until}
b to use it, reply by {valid_until}
w would you like it? Just @reply by {valid_until}
p @reply by {valid_until} [if you want it|and it is yours|to have it]
b [want it|interested]? Reply by {valid_until}
w @reply by {valid_until} and we will [gladly|happily] take care of it
p to accept, [simply|please|] @reply by {valid_until}
w a quick reply to @this by {valid_until} is all we need
b @reply by {valid_until} to [accept|use it|get it]
p all you need to do is @reply by {valid_until}
w please @reply by {valid_until}, and we will see to it
b a reply by {valid_until} is enough
p we will apply it once you @reply by {valid_until}
w say yes by {valid_until}: [just|simply] @reply
w one [short|quick] reply to @this by {valid_until} is enough[|, and we do the rest]
p we will take care of it if you @reply by {valid_until}
b say yes by {valid_until}: reply
w we will [gladly|happily] see to it once you @reply by {valid_until}
p your reply to @this by {valid_until} is all we need
b reply yes by {valid_until} to [accept|have it]
b a short reply by {valid_until} will do
p please let us know by {valid_until}: @reply
w if that sounds good, [just|simply] @reply by {valid_until}
p you can accept by {valid_until}: [please|just|] @reply
b sounds good? Reply by {valid_until}
w does that sound good? [Just|Simply] @reply by {valid_until}
p @reply by {valid_until}, and we will [add|apply] it
b a yes by {valid_until} is enough: reply
w would that help? [Just|Simply] @reply by {valid_until}, and we will see to it
b want it? Just reply by {valid_until}
w we would love to set it up for you: just @reply by {valid_until}
p to say yes, please @reply by {valid_until}
b interested? @reply by {valid_until}
w a few words by {valid_until} are enough: [just|simply] @reply
p please tell us by {valid_until}: @reply
b yes? Reply by {valid_until}
w [just|simply] @reply by {valid_until}, we look after the rest
p if you accept, please @reply by {valid_until}
w [just|simply] @reply by {valid_until} and enjoy it
p you have until {valid_until} to @reply
b to have it: @reply by {valid_until}
w it is yours with a [short|quick] reply to @this by {valid_until}
p @reply by {valid_until} to say yes
w we are happy to do it for you: just @reply by {valid_until}
p simply @reply by {valid_until} if you want to have it
b @reply by {valid_until}, that is all
"""
_STEP_VAGUE = """
wp it is there until {valid_until}[| if you want it|, should you need it]
wp you can think about it until {valid_until}
b have a think by {valid_until}
wpb feel free to use it some time before {valid_until}
wp do let us know what you think at some point before {valid_until}
wpb the date to keep in mind is {valid_until}
wpb this runs until {valid_until}
wp perhaps you would like to consider it before {valid_until}
b valid until {valid_until}
wp we will leave it with you until {valid_until}
wpb maybe it suits you before {valid_until}
wp you have until {valid_until} to make something of it
p it can be used up to and including {valid_until}
wpb consider it before {valid_until}
w it would be nice to hear something before {valid_until}, somehow
wpb it ends on {valid_until}
"""
_STEP_TWO = """
wp @reply by {valid_until}, or talk to our team, or look in your account
wp please @reply or ask in a shop by {valid_until}, then check your account
wpb @reply by {valid_until} and fill in the form in your account
wp write to us, visit us or look in the app by {valid_until}, whichever you prefer
b reply, or use the app, by {valid_until}
wp @reply by {valid_until}, rate our service and tell a friend
wp look in your account, then @reply by {valid_until}, then wait for our answer
wpb reply or chat with us by {valid_until}, and check the app too
wp you can @reply, open the app or see our team by {valid_until}
b use the app or reply by {valid_until}, then confirm
wp by {valid_until}, please log in, check your details and @reply
wp @reply by {valid_until} and also tell us what you think of our service
wpb reply by {valid_until}, update your details and see the app
w have a look at our pages, @reply by {valid_until}, and follow us too
wp either @reply or visit a shop by {valid_until}, as you prefer
wpb reply by {valid_until}, or use the form or the app instead
"""

STEPS = (
    *frames("step", _STEP),
    *frames("step", _STEP_VAGUE, weakness="vague_step"),
    *frames("step", _STEP_TWO, weakness="two_steps"),
)
