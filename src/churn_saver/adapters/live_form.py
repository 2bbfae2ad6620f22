"""The form of a draft, told to the live runtime as a grammar (GBNF), so that it can write no other.

    one line, without marks of markup, and braces around slots alone
    a slot that the brief does not name    there is no value for it
    anything but a space behind the end of a sentence    so no link and no "e.g." either

Drafts in training and in the bank keep the same rules (`message.slot_rule`), by tokens instead of letters.
They also cannot end before the slots that they owe; a live draft can, and the shield then leaves it to the
bank: what a model falls back on that wanted to end is no message, and nobody reads it before it is sent. The
runtime draws as the model thinks, and draws again among what fits where a draw does not. Knows no model.
Source: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
"""

from churn_saver.domain.briefs import Brief

_FORM = r"""root ::= "" | text root | stop ended | {slots}
ended ::= "" | " " root | stop ended
text ::= [^.!?{{}}<>\x00-\x1F\x7F]
stop ::= [.!?]"""


def form_of(brief: Brief) -> str:
    """Give the grammar of the drafts for a brief."""
    return _FORM.format(slots=" | ".join(f'"{{{slot}}}" root' for slot in brief.slots))
