"""What `generation.py` writes messages with: the shield of the service, drawn customers, plain drafts."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from churn_saver import shield
from churn_saver.config import Environment
from churn_saver.domain.briefs import TONES, Brief, every_brief, is_held_out
from churn_saver.domain.slots import PLANS, Context, Facts
from churn_saver.message.bank import APPROVED, Bank, Entry
from churn_saver.message.plain import drafts
from churn_saver.opening.settings import read_settings
from churn_saver.opening.toxicity import open_toxicity


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message that all contenders write."""

    facts: Facts
    draw: float
    brief: Brief


def rules_of_service() -> shield.Rules:
    """Give the shield as the service has it, with its classifier."""
    judge, lacks = open_toxicity()
    if lacks:
        raise SystemExit(f"generation: {lacks[0].fault}")
    return shield.Rules.of(read_settings(Environment())[1], judge)


def drawn_facts(rng: np.random.Generator) -> Facts:
    """Draw a customer."""
    percent = int(rng.choice((0, 5, 10, 15)))
    return Facts(
        "Jordan" if rng.random() < 0.8 else None, int(rng.integers(0, 72)), percent,
        list(PLANS)[int(rng.integers(len(PLANS)))], date(2026, 12, 12) if percent else None,
    )  # fmt: skip


def held_out_facts(rng: np.random.Generator, channel: str) -> Facts:
    """Draw a customer of a context that is kept from every training."""
    while not is_held_out(Context.of(facts := drawn_facts(rng), channel)):
        pass
    return facts


def plain_bank(channel: str) -> Bank:
    """Make a bank of plain drafts, where no other is."""
    contexts = {brief.context for brief in every_brief() if brief.context.channel == channel}
    spoken = {context: drafts(replace(context, channel="email")) for context in contexts}
    entries = [
        Entry(f"plain-{number}-{place}", Brief(context, TONES[1]), text, None, "plain", APPROVED)
        for number, context in enumerate(sorted(contexts, key=repr))
        for place, text in enumerate(spoken[context])
    ]
    return Bank(tuple(entries))
