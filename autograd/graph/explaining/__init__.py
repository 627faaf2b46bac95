"""The chain rule of a computation in words and numbers: `explain`."""

from autograd.graph.explaining.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
