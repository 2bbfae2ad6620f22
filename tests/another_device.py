"""A device that is not the CPU, on a machine that has no other: what is said to lie there lies apart.

Tensors that are moved to `meta`, or made there, are wrapped: they say that they are there, and are worked
with as on the CPU, to rounding. An operation that would mix them with tensors of the CPU fails as CUDA's own
do, and so does `numpy()` without `force`. It proves where tensors lie, not what a GPU computes. The name
`meta` was taken since torch lets nobody but a build with CUDA speak of `cuda`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

THERE = torch.device("meta")
_ATEN = torch.ops.aten
_MOVING = {_ATEN._to_copy, _ATEN.copy_, _ATEN.to}
_BY_PLACES = {_ATEN.index, _ATEN.index_put, _ATEN.index_put_, _ATEN._index_put_impl_}
"""Operations whose places may be told by tensors of the CPU."""
_BESIDE = {_ATEN.cat, _ATEN.stack}
"""Operations that take not even a single number from elsewhere."""


class Distant(Tensor):
    """A tensor that says that it is elsewhere; `held` is what it is in truth, on the CPU."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> "Distant":
        """Wrap a tensor of the CPU."""
        found: Distant = torch.Tensor._make_wrapper_subclass(
            cls, held.size(), strides=held.stride(), storage_offset=held.storage_offset(), dtype=held.dtype,
            device=THERE, requires_grad=held.requires_grad,
        )  # fmt: skip
        found.held = held
        return found

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Work with it outside the context too, say to compare it."""
        return _worked(func, args, kwargs or {})

    def tolist(self) -> Any:
        """Give its numbers, which torch refuses for a wrapped tensor alone."""
        return self.held.tolist()

    def numpy(self, *, force: bool = False) -> Any:
        """Give an array of the CPU where that is asked for, as CUDA's tensors do."""
        if not force:
            raise TypeError(f"can't convert a tensor of {THERE} to numpy, wanted force=True")
        return self.held.numpy(force=True)

    def __getitem__(self, places: Any) -> Tensor:
        """Take places of a list as those of the CPU: what is made of numbers on `meta` loses them."""
        return super().__getitem__(torch.tensor(places) if isinstance(places, list) else places)

    def __tensor_flatten__(self) -> tuple[list[str], None]:
        """Say what it is made of: so a module swaps its weights and shared ones stay shared."""
        return ["held"], None

    @staticmethod
    def __tensor_unflatten__(inner: dict[str, Tensor], _: None, size: Any, stride: Any) -> "Distant":
        """Wrap it again."""
        return Distant(inner["held"])


class _Watched(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return _worked(func, args, kwargs or {})


def _worked(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    leaves = tree_flatten((args, kwargs))[0]
    distant = [one for one in leaves if isinstance(one, Distant)]
    named = [one for one in leaves if isinstance(one, torch.device)]
    if distant and func.overloadpacket not in _MOVING:
        _check_together(func, args, [one for one in leaves if isinstance(one, Tensor)])
    there = any(one.type == THERE.type for one in named) if named else bool(distant)
    if func.overloadpacket is _ATEN.copy_:
        there = isinstance(args[0], Distant)
    known = {id(one.held): one for one in distant}
    near = {id(one) for one in leaves if isinstance(one, Tensor) and not isinstance(one, Distant)}
    plain_args, plain_kwargs = tree_map(_plain, (args, kwargs))
    found = func(*plain_args, **plain_kwargs)

    def put(one: Any) -> Any:
        if not isinstance(one, Tensor):
            return one
        if there:
            # What was moved without a copy would share its numbers with what it was moved from.
            return known[id(one)] if id(one) in known else Distant(one.clone() if id(one) in near else one)
        return one.clone() if id(one) in known else one

    return tree_map(put, found)


def _plain(one: Any) -> Any:
    if isinstance(one, torch.device):
        return torch.device("cpu")
    return one.held if isinstance(one, Distant) else one


def _check_together(func: Any, args: tuple[Any, ...], tensors: list[Tensor]) -> None:
    """Refuse what CUDA refuses; single numbers may come from anywhere, and places in a tensor too."""
    if func.overloadpacket in _BY_PLACES:
        tensors = [one for one in (args[0], *args[2:]) if isinstance(one, Tensor)]
    single = func.overloadpacket not in _BESIDE
    if any(not isinstance(one, Distant) and not (single and one.ndim == 0) for one in tensors):
        raise RuntimeError(f"{func} got tensors of {THERE} and of the cpu, wanted one device")


@contextmanager
def another_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have another device while the context is open."""
    made = torch.tensor

    def moved(numbers: Any, *, device: torch.device | None = None, **more: Any) -> Tensor:
        # What is made of numbers on `meta` loses them.
        return made(numbers, **more) if device is None else made(numbers, **more).to(device)

    monkeypatch.setattr(torch, "tensor", moved)
    with _Watched():  # type: ignore[no-untyped-call]
        yield
