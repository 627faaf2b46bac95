"""Rules read as mathematics: the formulas of an operation, from the code that computes them."""

from autograd.symbols.formula import Formula
from autograd.symbols.reading import formula_of, local_gradient_formulas_of

__all__ = ["Formula", "formula_of", "local_gradient_formulas_of"]
