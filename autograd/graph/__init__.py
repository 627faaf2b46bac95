"""Looking at a computation graph: as data, and as a drawing."""

from autograd.graph.canvas import Drawing
from autograd.graph.description import Call, Description, Edge, Variable, describe
from autograd.graph.drawing import draw

__all__ = ["Call", "Description", "Drawing", "Edge", "Variable", "describe", "draw"]
