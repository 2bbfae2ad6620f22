"""Compile plain loops over numbers to machine code, and keep the types that numba takes away.

The compiled code is kept beside the module (or in numba's own cache folder where that cannot be
written), so only the first run pays. `function.py_func` stays callable as plain Python for tests.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile for one thread; same operations in the same order as written, so the same bits."""
    return cast(Callable[Parameters, Result], njit(cache=True, error_model="numpy")(function))


def in_parallel(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile with `numba.prange` loops spread over threads.

    Never rebind an array inside the body of such a loop: numba then gives wrong values in silence.
    Put the body into a function of its own.
    """
    return cast(Callable[Parameters, Result], njit(cache=True, error_model="numpy", parallel=True)(function))
