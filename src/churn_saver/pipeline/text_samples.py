"""What a message model writes for contexts that no training saw, and whether it may be sent.

Same briefs and same draws for every model, so that before and after can be read side by side. Knows no
stage and no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from churn_saver import shield
from churn_saver.domain.briefs import Brief, every_brief, is_held_out, prompt_of
from churn_saver.message.language_model import LanguageModel, write
from churn_saver.train.bank_building import written_violations

MOST_TOKENS = 64
"""Of a draft; one that goes on is cut, and judged as it is."""
LOOKED_AT = 48
"""Held-out briefs that a writer is measured on."""
SHOWN = 8
"""Drafts that a report shows."""
_SEED = 0


@dataclass(frozen=True, slots=True)
class Written:
    """Drafts of one model."""

    briefs: tuple[Brief, ...]
    greedy: tuple[str, ...]
    """The likeliest draft for each brief."""
    sampled: tuple[str, ...]
    """One drawn at temperature 1 for each brief."""
    greedy_codes: tuple[tuple[str, ...], ...]
    """What stops each of them; empty: it may be sent."""
    sampled_codes: tuple[tuple[str, ...], ...]

    @property
    def figures(self) -> dict[str, float | None]:
        """Give the share that may be sent, by figure."""
        return {"greedy_pass": _passing(self.greedy_codes), "sampled_pass": _passing(self.sampled_codes)}


def held_out_briefs(n: int) -> tuple[Brief, ...]:
    """Give n briefs of held-out contexts, spread evenly over all of them, or all where there are fewer."""
    briefs = [brief for brief in every_brief() if is_held_out(brief.context)]
    wanted = min(n, len(briefs))
    return tuple(briefs[place * len(briefs) // wanted] for place in range(wanted))


def written_by(lm: LanguageModel, briefs: Sequence[Brief], rules: shield.Rules) -> Written:
    """Let a model write two drafts for each brief, and judge them.

    Args:
        lm: Fastest with its adapters folded in.
        briefs: What to write.
        rules: Of the shield.
    """
    prompts = [prompt_of(brief) for brief in briefs]
    greedy, sampled = (
        write(lm, prompts, max_new_tokens=MOST_TOKENS, temperature=heat, seed=_SEED).texts
        for heat in (0.0, 1.0)
    )
    codes = [
        tuple(
            written_violations(draft.strip(), brief, rules)
            for draft, brief in zip(drafts, briefs, strict=True)
        )
        for drafts in (greedy, sampled)
    ]
    return Written(tuple(briefs), greedy, sampled, *codes)


def side_by_side(before: Written, after: Written) -> list[Mapping[str, object]]:
    """Give the first likeliest drafts of two models as a report shows them.

    Args:
        before: Of the model that the training started from.
        after: Of the trained one, for the same briefs.
    """
    rows = zip(
        before.briefs, before.greedy, before.greedy_codes, after.greedy, after.greedy_codes, strict=True
    )  # fmt: skip
    return [
        {
            "prompt": prompt_of(brief),
            "before": first.strip(),
            "before_verdict": ", ".join(first_codes),
            "after": last.strip(),
            "after_verdict": ", ".join(last_codes),
        }
        for brief, first, first_codes, last, last_codes in list(rows)[:SHOWN]
    ]


def _passing(codes: Sequence[tuple[str, ...]]) -> float | None:
    return sum(not one for one in codes) / len(codes) if codes else None
