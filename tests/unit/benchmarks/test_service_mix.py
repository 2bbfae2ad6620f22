"""The requests of the load: valid, half of each kind, some under a key, some sent again."""

import json
from collections import Counter

from benchmarks.service_mix import asked
from churn_saver.serve.wire import PredictRequest, RetainRequest

MODELS = {"/retain": RetainRequest, "/predict": PredictRequest}


def test_every_request_can_be_used() -> None:
    """The service takes each of them, and knows each of their fields."""
    for one in asked(0, 500, 1_000, repeats=True):
        said = json.loads(one.body)

        assert MODELS[one.path].model_validate(said).customer_id == said["customer_id"]


def test_half_are_of_either_kind_and_of_different_customers() -> None:
    """A thousand requests ask about a thousand customers, 500 each way."""
    requests = list(asked(0, 1_000, 1_000, repeats=False))

    assert Counter(one.path for one in requests) == {"/retain": 500, "/predict": 500}
    assert len({json.loads(one.body)["customer_id"] for one in requests}) == 1_000


def test_every_tenth_is_sent_again_under_its_key() -> None:
    """Number 9 is number 4 with its key; a fifth of all has one."""
    requests = list(asked(20, 200, 1_000, repeats=True))
    again = [(requests[place - 5], one) for place, one in enumerate(requests) if one.is_again]

    assert len(again) == 20
    for first, second in again:
        assert (first.path, first.key, first.body) == (second.path, second.key, second.body)
        assert first.key
        assert not first.is_again
    assert sum(bool(one.key) for one in requests) == 40
    assert len({one.key for one in requests}) == 1 + 20


def test_without_repeats_every_key_is_new() -> None:
    """A fifth has one, each its own."""
    keys = [one.key for one in asked(0, 200, 1_000, repeats=False) if one.key]

    assert len(keys) == len(set(keys)) == 40


def test_a_line_has_what_k6_needs() -> None:
    """Four parts, and nothing in them that could part them anew."""
    for one in asked(0, 50, 50, repeats=True):
        path, key, again, body = one.line.split("\t")

        assert (path, key, again == "1", body) == (one.path, one.key, one.is_again, one.body)
        assert "\n" not in one.line
