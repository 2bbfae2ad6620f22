"""What the shield lets through: 50,000 deliveries, planted sets, hostile requests, toxic sentences, its time.

    python benchmarks/shield.py [--json PATH] [--deliveries 50000] [--unseen]

Deliveries are made as the service makes them, by the shipped predictors, messages and classifier, on three
channels, most with an offer drawn at random, to customers with the good set's names; an independent checker
(tests/independent_checker.py, no code shared) reads each against its facts. In tests/planted lie 500 bad
messages written by hand and never edited, 1,500 made by machine, and 2,000 good ones.
The shield was mended where it missed some of the 500, so recall on them says what it knows, not what it
would find elsewhere. That is asked of sets by people who did not know it (benchmarks/shield_unseen.py;
`--unseen` takes them alone): `unseen_recall`, first .677, `fresh_recall`, first .840, and `third_recall`,
first .895, are in-sample since the shield was mended after them.
Promised: violations 0, recall ≥ .995, false_blocks ≤ .02, canaries 0, wrong_figures 0.
Figures are defined in docs/metrics.md, section Messages.
"""

import argparse
import json
import platform
import re
import statistics
import sys
import time
from pathlib import Path
from random import Random

from pydantic import ValidationError

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the planted sets lie with the tests

from benchmarks.shield_desk import Desk, tables, together
from benchmarks.shield_unseen import unseen
from churn_saver.domain.action import OFFER_PERCENTS, Reason
from churn_saver.domain.customer import Customers
from churn_saver.domain.slots import Facts, facts_of
from churn_saver.serve.wire import RetainRequest, to_customers
from churn_saver.shield import Rules as ShieldRules
from churn_saver.shield import violations
from tests.independent_checker import faults
from tests.planted.good_messages import good_messages
from tests.planted.injections import Hostile, hostile_requests, leaked
from tests.planted.mutations import mutated
from tests.planted.reading import Planted, Spoken, bad_messages, toxicity

DELIVERIES = 50_000
CHANNELS = ("email", "sms", "push")
SEED = 17
TIMED = 2_000
Report = dict[str, float | int | str]


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description="Measure the shield.")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--deliveries", type=int, default=DELIVERIES, help="messages to deliver and check")
    parser.add_argument("--unseen", action="store_true", help="judge the sets by strangers alone")
    chosen = parser.parse_args(arguments)
    report = unseen(Desk()) if chosen.unseen else measured(chosen.deliveries)
    for name, value in report.items():
        print(f"{name:<32}{f'{value:,.4f}' if isinstance(value, float) else value:>28}")
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measured(deliveries: int) -> Report:
    """Take every figure."""
    started = time.perf_counter()
    desk = Desk()
    return {
        **delivered(desk, deliveries),
        **planted(desk),
        **unseen(desk),
        **injected(desk),
        **judged(desk),
        **timed(desk),
        "bank": desk.bank.version if desk.bank else "none",
        "seed": SEED,
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "seconds": round(time.perf_counter() - started, 1),
    }


def delivered(desk: Desk, wanted: int) -> Report:
    """Deliver until there are enough messages, have each checked by somebody else, count silences."""
    rng, sent, wrong = Random(SEED), 0, []  # noqa: S311
    blocked = not_contacted = 0
    sources = dict.fromkeys(("bank", "template", "live"), 0)
    offers = dict.fromkeys(OFFER_PERCENTS, 0)
    for part, customers in enumerate(tables(rng)):
        channel = CHANNELS[part % len(CHANNELS)]
        made = desk.retained(customers, channel)
        for row, text in enumerate(made.texts):
            if sent == wanted:
                break
            if text is None:
                stopped = bool(made.reasons[row] & Reason.MESSAGE_BLOCKED)
                blocked, not_contacted = blocked + stopped, not_contacted + (not stopped)
                continue
            percent = OFFER_PERCENTS[int(made.choice[row]) - 1]
            facts = facts_of(customers, row, percent, made.valid_until[row])
            sent, sources[made.message_sources[row]] = sent + 1, sources[made.message_sources[row]] + 1
            offers[percent] += 1
            found = _checked(text, facts, channel)
            if found:
                wrong.append((text, found))
        if sent == wanted:
            break
    for text, found in wrong[:20]:
        print(f"violation {found}: {text}")
    return {
        "deliveries": sent,
        "violations": len(wrong),
        "message_blocked": blocked,
        "not_contacted": not_contacted,
        **{f"deliveries_{name}": count for name, count in sources.items() if count},
        **{f"deliveries_offer_{percent}": count for percent, count in offers.items()},
    }


