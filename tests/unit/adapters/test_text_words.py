"""Words for the figures of a message training."""

from churn_saver.adapters.text_models import STAGES
from churn_saver.adapters.text_words import STAGE_DOINGS, STAGE_TITLES, TAGS, WORDS, word_of


def test_every_stage_has_a_title_and_a_sentence() -> None:
    """Those that models are stored under."""
    assert STAGE_TITLES.keys() == STAGE_DOINGS.keys() == STAGES.keys()


def test_a_share_is_written_as_per_cent_and_what_was_not_measured_as_a_dash() -> None:
    """Others as short figures."""
    assert word_of("clip_fraction").shown(0.25) == "25.0\N{NO-BREAK SPACE}%"
    assert word_of("kl").shown(7.654) == "7.65"
    assert word_of("kl").shown(None) == word_of("kl").shown(float("nan")) == "–"


def test_a_figure_without_words_is_called_by_its_name() -> None:
    """Nothing is left out because nobody wrote a word for it."""
    assert word_of("some_new_thing").title == "Some new thing"


def test_every_word_is_a_curve_with_its_unit() -> None:
    """TensorBoard shows meaning and unit beside it."""
    assert TAGS.keys() == WORDS.keys()
    assert TAGS["beta"] == ("drafts", "Weight of the KL in the reward, 1 / nat")
