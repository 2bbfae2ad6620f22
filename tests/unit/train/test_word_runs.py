"""Words and runs of three words."""

from churn_saver.train.word_runs import runs_of, words_of


def test_words_by_hand() -> None:
    """A slot is one, case and punctuation do not count, an apostrophe and a per cent sign do."""
    assert words_of("Hi {name}, you're at 10%: YES!") == ["hi", "{name}", "you're", "at", "10%", "yes"]


def test_runs_by_hand() -> None:
    """Four words make two; fewer than three are one, and so is no word at all."""
    assert runs_of("a b c d") == [("a", "b", "c"), ("b", "c", "d")]
    assert runs_of("a b c") == [("a", "b", "c")]
    assert runs_of("a b") == [("a", "b")]
    assert runs_of("") == [()]
