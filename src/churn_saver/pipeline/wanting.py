"""What is wanted of each data set: data.yaml in the terms of the checks."""

from churn_saver.config import DataSettings
from churn_saver.data.quality.wanted import Wanted

CUSTOMER, CONVERSATION, PROMPT = "customer_id", "conversation_id", "prompt"
PAIR = ("chosen", "rejected")


def wanted_of(name: str, settings: DataSettings, full: bool) -> Wanted:
    """Give what a data set must be like.

    Args:
        name: Of the data set.
        settings: data.yaml.
        full: The full set was taken of every source, so the documented number of rows holds.
    """
    quality, shares = settings.quality, settings.shares.model_dump()
    if name in ("ibm_telco", "uci_bank"):
        table = quality.ibm_telco if name == "ibm_telco" else quality.uci_bank
        return Wanted(
            rows=table.rows if full else None,
            shares=shares,
            id_column=CUSTOMER,
            unique_ids=True,
            label=table.label,
            label_share=table.label_share,
            missing=table.missing,
            psi_note=quality.psi.note,
            psi_fail=quality.psi.fail,
        )
    texts = quality.oasst1 if name == "oasst1" else quality.preferences
    return Wanted(
        shares=shares,
        id_column=CONVERSATION,
        prompt=PROMPT,
        texts=texts.texts,
        longest_text=texts.longest_text,
        repeated=texts.repeated,
        preference=PAIR if name == "preferences" else None,
        better_longer=texts.better_longer or (0.0, 1.0),
        psi_note=quality.psi.note,
        psi_fail=quality.psi.fail,
    )
