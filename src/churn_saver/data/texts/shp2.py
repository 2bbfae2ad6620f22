"""Stanford Human Preferences: a post and two comments, of which readers liked one better.

`labels` is 1 where comment A is preferred and 0 where B is; `score_ratio` is the score of the better
comment over that of the worse: the nearer to 1, the less the preference says.
Source: Ethayarajh et al. (2022), arXiv:2110.08420; keys as in
huggingface.co/datasets/stanfordnlp/SHP-2, README.md at revision 97905d2ed3eb4ec7e368b8df17258487a60598bb.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from churn_saver.data.texts.gathering import Texts
from churn_saver.data.texts.json_lines import Json, Unusable, name, number, read_each, text
from churn_saver.data.texts.preference_pairs import PreferencePairs

WEAK = "score ratio too low"


@dataclass(frozen=True, slots=True)
class _Row:
    post_id: str
    history: str
    chosen: str
    rejected: str
    score_ratio: float


def shp_pairs(files: Mapping[str, Iterable[bytes]], least_score_ratio: float) -> Texts:
    """Read pairs of preferences.

    Args:
        files: Name → lines.
        least_score_ratio: Leave out what is below; 1 keeps all.

    Returns:
        `PREFERENCE_COLUMNS`, in the order of the files; lines = pairs + left out + rejects.
    """
    pairs = PreferencePairs()
    for row in read_each(files, _row, pairs.gathering):
        if row.score_ratio < least_score_ratio:
            pairs.gathering.leave_out(WEAK)
        else:
            pairs.take(row.post_id, row.history, row.history, row.chosen, row.rejected)
    return pairs.texts()


def _row(line: Json) -> _Row:
    a, b = text(line, "human_ref_A"), text(line, "human_ref_B")
    label = line.get("labels")
    if isinstance(label, bool) or label not in (0, 1):
        raise Unusable("labels", label, "1 where A is preferred, 0 where B is")
    chosen, rejected = (a, b) if label == 1 else (b, a)
    return _Row(name(line, "post_id"), text(line, "history"), chosen, rejected, number(line, "score_ratio"))
