"""Prompts and responses as tokens, and how likely a network finds the tokens of a response.

Prompt and response are tokenised apart and their ids concatenated: no token reaches over the border.
Figures cost what the response costs: the head reads its positions alone, and a table of all words for
them is kept once, in the precision it was made in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from churn_saver.errors import InputError
from churn_saver.message.slot_rule import SlotRule

ASKING = "\nReply: "
"""What stands between a prompt and its response; put after a prompt that does not end with it."""
_ROWS = 64
"""Positions whose words are in 32 bits at a time."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Prompts with their responses, filled up on the right.

    Shapes:
        n rows, T tokens of the longest.
    """

    ids: Tensor
    """Tokens, shape (n, T), int64."""
    attention: Tensor
    """Which of them are none of the filling, shape (n, T), bool."""
    response: Tensor
    """Which belong to the response, its end included, shape (n, T), bool."""
    rule: SlotRule | None = None
    """That the responses were written under; None: every word could come anywhere."""

    @property
    def lengths(self) -> list[int]:
        """Count the tokens of each row, prompt and response together."""
        found: list[int] = self.attention.sum(dim=1).tolist()
        return found

    def at(self, rows: Tensor) -> "Batch":
        """Give some of the rows, as wide as before. Shapes: (k,) → k rows."""
        return Batch(self.ids[rows], self.attention[rows], self.response[rows], self.rule)

    def to(self, device: torch.device) -> "Batch":
        """Give the same rows on a device; those that are there already are not copied."""
        return Batch(self.ids.to(device), self.attention.to(device), self.response.to(device), self.rule)

    def narrowed(self, width: int) -> "Batch":
        """Leave out what stands behind a place; nothing but filling should. Shapes: T → width."""
        return Batch(self.ids[:, :width], self.attention[:, :width], self.response[:, :width], self.rule)


def prompt_ids(tokenizer: PreTrainedTokenizerFast, prompts: Sequence[str]) -> list[list[int]]:
    """Tokenise prompts, with whatever the model wants at the beginning."""
    asked = [prompt if prompt.endswith(ASKING) else prompt + ASKING for prompt in prompts]
    if not asked:
        return []
    found: list[list[int]] = tokenizer(asked)["input_ids"]
    return [ids[:-1] if len(ids) > 1 and ids[-1] == tokenizer.eos_token_id else ids for ids in found]


def response_ids(tokenizer: PreTrainedTokenizerFast, responses: Sequence[str]) -> list[list[int]]:
    """Tokenise responses, each with the end after it."""
    if not responses:
        return []
    found: list[list[int]] = tokenizer(list(responses), add_special_tokens=False)["input_ids"]
    return [[*ids, int(tokenizer.eos_token_id)] for ids in found]


def encoded(
    tokenizer: PreTrainedTokenizerFast, prompts: Sequence[str], responses: Sequence[str], max_tokens: int
) -> Batch:
    """Tokenise pairs, as `language_model.encode`."""
    if len(prompts) != len(responses):
        raise InputError(f"{len(prompts)} prompts have {len(responses)} responses, wanted one for each")
    if not prompts:
        raise InputError("there is no prompt, wanted at least one")
    asked, told = prompt_ids(tokenizer, prompts), response_ids(tokenizer, responses)
    for row, (before, after) in enumerate(zip(asked, told, strict=True)):
        if len(before) + len(after) > max_tokens:
            raise InputError(
                f"row {row} has {len(before)} tokens of prompt and {len(after)} of response, wanted at most "
                f"{max_tokens} together: shorten it, leave it out, or raise max_tokens"
            )
    return right_padded(asked, told, int(tokenizer.pad_token_id))


def right_padded(
    prompts: Sequence[Sequence[int]],
    responses: Sequence[Sequence[int]],
    padding: int,
    rule: SlotRule | None = None,
) -> Batch:
    """Put prompts and responses side by side, filled up on the right."""
    rows = [torch.tensor([*before, *after]) for before, after in zip(prompts, responses, strict=True)]
    lengths = torch.tensor([len(row) for row in rows])
    starts = torch.tensor([len(before) for before in prompts])
    ids = pad_sequence(rows, batch_first=True, padding_value=padding)
    places = torch.arange(ids.shape[1])
    attention = places < lengths[:, None]
    return Batch(ids, attention, attention & (places >= starts[:, None]), rule)


def token_log_probs(network: PreTrainedModel, batch: Batch, temperature: float = 1.0) -> Tensor:
    """Give the log-probability of each token of the responses.

    Args:
        network: Which finds them likely or not.
        batch: Prompts and responses.
        temperature: That the words are drawn at.

    Returns:
        log p(ids[:, t] | ids before t), 0 outside the response, shape (n, T), float32; under the rule of
        the batch.
    """
    return token_figures(network, batch, entropy=False, temperature=temperature)[0]


def hidden_states(network: PreTrainedModel, ids: Tensor, attention: Tensor) -> Tensor:
    """Run all but the head of words. Shapes: (n, T), (n, T) → (n, T, d)."""
    trunk = trunk_of(network)
    found: Tensor = trunk(input_ids=ids, attention_mask=attention.long(), use_cache=False).last_hidden_state
    return found


def token_figures(
    network: PreTrainedModel, batch: Batch, entropy: bool = True, temperature: float = 1.0
) -> tuple[Tensor, Tensor]:
    """Give log-probabilities and entropies in one pass; without `entropy` the second is 0 throughout."""
    width = int(batch.attention.sum(dim=1).max())
    device = network.device
    ids, attention = batch.ids[:, :width].to(device), batch.attention[:, :width].to(device)
    response = batch.response[:, :width].to(device)
    inside = response[:, 1:]
    hidden = hidden_states(network, ids, attention)[:, :-1][inside]
    logits = head_of(network)(hidden)
    if batch.rule is not None:
        logits = batch.rule.apply(logits, batch.rule.barred_in(ids, attention, response)[:, :-1][inside])
    found = _Figures.apply(  # type: ignore[no-untyped-call]
        logits, ids[:, 1:][inside], 1.0 / temperature, entropy
    )
    shape = batch.ids.shape
    empty = torch.zeros(shape, dtype=torch.float32, device=device)
    place = torch.zeros(shape, dtype=torch.bool, device=device)
    place[:, 1:width] = inside
    return empty.masked_scatter(place, found[0]), empty.masked_scatter(place, found[1])


def trunk_of(network: PreTrainedModel) -> nn.Module:
    """Give all of a network but the head, its adapters on it: the head is worked where it is needed alone."""
    whole = network.get_base_model() if isinstance(network, PeftModel) else network
    trunk: nn.Module = getattr(whole, whole.base_model_prefix)
    return trunk


def head_of(network: PreTrainedModel) -> nn.Module:
    """Give the layer that turns a state into a number for each word."""
    head: nn.Module = network.get_output_embeddings()  # type: ignore[no-untyped-call]
    return head


class _Figures(torch.autograd.Function):
    """Log-probability of one word and entropy of all, of logits that stay in their own precision.

    With p = softmax(z / T): d log p_w / d z_j = ([j = w] - p_j) / T, d H / d z_j = -p_j (log p_j + H) / T.
    """

    @staticmethod
    def forward(
        context: torch.autograd.function.FunctionCtx,
        logits: Tensor,
        words: Tensor,
        sharpness: float,
        entropy: bool,
    ) -> tuple[Tensor, Tensor]:
        chosen = torch.empty(len(words), dtype=torch.float32, device=logits.device)
        normal, spread = torch.empty_like(chosen), torch.zeros_like(chosen)
        for start in range(0, len(words), _ROWS):
            rows = slice(start, start + _ROWS)
            z = logits[rows].float() * sharpness
            normal[rows] = z.logsumexp(dim=1)
            chosen[rows] = z.gather(1, words[rows, None])[:, 0] - normal[rows]
            if entropy:
                p = (z - normal[rows, None]).exp_()
                spread[rows] = normal[rows] - p.mul_(z).sum(dim=1)
        context.save_for_backward(logits, words, normal, spread)
        context.sharpness = sharpness  # type: ignore[attr-defined]
        context.entropy = entropy  # type: ignore[attr-defined]
        return chosen, spread

    @staticmethod
    def backward(
        context: torch.autograd.function.FunctionCtx, slope: Tensor, spread_slope: Tensor
    ) -> tuple[Tensor, None, None, None]:
        logits, words, normal, spread = context.saved_tensors  # type: ignore[attr-defined]
        sharpness: float = context.sharpness  # type: ignore[attr-defined]
        found = torch.empty_like(logits)
        for start in range(0, len(words), _ROWS):
            rows = slice(start, start + _ROWS)
            log_p = logits[rows].float().mul_(sharpness).sub_(normal[rows, None])
            p = log_p.exp()
            pull = slope[rows, None] * sharpness
            if context.entropy:  # type: ignore[attr-defined]
                tilt = log_p.add_(spread[rows, None]).mul_(spread_slope[rows, None] * sharpness).add_(pull)
                p.mul_(tilt).neg_()
            else:
                p.mul_(-pull)
            p.scatter_add_(1, words[rows, None], pull)
            found[rows] = p
        return found, None, None, None
