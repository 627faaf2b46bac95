"""Pictures of training and of what a network does.

Every function draws into the axes that it is given, or into a new figure, and returns the axes.
Colours are those of the style in use, so that the pictures fit light and dark notebooks. Matplotlib
is loaded when something is drawn.
"""

from nn.plots.boundaries import decision_boundary
from nn.plots.images import misclassified, weight_images
from nn.plots.live import LiveBoundary
from nn.plots.matrices import confusion_matrix
from nn.plots.progress import curves, learning_curves
from nn.plots.reading import Reading, read_bias_variance

__all__ = [
    "LiveBoundary",
    "Reading",
    "confusion_matrix",
    "curves",
    "decision_boundary",
    "learning_curves",
    "misclassified",
    "read_bias_variance",
    "weight_images",
]
