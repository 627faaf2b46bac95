"""Looking at a computation graph: as data, drawings, text, step by step, and as mathematics."""

from autograd.graph.canvas import Drawing
from autograd.graph.data import Call, Description, Edge, Variable
from autograd.graph.deriving import Check, Sheet, derive
from autograd.graph.description import describe
from autograd.graph.drawing import draw
from autograd.graph.explaining import Explanation, explain
from autograd.graph.flowchart import mermaid
from autograd.graph.reasoning import Answer, why
from autograd.graph.stepping import StepThrough, step_through
from autograd.graph.text import steps, tree

__all__ = [
    "Answer",
    "Call",
    "Check",
    "Description",
    "Drawing",
    "Edge",
    "Explanation",
    "Sheet",
    "StepThrough",
    "Variable",
    "derive",
    "describe",
    "draw",
    "explain",
    "mermaid",
    "step_through",
    "steps",
    "tree",
    "why",
]
