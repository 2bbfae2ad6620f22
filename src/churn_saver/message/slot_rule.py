"""Which words a draft can hold, and when it ends: decided while it is written, not found out after.

    a slot that the prompt does not name    there is no value for it: its probability is 0
    a slot that stands already    likewise: a fact is told once
    the end, before the slots without which no text may be sent    likewise
    the end, before a text is long enough to be sent    likewise
    what is no letter, space or mark of a sentence    likewise: one line, whose numbers stand in slots
    after a space by itself, all but a slot    likewise; without a slot to tell, such a space too
    after the end of a sentence, all but the end, a capital and a slot    likewise
    after the end of a sentence that leaves no room for another, all but the end    likewise

What is left shares the probability, and the log-probabilities that are learned from are of these shares.
Source: Huang & Ontañón, A Closer Look at Invalid Action Masking in Policy Gradient Algorithms, 2022,
https://arxiv.org/abs/2006.14171 (the gradient of a policy with barred actions is a valid one).
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from churn_saver.domain.slots import (
    DEMANDED,
    DURATION,
    NAME,
    NEXT_BILL,
    OFFER,
    PLAN,
    PLANS,
    SHORTEST,
    SLOTS,
    TENURE,
    VALID_UNTIL,
)
from churn_saver.message.pretrained import slot_ids

FULL = 120
"""Characters with the shortest facts from which no sentence is begun, so that the longest ones have room."""
_FACTS = {
    NAME: 2,
    TENURE: len("1 month"),
    OFFER: len("5%"),
    PLAN: min(map(len, PLANS.values())),
    DURATION: len(NEXT_BILL),
    VALID_UNTIL: len("1 May 2026"),
}
"""Characters of the shortest ones; a name of one letter is rare, and the shield sees to it."""
_BARRED = -1e4
"""Instead of −∞, whose product with 0 is no number; exp of it is 0 in 32 bits."""
_MARKS = frozenset(" .,:;?!'’-–—")
_SPACES = (" ", "Ġ", "▁")
"""How tokenizers write the space before a word."""


@dataclass(frozen=True, slots=True)
class SlotRule:
    """The k slots, the end and all other words, by their tokens."""

    slots: tuple[int, ...]
    demanded: tuple[bool, ...]
    """Which of the slots a draft has to hold where its prompt names them."""
    end: int
    space: int
    """The space that stands before a slot; one of `never` where the words know none."""
    never: tuple[int, ...]
    """No words of a sentence."""
    closing: Tensor
    """Which words end a sentence, shape (words,), bool."""
    opening: Tensor
    """Which may follow one, the end among them, likewise."""
    widths: Tensor
    """Characters with the shortest facts, shape (words,), int64."""

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerFast) -> "SlotRule":
        """Give the rule in the tokens of a model."""
        return _rule_of(tokenizer)

    def barred(self, named: Tensor, held: Tensor, last: Tensor, length: Tensor) -> Tensor:
        """Say which words cannot come next.

        Args:
            named: Which slots the prompts name, shape (…, k), bool.
            held: Which the drafts hold so far, likewise.
            last: Words that the drafts end in so far, before the first one the end; shape (…), int64.
            length: Characters of the drafts so far, with the shortest facts, likewise.

        Returns:
            The slots, the end, the space by itself; then all that opens no sentence, all but slots, all
            but the end; shape (…, k + 5), bool.
        """
        left = named & ~held
        owed = (left & torch.tensor(self.demanded, device=named.device)).any(dim=-1)
        closed = self.closing.to(last.device)[last]
        full = closed & ~owed & (length >= FULL)
        early = owed | (length < SHORTEST)
        others = torch.stack((early, ~left.any(dim=-1), closed, last == self.space, full), dim=-1)
        return torch.cat((~left, others), dim=-1)

    def apply(self, logits: Tensor, barred: Tensor) -> Tensor:
        """Take barred words out of the running, in place. Shapes: (n, words), (n, k + 5) → (n, words)."""
        logits[:, torch.tensor(self.never, device=logits.device)] = _BARRED
        words = torch.tensor((*self.slots, self.end, self.space), device=logits.device)
        logits[:, words] = logits[:, words].masked_fill(barred[:, :-3], _BARRED)
        for column, kept in enumerate((self.opening, self._only(*self.slots), self._only(self.end)), -3):
            rows = barred[:, column].nonzero()[:, 0]
            logits[rows] = logits[rows].masked_fill(~kept.to(logits.device), _BARRED)
        return logits

    def found(self, ids: Tensor) -> Tensor:
        """Say where slots stand. Shapes: (…) of tokens → (…, k), bool."""
        return ids[..., None] == torch.tensor(self.slots, device=ids.device)

    def lengths(self, ids: Tensor) -> Tensor:
        """Count characters with the shortest facts. Shapes: (…) of tokens → (…), int64."""
        return self.widths.to(ids.device)[ids]

    def barred_in(self, ids: Tensor, attention: Tensor, response: Tensor) -> Tensor:
        """Say what could not follow each token of whole drafts.

        Args:
            ids: Of prompts and drafts, shape (n, T).
            attention: Which are none of the filling, shape (n, T), bool.
            response: Which belong to the drafts, shape (n, T), bool.

        Returns:
            Of the word after each token, shape (n, T, k + 5), bool.
        """
        slots = self.found(ids)
        named = (slots & (attention & ~response)[..., None]).any(dim=1, keepdim=True)
        held = (slots & response[..., None]).cumsum(dim=1) > 0
        length = (self.lengths(ids) * response).cumsum(dim=1)
        return self.barred(named.expand_as(held), held, ids.where(response, self.end), length)

    def _only(self, *words: int) -> Tensor:
        kept = torch.zeros_like(self.opening)
        kept[list(words)] = True
        return kept


@lru_cache(maxsize=4)
def _rule_of(tokenizer: PreTrainedTokenizerFast) -> SlotRule:
    """Read all words once for each tokenizer."""
    slots, end, every = tuple(slot_ids(tokenizer)), int(tokenizer.eos_token_id), range(len(tokenizer))
    words = tokenizer.batch_decode([[word] for word in every], clean_up_tokenization_spaces=False)
    # By the tokens themselves: some tokenizers drop the space of a word that is decoded alone.
    tokens = [str(token) for token in tokenizer.convert_ids_to_tokens(list(every))]
    marks, kept = set(tokenizer.added_tokens_decoder), {*slots, end}
    never = tuple(
        word for word in every if word not in kept and (word in marks or not _is_plain(words[word]))
    )
    closing = torch.tensor([word.endswith((".", "!", "?")) for word in words])
    spaces = any(token[1:] and token.startswith(_SPACES) for token in tokens)
    opening = torch.tensor([not spaces or word == end or _opens(tokens[word]) for word in every])
    space = next((word for word in every if tokens[word] in _SPACES), never[0])
    demanded = tuple(slot in DEMANDED for slot in SLOTS)
    widths = torch.tensor([0 if word == end else len(words[word]) for word in every])
    widths[list(slots)] = torch.tensor([_FACTS[slot] for slot in SLOTS])
    return SlotRule(slots, demanded, end, space, never, closing, opening, widths)


def _is_plain(word: str) -> bool:
    return all(letter in _MARKS or letter.isalpha() for letter in word)


def _opens(token: str) -> bool:
    """Say whether a token is a space, or one with a capital after it."""
    return token in _SPACES or (token.startswith(_SPACES) and token[1].isupper())
