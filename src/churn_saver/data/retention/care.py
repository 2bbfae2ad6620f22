"""How a message without a discount asks: questions, alone or with thanks.

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
w do you [still|] enjoy your {plan}?
p is your {plan} what you need?
b your {plan}: [all well|all good]?
w how is it going with your {plan}?
p do you have any wishes for your {plan}?
b [pleased|satisfied] with your {plan}?
w what do you like about your {plan}, and what could be better?
p does your {plan} still suit your needs?
w we hope you enjoy your {plan}: is there anything we could do better?
p would you change anything about your {plan}?
b any wishes for your {plan}?
w do you feel at home with your {plan}?
p how do you find your {plan}?
w are you getting all you hoped for from your {plan}?
p what do you think of your {plan}?
b does your {plan} fit?
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
w we are grateful for {tenure} with you, so tell us: what could we do better?
p you have been our customer for {tenure}: is your {plan} still right for you?
b {tenure} with us, thank you: how is your {plan}?
w after {tenure} together, we would love to know how your {plan} suits you
p after {tenure} with us, does your {plan} still do what you need?
b thank you for {tenure}. Happy with your {plan}?
w you have been here for {tenure}, and we thank you: how do you like your {plan}?
p thank you for {tenure} as our customer. How is your {plan} working for you?
w thank you so much for {tenure}: are you [still|] happy with your {plan}?
p thank you for {tenure} with us. How well does your {plan} serve you?
b thanks for {tenure}. Is your {plan} still right?
w {tenure} together: how do you feel about your {plan}?
p you have been with us for {tenure}. What should we do better?
w we thank you for {tenure} and would love to hear: is your {plan} all you hoped for?
b after {tenure}: happy with your {plan}?
w thank you for {tenure} together! How is life with your {plan}?
"""

CARE = (
    *frames("care", _CARE),
    *frames("care", _CARE_PLAN, weakness="idle_plan"),
    *frames("care", _CARE_COLD, weakness="cold"),
    *frames("care", _CARE_WORDY, weakness="wordy"),
    *frames("thanked_care", _THANKED_CARE, KNOWN),
)
