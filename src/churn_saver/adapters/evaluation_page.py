"""Set the page of an evaluation: what a policy would have earned, how sure that is, what it rests on.

Works out no figure. Knows no clock and no file.
"""

from churn_saver.adapters.evaluation_pictures import evaluation_pictures
from churn_saver.adapters.evaluation_report import ESTIMATORS, NEVER_COVERED, Evaluation, figure, interval
from churn_saver.adapters.pages import templates


def evaluation_page(found: Evaluation) -> str:
    """Set the page.

    Args:
        found: From `pipeline.evaluating.judged`.
    """
    return (
        templates()
        .get_template("evaluation.html.j2")
        .render(
            v=found,
            estimators=ESTIMATORS,
            pictures=evaluation_pictures(found),
            never_covered=NEVER_COVERED,
            shown=figure,
            interval=interval,
        )
    )
