"""Compiling: a step with its effects, recorded once and replayed into memory made once."""

from autograd.compiling.compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
