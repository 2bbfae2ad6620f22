"""What a model must reach before anything is written.

Absolute on the public Telco table, whose ceiling is known; relative on any other: better than
saying the same to everybody, and not worse than the model in service. Knows no files.
"""

from collections.abc import Sequence

from churn_saver.config import GateSettings
from churn_saver.errors import GateError
from churn_saver.train.report import Gate, ModelReport, ReferenceRow


def gates_of(model: ModelReport, wanted: GateSettings) -> tuple[Gate, ...]:
    """List the gates of a model with what it reached."""
    if model.name == "risk" and model.source.is_telco:
        return _absolute(model, wanted)
    return tuple(
        _relative(model.name, row) for row in model.references if row.name in ("prevalence", "in service")
    )


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


def _least(name: str, value: float, wanted: float) -> Gate:
    return Gate("risk", name, value, f"at least {wanted}", value >= wanted)


def _most(name: str, value: float, wanted: float) -> Gate:
    return Gate("risk", name, value, f"at most {wanted}", value <= wanted)
