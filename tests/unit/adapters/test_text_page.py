"""The page of a training of a message model."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from churn_saver.adapters.text_page import text_page, text_view
from churn_saver.errors import ArtifactError
from tests.pages import Page, assert_needs_nothing_else
from tests.text_reports import step, text_report

FEW: Any = {"curves": []}
"""No pictures: the page is set quickly."""


@cache
def _usual() -> Page:
    return Page(text_page(text_report()))


def test_a_page_needs_nothing_but_itself() -> None:
    """It reads the same offline; what callers hand in is escaped."""
    assert_needs_nothing_else(_usual())
    assert "&lt;table&gt;.csv" in _usual().html


def test_the_first_words_say_what_it_reached() -> None:
    """Heading by the stage's main figure; how many numbers were trained, on what, how long."""
    page = _usual()

    assert "Supervised fine-tuning: 97.5 % of its drafts may be sent" in page.text
    assert (
        "It stands on smollm2-135m: 4,884,480 of 139,399,488 numbers were trained, in 3 min 20 s" in page.text
    )
    assert page.figures == {"sampled_pass": "97.5 %", "valid_loss": "0.25"}


@pytest.mark.parametrize(
    ("stage", "figures", "heading"),
    [
        (
            "rm",
            {"accuracy": 0.961},
            "Reward model: prefers the better of two messages in 96.1 % of unseen pairs",
        ),
        ("ppo_text", {"reward_gain": 1.25}, "PPO of the wording: 1.25 standard deviations of reward above"),
        ("ppo_text", {"reward_gain": None}, "PPO of the wording"),
        ("sft", {}, "Supervised fine-tuning"),
    ],
)
def test_each_stage_has_its_heading(stage: str, figures: dict[str, Any], heading: str) -> None:
    """What was not measured is not claimed."""
    assert (
        text_view(text_report(stage=stage, figures=figures, **FEW))
        .heading.replace("\N{NO-BREAK SPACE}", " ")
        .startswith(heading)
    )


def test_data_command_base_and_licence_are_told() -> None:
    """Which pairs were used, and under which licence the weights stand."""
    page = _usual()

    assert "20,000 pairs of <table>.csv." in page.text
    assert "No public pairs: none were prepared." in page.text
    assert "make train-sft" in page.text
    assert (
        "Base model smollm2-135m, version 0123456789abcdef. Licence of its weights: Apache-2.0." in page.text
    )
    assert ["Settings", "rank 16"] in page.rows


def test_before_and_after_stand_side_by_side_with_the_verdict() -> None:
    """Markup in a draft is shown, not obeyed."""
    assert [
        "warm email in English to a customer",
        "I am <b>a</b> model. slots",
        "Hi {name}, thank you. passes",
    ] in _usual().rows


def test_kinds_are_listed_where_there_are_any() -> None:
    """A reward model is judged kind by kind; other stages have no such table."""
    kinds = [{"kind": "wrong_offer", "pairs": 120, "accuracy": 0.925}]
    page = Page(text_page(text_report(stage="rm", kinds=kinds, **FEW)))

    assert ["wrong offer", "120", "92.5 %"] in page.rows
    assert "kinds" not in _usual().ids


def test_steps_and_iterations_are_the_same_axis() -> None:
    """Two curves of four steps were measured: loss at each, validation loss at every second."""
    steps = text_view(text_report())
    iterations = text_view(
        text_report(curves=[{"iteration": 1, "reward": 0.0}, {"iteration": 2, "reward": 1.5}])
    )

    assert len(steps.pictures) == 2
    assert "Reward: from 0 to 1.5" in iterations.pictures[0][0]


def test_what_only_some_points_have_is_no_fault() -> None:
    """Looks are taken now and then."""
    points = [step(1), step(2) | {"look_gold": 0.5}]

    assert len(text_view(text_report(curves=points)).pictures) == 3


def test_notes_are_warnings() -> None:
    """In a box of their own."""
    page = Page(text_page(text_report(notes=["the tiny model proves mechanics only"], **FEW)))

    assert "The tiny model proves mechanics only." in page.text
    assert ("warn", "p") in page.classes


def test_a_report_read_back_from_json_is_the_same() -> None:
    """NaN is null there."""
    plain = text_report(curves=[step(1), step(2)])
    nulled = [{k: None if v != v else v for k, v in point.items()} for point in plain["curves"]]

    assert text_page(json.loads(json.dumps(plain | {"curves": nulled}))) == text_page(plain)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda r: r.pop("samples"), r"^the report of the training lacks samples$"),
        (lambda r: r.update(stage="x"), r"^stage is 'x', wanted one of sft, rm, ppo_text$"),
        (lambda r: r["model"].pop("version"), r"^model lacks version$"),
        (lambda r: r.update(figures={"kl": "a"}), r"^figures\.kl is 'a', wanted a finite number"),
        (
            lambda r: r.update(curves=[{"loss": 1.0}]),
            r"^curves have the names loss, wanted iteration or step",
        ),
        (lambda r: r.update(samples=[{}]), r"^samples lacks prompt"),
        (lambda r: r.update(kinds=[{}]), r"^kinds lacks kind"),
        (lambda r: r.update(data=[3]), r"^data is '3', wanted a text"),
    ],
)
def test_a_report_of_another_kind_is_refused(change: Callable[[dict[str, Any]], object], match: str) -> None:
    """The message names what is missing or wrong."""
    report = text_report()
    change(report)

    with pytest.raises(ArtifactError, match=match):
        text_page(report)
