"""Looking at a computation graph: as data, as a drawing, and as text."""

from autograd.graph.canvas import Drawing
from autograd.graph.data import Call, Description, Edge, Variable
from autograd.graph.description import describe
from autograd.graph.drawing import draw
from autograd.graph.flowchart import mermaid
from autograd.graph.text import steps, tree

__all__ = [
    "Call",
    "Description",
    "Drawing",
    "Edge",
    "Variable",
    "describe",
    "draw",
    "mermaid",
    "steps",
    "tree",
]
