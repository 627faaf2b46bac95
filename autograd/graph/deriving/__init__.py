"""A computation and its gradient as a plain NumPy program: `derive`."""

from autograd.graph.deriving.sheet import Check, Sheet, derive

__all__ = ["Check", "Sheet", "derive"]
