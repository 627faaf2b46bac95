"""Automatic differentiation on NumPy: arrays that remember how they were computed.

Example:
    x = autograd.Tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    x.grad  # [2., 4.]

`autograd.graph`, which draws graphs, is loaded when it is first asked for.
"""

import importlib
from typing import TYPE_CHECKING

from autograd import functions
from autograd.allocator import keep_freed_memory
from autograd.dtypes import get_default_dtype, set_default_dtype
from autograd.function import MINUS, ONE, Elementwise, Function, RuleError
from autograd.functions import *  # noqa: F403 (NumPy's names, listed there)
from autograd.grad_mode import enable_grad, is_grad_enabled, no_grad
from autograd.gradcheck import gradcheck
from autograd.gradients import grad
from autograd.random import manual_seed
from autograd.tensor import Tensor

__all__ = [
    "MINUS",
    "ONE",
    "Elementwise",
    "Function",
    "RuleError",
    "Tensor",
    "enable_grad",
    "get_default_dtype",
    "grad",
    "gradcheck",
    "is_grad_enabled",
    "manual_seed",
    "no_grad",
    "set_default_dtype",
    *functions.__all__,
]

# Builtins' names, so not part of `import *`.
abs, max, min, sum = functions.abs, functions.max, functions.min, functions.sum

keep_freed_memory()

if TYPE_CHECKING:
    from autograd import graph as graph
else:

    def __getattr__(name):
        if name == "graph":
            return importlib.import_module("autograd.graph")
        raise AttributeError(f"module 'autograd' has no attribute {name!r}")
