"""Let a language model write: many prompts at once, word by word, each until its end.

Our own loop instead of `generate`, since it gives back the very tokens that were drawn: what is learned
from must be what was written. Each row has its own draws from the seed, whatever batch it stands in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import DynamicCache

from churn_saver.errors import InputError
from churn_saver.message.batches import Batch, head_of, prompt_ids, right_padded, trunk_of
from churn_saver.message.pretrained import LanguageModel
from churn_saver.message.slot_rule import SlotRule


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote."""

    texts: tuple[str, ...]
    """Without white space around them."""
    batch: Batch
    """Prompts, and the very tokens that were drawn."""
    ended: Tensor
    """Which rows came to their end, shape (n,), bool; the others were cut."""


@torch.inference_mode()
def write(
    lm: LanguageModel,
    prompts: Sequence[str],
    *,
    max_new_tokens: int,
    temperature: float,
    seed: int,
    batch_size: int = 64,
) -> Written:
    """Write one response to each prompt; fastest with `merged(lm, bfloat16=True)`.

    Args:
        lm: Who writes.
        prompts: One for each response; the same one may stand there many times.
        max_new_tokens: The longest response, its end included.
        temperature: 1 draws as the model thinks, below is bolder in what is likely; 0 takes the likeliest.
        seed: Same seed, same draws.
        batch_size: Rows at a time.

    Raises:
        InputError: no prompt, a negative temperature, or a prompt that leaves no room.
    """
    if not prompts:
        raise InputError("there is no prompt, wanted at least one")
    if temperature < 0 or max_new_tokens < 1:
        raise InputError(
            f"temperature is {temperature} and max_new_tokens {max_new_tokens}, wanted 0 and 1 up"
        )
    asked = prompt_ids(lm.tokenizer, prompts)
    _fit(lm, asked, max_new_tokens)
    draws = torch.rand(len(asked), max_new_tokens, generator=torch.Generator().manual_seed(seed))
    rule = SlotRule.of(lm.tokenizer)
    order = sorted(range(len(asked)), key=lambda row: len(asked[row]))
    told: list[list[int]] = [[] for _ in asked]
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        found = _drawn(lm, [asked[row] for row in rows], draws[rows], temperature, rule)
        for row, ids in zip(rows, found, strict=True):
            told[row] = ids
    end, padding = int(lm.tokenizer.eos_token_id), int(lm.tokenizer.pad_token_id)
    texts = lm.tokenizer.batch_decode(
        [ids[:-1] if ids[-1] == end else ids for ids in told], clean_up_tokenization_spaces=False
    )
    ended = torch.tensor([ids[-1] == end for ids in told])
    return Written(tuple(text.strip() for text in texts), right_padded(asked, told, padding, rule), ended)


def _fit(lm: LanguageModel, asked: Sequence[Sequence[int]], max_new_tokens: int) -> None:
    room = lm.context
    for row, ids in enumerate(asked):
        if room is not None and len(ids) + max_new_tokens > room:
            raise InputError(
                f"prompt {row} has {len(ids)} tokens and {max_new_tokens} are to follow, {lm.name} reads "
                f"{room}: shorten the prompt or lower max_new_tokens"
            )


def _drawn(
    lm: LanguageModel, asked: Sequence[Sequence[int]], draws: Tensor, temperature: float, rule: SlotRule
) -> list[list[int]]:
    """Draw the tokens of one batch; a row that ended draws no more, and is no longer worked on."""
    trunk, head, device = trunk_of(lm.network), head_of(lm.network), lm.network.device
    told: list[list[int]] = [[] for _ in asked]
    live = torch.arange(len(asked))
    named = torch.stack([rule.found(torch.tensor(row)).any(dim=0) for row in asked]).to(device)
    held, last = torch.zeros_like(named), torch.full((len(asked),), rule.end, device=device)
    length = torch.zeros_like(last)
    cache = DynamicCache(config=lm.network.config)
    state, attention, positions = _read(lm, trunk, asked, cache)
    for step in range(draws.shape[1]):
        logits = rule.apply(head(state), rule.barred(named, held, last, length))
        chosen = _choice(logits, draws[live, step].to(device), temperature)
        for row, token in zip(live.tolist(), chosen.tolist(), strict=True):
            told[row].append(token)
        held, last, length = held | rule.found(chosen), chosen, length + rule.lengths(chosen)
        keep = (chosen != rule.end).nonzero()[:, 0]
        if len(keep) == 0 or step == draws.shape[1] - 1:
            break
        if len(keep) < len(live):
            cache.batch_select_indices(keep)
            live = live[keep.cpu()]
            last, attention, positions, named, held, length = (
                one[keep] for one in (last, attention, positions, named, held, length)
            )
        positions = positions + 1
        attention = torch.cat((attention, attention.new_ones(len(live), 1)), dim=1)
        state = trunk(
            input_ids=last[:, None],
            attention_mask=attention,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state[:, 0]
    return told


def _read(
    lm: LanguageModel, trunk: nn.Module, asked: Sequence[Sequence[int]], cache: DynamicCache
) -> tuple[Tensor, Tensor, Tensor]:
    """Read the prompts into the cache, filled up on the left; one that stands there often is read once."""
    device, padding, width = lm.network.device, int(lm.tokenizer.pad_token_id), max(map(len, asked))
    once = list(dict.fromkeys(map(tuple, asked)))
    ids = torch.tensor([[padding] * (width - len(row)) + list(row) for row in once], device=device)
    lengths = torch.tensor([[len(row)] for row in once], device=device)
    attention = (torch.arange(width, device=device) >= width - lengths).long()
    positions = (attention.cumsum(dim=1) - 1).clamp_(min=0)
    state: Tensor = trunk(
        input_ids=ids, attention_mask=attention, position_ids=positions, past_key_values=cache, use_cache=True
    ).last_hidden_state[:, -1]
    place = {row: at for at, row in enumerate(once)}
    rows = torch.tensor([place[tuple(row)] for row in asked], device=device)
    cache.batch_select_indices(rows)
    return state[rows], attention[rows], positions[rows, -1:]


def _choice(logits: Tensor, draws: Tensor, temperature: float) -> Tensor:
    """Choose a word in each row, where the running sum of probabilities passes the draw."""
    if temperature == 0:
        return logits.argmax(dim=1)
    sums = (logits.float() / temperature).softmax(dim=1).cumsum(dim=1)
    return torch.searchsorted(sums, draws[:, None] * sums[:, -1:], right=True)[:, 0].clamp(
        max=sums.shape[1] - 1
    )
