"""Half precision while a network is asked for figures: one rule for every recipe of the message training."""

import torch
from transformers import PreTrainedModel


def autocast(network: PreTrainedModel, bfloat16: bool) -> torch.autocast:
    """Calculate in bfloat16 inside the context, on the device of a network.

    Args:
        network: Which is asked.
        bfloat16: False: the context changes nothing.
    """
    return torch.autocast(network.device.type, torch.bfloat16, enabled=bfloat16)
