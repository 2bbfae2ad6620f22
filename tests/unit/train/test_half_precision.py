"""Half precision, where the settings say so."""

import pytest
import torch

from churn_saver.train.half_precision import autocast
from tests.language_models import small


@pytest.mark.parametrize(("bfloat16", "kind"), [(True, torch.bfloat16), (False, torch.float32)])
def test_products_are_made_in_the_precision_of_the_settings(bfloat16: bool, kind: torch.dtype) -> None:
    """Inside the context alone; the weights stay as they are."""
    network, ones = small().network, torch.ones(2, 2)

    with autocast(network, bfloat16):
        inside = (ones @ ones).dtype

    assert inside == kind
    assert (ones @ ones).dtype == torch.float32
    assert next(network.parameters()).dtype == torch.float32
