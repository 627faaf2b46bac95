"""A formula: an expression, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograd.symbols.expression import Expression, evaluate
from autograd.symbols.layout import lay_out


@dataclass(frozen=True)
class Formula:
    """An expression read from the code of a rule.

    `str(formula)` writes it in one line of Unicode; notebooks show it as LaTeX.
    """

    tree: Expression

    @property
    def latex(self) -> str:
        """As LaTeX, without dollar signs."""
        return lay_out(self.tree).latex().strip()

    @property
    def mathml(self) -> str:
        """As a MathML element."""
        namespace = "http://www.w3.org/1998/Math/MathML"
        return f'<math xmlns="{namespace}" displaystyle="true">{lay_out(self.tree).mathml()}</math>'

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Its value, given those of the names in it."""
        return evaluate(self.tree, values)

    def __str__(self) -> str:
        return lay_out(self.tree).unicode()

    def _repr_latex_(self) -> str:
        return f"${self.latex}$"
