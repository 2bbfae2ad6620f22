"""Which words a draft can hold, and when it can end: decided while it is written, not found out after.

    a slot that the prompt does not name    there is no value for it: its probability is 0
    a slot that stands already    likewise: a fact is told once
    the end, before the slots without which no text may be sent    likewise
    what is no letter, space or mark of a sentence    likewise: one line, whose numbers stand in slots
    after the end of a sentence, a word without a space before it    likewise

The last is what a model falls back on that wanted to end and may not: "Thank you.LEGATO".
What is left shares the probability, and the log-probabilities that are learned from are of these shares.
Source: Huang & Ontañón, A Closer Look at Invalid Action Masking in Policy Gradient Algorithms, 2022,
https://arxiv.org/abs/2006.14171 (the gradient of a policy with barred actions is a valid one).
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from churn_saver.domain.slots import DEMANDED, SLOTS
from churn_saver.message.pretrained import slot_ids

_BARRED = -1e4
"""Instead of −∞, whose product with 0 is no number; exp of it is 0 in 32 bits."""
_MARKS = frozenset(" .,:;?!'’-–—")
_SPACES = (" ", "Ġ", "▁")
"""How tokenizers write the space before a word."""


@dataclass(frozen=True, slots=True)
class SlotRule:
    """The k slots and the end, by their tokens."""

    slots: tuple[int, ...]
    demanded: tuple[bool, ...]
    """Which of the slots a draft has to hold where its prompt names them."""
    end: int
    never: tuple[int, ...]
    """No words of a sentence."""
    closing: Tensor
    """Which words end a sentence, shape (words,), bool."""
    joined: Tensor
    """Which stand next to the word before, likewise; the end is none of them."""

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerFast) -> "SlotRule":
        """Give the rule in the tokens of a model."""
        return _rule_of(tokenizer)

    def barred(self, named: Tensor, held: Tensor, closed: Tensor) -> Tensor:
        """Say which words cannot come next.

        Args:
            named: Which slots the prompts name, shape (…, k), bool.
            held: Which the drafts hold so far, likewise.
            closed: Whether the last word ended a sentence, shape (…), bool.

        Returns:
            The slots, then the end, then all words without a space, shape (…, k + 2), bool.
        """
        demanded = torch.tensor(self.demanded, device=named.device)
        lacks = (named & demanded & ~held).any(dim=-1, keepdim=True)
        return torch.cat((~named | held, lacks, closed[..., None]), dim=-1)

    def apply(self, logits: Tensor, barred: Tensor) -> Tensor:
        """Take barred words out of the running, in place. Shapes: (n, words), (n, k + 2) → (n, words)."""
        logits[:, torch.tensor(self.never, device=logits.device)] = _BARRED
        words = torch.tensor((*self.slots, self.end), device=logits.device)
        logits[:, words] = logits[:, words].masked_fill(barred[:, :-1], _BARRED)
        closed = barred[:, -1].nonzero()[:, 0]
        logits[closed] = logits[closed].masked_fill(self.joined.to(logits.device), _BARRED)
        return logits

    def closed(self, ids: Tensor) -> Tensor:
        """Say where sentences end. Shapes: (…) of tokens → (…), bool."""
        return self.closing.to(ids.device)[ids]

    def found(self, ids: Tensor) -> Tensor:
        """Say where slots stand. Shapes: (…) of tokens → (…, k), bool."""
        return ids[..., None] == torch.tensor(self.slots, device=ids.device)

    def barred_in(self, ids: Tensor, attention: Tensor, response: Tensor) -> Tensor:
        """Say what could not follow each token of whole drafts.

        Args:
            ids: Of prompts and drafts, shape (n, T).
            attention: Which are none of the filling, shape (n, T), bool.
            response: Which belong to the drafts, shape (n, T), bool.

        Returns:
            Of the word after each token, shape (n, T, k + 2), bool.
        """
        slots = self.found(ids)
        named = (slots & (attention & ~response)[..., None]).any(dim=1, keepdim=True)
        held = (slots & response[..., None]).cumsum(dim=1) > 0
        return self.barred(named.expand_as(held), held, self.closed(ids) & response)


def _is_plain(word: str) -> bool:
    return all(letter in _MARKS or letter.isalpha() for letter in word)


@lru_cache(maxsize=4)
def _rule_of(tokenizer: PreTrainedTokenizerFast) -> SlotRule:
    """Read all words once for each tokenizer."""
    slots, end, every = tuple(slot_ids(tokenizer)), int(tokenizer.eos_token_id), range(len(tokenizer))
    words = tokenizer.batch_decode([[word] for word in every], clean_up_tokenization_spaces=False)
    marks, kept = set(tokenizer.added_tokens_decoder), {*slots, end}
    never = tuple(
        word for word in every if word not in kept and (word in marks or not _is_plain(words[word]))
    )
    closing = torch.tensor([word.endswith((".", "!", "?")) for word in words])
    # By the tokens themselves: some tokenizers drop the space of a word that is decoded alone.
    spaced = [str(token).startswith(_SPACES) for token in tokenizer.convert_ids_to_tokens(list(every))]
    joined = torch.tensor([not space and word != end for word, space in enumerate(spaced)])
    demanded = tuple(slot in DEMANDED for slot in SLOTS)
    return SlotRule(slots, demanded, end, never, closing, joined & any(spaced))
