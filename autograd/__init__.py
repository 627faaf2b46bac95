"""Automatic differentiation on NumPy: arrays that remember how they were computed.

Example:
    x = autograd.Tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    x.grad  # [2., 4.]

What not every program uses is loaded when it is first asked for (see `LATER`), as is the part of
NumPy's vocabulary beyond the everyday one.
"""

from typing import TYPE_CHECKING

from autograd import functions
from autograd.allocator import keep_freed_memory
from autograd.dtypes import get_default_dtype, set_default_dtype
from autograd.function import MINUS, ONE, Elementwise, Function, RuleError
from autograd.functions import *  # noqa: F403 (NumPy's names, listed there)
from autograd.grad_mode import enable_grad, is_grad_enabled, no_grad
from autograd.gradcheck import gradcheck
from autograd.gradients import grad
from autograd.later import attribute_loader
from autograd.random import manual_seed
from autograd.tensor import Tensor

__all__ = [
    "MINUS",
    "ONE",
    "Elementwise",
    "Function",
    "RuleError",
    "StaticGraph",
    "Tensor",
    "TracingError",
    "checkpoint",
    "detect_anomaly",
    "enable_grad",
    "get_default_dtype",
    "get_num_threads",
    "grad",
    "gradcheck",
    "is_grad_enabled",
    "manual_seed",
    "no_grad",
    "profile",
    "record",
    "set_default_dtype",
    "set_num_threads",
    "trace",
    *functions.__all__,
]

# Builtins' names, so not part of `import *`.
abs, max, min, sum = functions.abs, functions.max, functions.min, functions.sum

keep_freed_memory()

LATER = {  # by name, the module that has it, or that it is
    "StaticGraph": "autograd.tracing",
    "TracingError": "autograd.tracing",
    "checkpoint": "autograd.checkpointing",
    "compile": "autograd.compiling",
    "detect_anomaly": "autograd.anomaly",
    "functional": "autograd.functional",
    "get_num_threads": "autograd.threads",
    "graph": "autograd.graph",
    "profile": "autograd.profiling",
    "record": "autograd.recording",
    "set_num_threads": "autograd.threads",
    "trace": "autograd.tracing",
}

if TYPE_CHECKING:
    from autograd import functional as functional
    from autograd import graph as graph
    from autograd.anomaly import detect_anomaly
    from autograd.checkpointing import checkpoint
    from autograd.compiling import compile as compile
    from autograd.profiling import profile
    from autograd.recording import record
    from autograd.threads import get_num_threads, set_num_threads
    from autograd.tracing import StaticGraph, TracingError, trace
    from autograd.vocabulary import *  # noqa: F403
else:
    __getattr__ = attribute_loader(__name__, LATER, otherwise="autograd.vocabulary")
