"""What a model must reach before anything is written.

Absolute on the public Telco table, whose ceiling is known, and where the true chances of accepting
are known; relative on any other table: better than saying the same to everybody, and not worse
than the model in service. Knows no files.
"""

from collections.abc import Sequence
from functools import partial

from churn_saver.config import GateSettings
from churn_saver.errors import GateError
from churn_saver.train.report import Gate, ModelReport, ReferenceRow


def gates_of(model: ModelReport, wanted: GateSettings) -> tuple[Gate, ...]:
    """List the gates of a model with what it reached."""
    if model.name == "risk" and model.source.is_telco:
        return _absolute(model, wanted)
    relative = tuple(
        _relative(model.name, row) for row in model.references if row.name in ("prevalence", "in service")
    )
    return relative + _against_truth(model, wanted)


def stop_if_failed(gates: Sequence[Gate]) -> None:
    """Let good models pass.

    Raises:
        GateError: a gate failed; names all that did.
    """
    failed = [gate for gate in gates if not gate.passed]
    if failed:
        raise GateError(
            "\n".join(
                [
                    f"{len(failed)} of {len(gates)} gates failed, nothing was written:",
                    *(f"  {gate}" for gate in failed),
                    "Check the table for missing or mixed-up columns and labels, or change "
                    "ops/configs/tabular.yaml.",
                ]
            )
        )


def _absolute(model: ModelReport, wanted: GateSettings) -> tuple[Gate, ...]:
    found = [
        _least("out-of-fold AUC", model.out_of_fold.auc.value, wanted.risk_auc),
        _most("out-of-fold ECE", model.out_of_fold.ece.value, wanted.risk_ece),
        *(_most(f"ECE on {v.view}'s fields", v.scores.ece.value, wanted.risk_view_ece) for v in model.views),
    ]
    if model.hold_out is not None:
        found.append(_least("hold-out AUC", model.hold_out.auc.value, wanted.hold_out_auc))
        found.append(_most("hold-out ECE", model.hold_out.ece.value, wanted.hold_out_ece))
    return tuple(found)


def _against_truth(model: ModelReport, wanted: GateSettings) -> tuple[Gate, ...]:
    """List what acceptance must reach where the true probabilities are known."""
    ladder = model.ladder
    if ladder is None or ladder.bayes_auc is None or ladder.regret is None or ladder.constant_regret is None:
        return ()
    gap = ladder.bayes_auc - model.out_of_fold.auc.value
    scores, least, most = model.out_of_fold, partial(_least, model="accept"), partial(_most, model="accept")
    return (
        least("out-of-fold AUC", scores.auc.value, wanted.accept_auc),
        most("distance to the AUC of the truth", gap, wanted.accept_bayes_gap),
        most("out-of-fold ECE", scores.ece.value, wanted.accept_ece),
        most("offers that tie", ladder.ties, 0),
        most("offers that fall along the ladder", ladder.violations, 0),
        most("regret", ladder.regret, min(wanted.accept_regret, ladder.constant_regret)),
    )


def _relative(model: str, row: ReferenceRow) -> Gate:
    gain = row.log_loss_gain
    shown = f"95 % interval {gain.low:.4f} to {gain.high:.4f}"
    if row.name == "prevalence":
        return Gate(
            model, "gain in log loss over the prevalence constant", gain.value,
            f"an interval above 0, got {shown}", gain.low > 0,
        )  # fmt: skip
    return Gate(
        model, "gain in log loss over the model in service", gain.value,
        f"an interval that reaches 0, got {shown}", gain.high >= 0,
    )  # fmt: skip


def _least(name: str, value: float, wanted: float, model: str = "risk") -> Gate:
    return Gate(model, name, value, f"at least {wanted}", value >= wanted)


def _most(name: str, value: float, wanted: float, model: str = "risk") -> Gate:
    return Gate(model, name, value, f"at most {wanted}", value <= wanted)
