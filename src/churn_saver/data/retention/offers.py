"""How a discount is worded: how much, off which bill, and with the next step in one sentence.

Only wording, good and poor; every frame states what it names by slots alone.
"""

from churn_saver.data.retention.phrases import KNOWN, frames

_OFFER = """
w we would [love|like] to [thank you|say thank you] with {offer} off {duration}
p we would like to [take|give you] {offer} off {duration}
b {offer} off {duration} [is yours|is for you|is waiting for you]
w here is {offer} off {duration}, [with our thanks|from all of us|just for you]
p you can have {offer} off {duration}
b [take|enjoy|have] {offer} off {duration}
w please enjoy {offer} off {duration}[|, with our thanks|, it is well earned]
p we can take {offer} off {duration}
w we have [set aside|kept|put aside] {offer} off {duration} for you
pb here is {offer} off {duration}
b for you: {offer} off {duration}
w as a [small|little|] thank-you, [here is|enjoy|please take] {offer} off {duration}
p we are offering you {offer} off {duration}
b we have {offer} off {duration} for you
w it is our turn to give something back: {offer} off {duration}
p we can make {duration} {offer} lower
w we are [happy|glad|delighted] to take {offer} off {duration}
p we have {offer} off {duration} [ready|set aside] for you
b get {offer} off {duration}
w to [say thank you|show it], we will [gladly|happily] take {offer} off {duration}
p to thank you, we [offer|would like to offer] you {offer} off {duration}
b we can take {offer} off {duration}
w you deserve [a thank-you|something nice|a treat]: {offer} off {duration}
p you are welcome to {offer} off {duration}
w there is {offer} off {duration} waiting [|here ]for you
p as thanks, we take {offer} off {duration}
b a thank-you on {duration}: {offer} off
w let us make {duration} {offer} [lower|lighter]
p we will take {offer} off {duration} for you
w we have something for you: {offer} off {duration}
wp let us say it with a discount: {offer} off {duration}
b [a thank-you|thanks from us]: {offer} off {duration}
w we have [kept|saved] something for you: {offer} off {duration}
p {offer} off {duration} is [ready|waiting] for you
b yours: {offer} off {duration}
w it would make us happy to take {offer} off {duration}
p you [get|receive] {offer} off {duration} from us
b {offer} off {duration}, for you
b here you go: {offer} off {duration}
w {offer} off {duration} is our way of saying thank you
w we are pleased to [offer|give] you {offer} off {duration}
p you can take {offer} off {duration}
b ready for you: {offer} off {duration}
w it is our pleasure to take {offer} off {duration}
p for you, we take {offer} off {duration}
b {offer} off {duration} [awaits you|is ready]
w a [little|small] something from us: {offer} off {duration}
p our offer to you is {offer} off {duration}
w with our [warm|best] thanks: {offer} off {duration}
p our thanks to you: {offer} off {duration}
b please take {offer} off {duration}
w how about {offer} off {duration}, as a thank-you from [all of us|us]?
p we would like {duration} to be {offer} lower for you
w we are [happy|glad] to make {duration} {offer} lower for you
b our offer: {offer} off {duration}
w enjoy {offer} off {duration}, from all of us
"""
_OFFER_PLAN = """
wp as you are on our {plan}, we can take {offer} off {duration}
wp you have a {plan} with us, and here is {offer} off {duration}
wpb here is {offer} off {duration} on your {plan}
wpb we would like to take {offer} off {duration} for your {plan}
wp your {plan} comes with {offer} off {duration}
wp for the {plan} that you have, there is {offer} off {duration}
b for the {plan}: {offer} off {duration}
wpb take {offer} off {duration} with your {plan}
p because you hold a {plan}, we offer {offer} off {duration}
w we see that you have our {plan}, so enjoy {offer} off {duration}
b your {plan}: {offer} off {duration}
wp since your plan with us is a {plan}, please take {offer} off {duration}
p on the {plan} which you have, we take {offer} off {duration}
b on your {plan}, {offer} off {duration}
wp yours is a {plan}, and we would like to take {offer} off {duration}
wpb {offer} off {duration}, as you are on a {plan}
"""
_OFFER_COLD = """
wp your account qualifies for {offer} off {duration}
wpb on acceptance {offer} will be deducted from {duration}
wp an adjustment of {offer} off {duration} has been approved
wp the system has assigned {offer} off {duration} to your account
p a reduction of {duration} by {offer} has been provided for
wp note that {duration} is eligible for a deduction of {offer}
wpb entitlement: {offer} off {duration}
wp it has been decided that {offer} off {duration} may be granted
wp {offer} off {duration} can be processed upon receipt of your confirmation
p an allowance of {offer} on {duration} was generated for this account
wp you have been placed in the group that receives {offer} off {duration}
b eligible: {offer} off {duration}
p we note that {duration} shall be reduced by {offer} once this is confirmed
wp in line with our guidelines, {offer} off {duration} is available
b status: {offer} off {duration} available
wp your file has been marked for {offer} off {duration}
"""
_OFFER_WORDY = """
wp we are writing to let you know that we would be in a position to take {offer} off {duration}
wp after having looked at things, we have come to the view that we can take {offer} off {duration}
wp please be so kind as to take note of the fact that there is {offer} off {duration} for you
wpb what we would like to do, if we may, is to take {offer} off {duration}
wp it is with a good deal of pleasure that we are able to tell you of {offer} off {duration}
wpb we just wanted to quickly let you know that, basically, there is {offer} off {duration}
wp among the many things that we could do for you, one is to take {offer} off {duration}
wp having given the matter some thought, we find that {offer} off {duration} would be in order
wp it may interest you to learn that it is possible for us to take {offer} off {duration}
wpb in short, or to put it another way, there is {offer} off {duration} for you
wp we would, all things considered, be more than happy to be able to take {offer} off {duration}
p for the sake of good order we note that we are able to take {offer} off {duration}
wp as it happens, and we hope you do not mind, we can take {offer} off {duration}
b so, as it were, we can take {offer} off {duration}, you see
wp the thing that we wanted to tell you about is that there is {offer} off {duration}
wp what this comes down to in the end is that we can take {offer} off {duration}
"""
_THANKED_OFFER = """
w as a [thank-you|small thank-you] for {tenure} with us, [here is|enjoy|please take] {offer} off {duration}
p to thank you for {tenure} with us, we [would like to|will|can] take {offer} off {duration}
b thanks for {tenure}: [here is |enjoy |]{offer} off {duration}
w to [celebrate|mark] {tenure} together, [enjoy|here is|please take] {offer} off {duration}
p here is {offer} off {duration} to thank you for {tenure} with us
b {offer} off {duration} to thank you for {tenure}
w {tenure} with us deserves a [proper|real|] thank-you: {offer} off {duration}
p because you have been with us for {tenure}, we [would like to|will] take {offer} off {duration}
w we would love to thank you for {tenure} with us, with {offer} off {duration}
p after {tenure} with us, we would like to [offer you|give you] {offer} off {duration}
b {tenure} with us: [enjoy |take |]{offer} off {duration}
w please enjoy {offer} off {duration}, with our thanks for {tenure} together
p you have been with us for {tenure}: to thank you, we take {offer} off {duration}
b with thanks for {tenure}: {offer} off {duration}
w you have been with us for {tenure}, and that calls for {offer} off {duration}
p as thanks for {tenure} with us, [here is|you have] {offer} off {duration}
w {tenure} together, and we would love to give you {offer} off {duration}
p to say thank you for {tenure} with us, we take {offer} off {duration}
b after {tenure} with us: {offer} off {duration}
w we are grateful for {tenure} with you: enjoy {offer} off {duration}
p as thanks for {tenure}, you can have {offer} off {duration}
b thank you for {tenure}: {offer} off {duration}
w {tenure} together: let us say thank you with {offer} off {duration}
p thank you for {tenure} with us: we would like to take {offer} off {duration}
w thank you [so much|] for {tenure}: [here is|please enjoy] {offer} off {duration}
p to thank you for {tenure}, we offer you {offer} off {duration}
b our thanks for {tenure}: {offer} off {duration}
w after {tenure} together, it is our turn: {offer} off {duration}
p you have been our customer for {tenure}, so we would like to take {offer} off {duration}
w {tenure} with you have been a pleasure: please take {offer} off {duration}
b {tenure} with us, and {offer} off {duration} for it
w with a warm thank-you for {tenure}: {offer} off {duration}
"""
_DEAL = """
w [just|simply] @reply by {valid_until} and we will [gladly|happily|] take {offer} off {duration}
p [please|] @reply by {valid_until} and we will take {offer} off {duration}
b {offer} off {duration}: [just|] @reply by {valid_until}
w if you @reply by {valid_until}, we will [gladly|happily] take {offer} off {duration}
p for {offer} off {duration}, [please|just|] @reply by {valid_until}
b @reply by {valid_until} for {offer} off {duration}
w we would love to take {offer} off {duration}: [just|simply] @reply by {valid_until}
p to [get|receive|have] {offer} off {duration}, @reply by {valid_until}
b reply by {valid_until}: {offer} off {duration}
w here is {offer} off {duration}, [just|simply] @reply by {valid_until}
p we will take {offer} off {duration} if you @reply by {valid_until}
b [want|would you like] {offer} off {duration}? [Reply|Just reply] by {valid_until}
w to say thank you, we will take {offer} off {duration} when you @reply by {valid_until}
p we would like to take {offer} off {duration}: please @reply by {valid_until}
b reply yes by {valid_until} to [get|take] {offer} off {duration}
w a short reply to @this by {valid_until} brings you {offer} off {duration}
wp @reply by {valid_until}, and {duration} will be {offer} lower
p would you like {offer} off {duration}? Please @reply by {valid_until}
b for {offer} off {duration}, reply by {valid_until}
w would you like {offer} off {duration}? [Just|Simply] @reply by {valid_until}
p we can take {offer} off {duration}: @reply by {valid_until} [to accept|to have it]
b yours with a reply by {valid_until}: {offer} off {duration}
w we have kept {offer} off {duration} for you, just @reply by {valid_until}
p tell us by {valid_until} if you want {offer} off {duration}: just @reply
w your next step is easy: [just|simply] @reply by {valid_until}, and {offer} comes off {duration}
p {offer} off {duration} is there for you: please @reply by {valid_until}
b {offer} off {duration} for a reply by {valid_until}
w {offer} off {duration} is kept for you: a [quick|short] reply to @this by {valid_until} is enough
p @reply by {valid_until} to [have|receive|get] {offer} off {duration}
b {offer} off {duration} is yours, reply by {valid_until}
p by {valid_until} you can [take|have] {offer} off {duration}: [please|just] @reply
b {offer} off {duration}, yours if you reply by {valid_until}
w [gladly|happily] we take {offer} off {duration}: a reply to @this by {valid_until} is all we need
p if you want {offer} off {duration}, [please|just] @reply by {valid_until}
b say yes to {offer} off {duration}: reply by {valid_until}
w {offer} off {duration} could be yours: [just|simply] @reply by {valid_until}
p with a reply to @this by {valid_until} you get {offer} off {duration}
b {offer} off {duration}? Reply yes by {valid_until}
w it would be our pleasure to take {offer} off {duration}: [just|simply] @reply by {valid_until}
w we will be [glad|happy] to take {offer} off {duration} once you @reply by {valid_until}
w [just|simply] @reply by {valid_until} and enjoy {offer} off {duration}
p please @reply by {valid_until} if you would like {offer} off {duration}
b {offer} off {duration}: say yes by {valid_until}, just reply
w it would be lovely to take {offer} off {duration}: [just|simply] @reply by {valid_until}
p we take {offer} off {duration} if you @reply by {valid_until}
b take {offer} off {duration}: @reply by {valid_until}
w say yes by {valid_until} and enjoy {offer} off {duration}: [just|simply] @reply
p to take {offer} off {duration}, please @reply by {valid_until}
w we are [happy|delighted] to take {offer} off {duration} when you @reply by {valid_until}
p {offer} off {duration} is yours if you @reply by {valid_until}
b get {offer} off {duration}: [just|] @reply by {valid_until}
w may we take {offer} off {duration}? [Just|Simply] @reply by {valid_until}
p @reply by {valid_until} and {offer} comes off {duration}
w let us take {offer} off {duration}: a [short|quick] reply to @this by {valid_until} is all it takes
b have {offer} off {duration}: reply by {valid_until}
w one [short|quick] reply to @this by {valid_until}, and {offer} comes off {duration}
"""

OFFERS = (
    *frames("offer", _OFFER),
    *frames("offer", _OFFER_PLAN, weakness="idle_plan"),
    *frames("offer", _OFFER_COLD, weakness="cold"),
    *frames("offer", _OFFER_WORDY, weakness="wordy"),
    *frames("thanked_offer", _THANKED_OFFER, KNOWN),
    *frames("deal", _DEAL),
)
