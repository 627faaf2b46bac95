"""Looking at a computation graph: as data, as a drawing, as text, and step by step."""

from autograd.graph.canvas import Drawing
from autograd.graph.data import Call, Description, Edge, Variable
from autograd.graph.description import describe
from autograd.graph.drawing import draw
from autograd.graph.flowchart import mermaid
from autograd.graph.stepping import StepThrough, step_through
from autograd.graph.text import steps, tree

__all__ = [
    "Call",
    "Description",
    "Drawing",
    "Edge",
    "StepThrough",
    "Variable",
    "describe",
    "draw",
    "mermaid",
    "step_through",
    "steps",
    "tree",
]