def planted(desk: Desk) -> Report:
    """Judge the bad sets and the good one."""
    by_hand, by_machine, good = bad_messages(), mutated(), good_messages()
    found = {
        False: [_stopped(desk, one) for one in by_hand],
        True: [_stopped(desk, one) for one in by_machine],
    }
    caught = [bool(codes) for codes in (*found[False], *found[True])]
    named = [one.fault in codes for one, codes in zip(by_hand, found[False], strict=True)]
    for one, codes in zip((*by_hand, *by_machine), caught, strict=True):
        if not codes:
            print(f"missed {one.fault}: {one.text}")
    blocked = [one for one in good if _stopped(desk, one)]
    for one in blocked[:20]:
        print(f"blocked {_stopped(desk, one)}: {one.text}")
    return {
        "bad": len(caught),
        "recall": sum(caught) / len(caught),
        "recall_by_hand": sum(map(bool, found[False])) / len(by_hand),
        "recall_by_machine": sum(map(bool, found[True])) / len(by_machine),
        "right_code_by_hand": sum(named) / len(by_hand),
        "good": len(good),
        "false_blocks": len(blocked) / len(good),
        "bad_seen_by_checker": sum(bool(_checked(one.text, one.facts, one.channel)) for one in by_hand)
        / len(by_hand),
    }


def injected(desk: Desk) -> Report:
    """Send hostile requests through the service's own reading, and look for what must not come back."""
    attempts = hostile_requests()
    accepted: list[tuple[Hostile, Customers]] = []
    for one in attempts:
        customers = _read(one)
        if customers is not None:
            accepted.append((one, customers))
    canaries = figures = texts = 0
    for number, channel in enumerate(CHANNELS):
        mine = accepted[number :: len(CHANNELS)]
        customers = together([each for _, each in mine])
        made = desk.retained(customers, channel)
        for row, (one, _) in enumerate(mine):
            text = made.texts[row]
            if text is None:
                continue
            percent = OFFER_PERCENTS[int(made.choice[row]) - 1]
            facts = facts_of(customers, row, percent, made.valid_until[row])
            leaks = leaked(one, text, facts.name)
            texts, canaries = texts + 1, canaries + leaks
            figures += bool(re.search(r"\d", _without_figures(text, facts)))
            if leaks:
                print(f"canary: {text}")
    return {
        "injections": len(attempts),
        "refused": len(attempts) - len(accepted),
        "answered": texts,
        "canaries": canaries,
        "wrong_figures": figures,
    }


def _read(one: Hostile) -> Customers | None:
    """Read a request; None: it is refused."""
    try:
        return to_customers(RetainRequest.model_validate(one.body))
    except ValidationError:
        return None


def _without_figures(text: str, facts: Facts) -> str:
    """Take the decided figures out, wherever they stand: a tenure may be thanked for twice."""
    day = facts.valid_until
    worded = [f"{facts.offer_percent}%", f"{facts.tenure_months} month"]
    worded += [f"{day.day} {day:%B} {day.year}"] if day else []
    for figure in worded:
        text = text.replace(figure, "")
    return text


def judged(desk: Desk) -> Report:
    """Precision and recall on the 400 sentences: classifier, words, both."""
    said = toxicity()
    assert desk.judge is not None
    alone = [desk.judge(one.text.replace(one.name, "", 1) if one.name else one.text) for one in said]
    words = [_is_toxic(one, desk.shield("email", judge=False)) for one in said]
    both = [_is_toxic(one, desk.shield("email")) for one in said]
    report: Report = {"toxicity_sentences": len(said)}
    for name, found in (("classifier", alone), ("words", words), ("shield", both)):
        hits = sum(yes and one.toxic for yes, one in zip(found, said, strict=True))
        report[f"toxicity_{name}_precision"] = hits / sum(found)
        report[f"toxicity_{name}_recall"] = hits / sum(one.toxic for one in said)
    return report


def _is_toxic(one: Spoken, rules: ShieldRules) -> bool:
    return "toxic" in violations(one.text, Facts(one.name, None, 0, None, None), rules)


def timed(desk: Desk) -> Report:
    """Take the processor's time for one judgement, good messages, with and without the classifier."""
    good = good_messages()[:TIMED]
    report: Report = {}
    for name, judge in (("rules", False), ("rules_and_classifier", True)):
        rules = {channel: desk.shield(channel, judge) for channel in CHANNELS}
        taken = []
        for one in good:
            begun = time.thread_time()
            violations(one.text, one.facts, rules[one.channel])
            taken.append(1_000 * (time.thread_time() - begun))
        report[f"shield_ms_{name}"] = statistics.median(taken)
        report[f"shield_ms_{name}_p99"] = statistics.quantiles(taken, n=100)[98]
    return report


def _stopped(desk: Desk, one: Planted) -> tuple[str, ...]:
    return violations(one.text, one.facts, desk.shield(one.channel))


def _checked(text: str, facts: Facts, channel: str) -> list[str]:
    return faults(
        text, facts.name, facts.tenure_months, facts.offer_percent, facts.contract, facts.valid_until, channel
    )


if __name__ == "__main__":
    main()
