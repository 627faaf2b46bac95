"""Neural networks: modules that hold parameters, losses, initial values, data."""

from nn import data, functional, init
from nn.activations import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from nn.containers import Sequential
from nn.dropout import Dropout
from nn.linear import Linear
from nn.losses import CrossEntropyLoss, MSELoss
from nn.module import Module
from nn.parameter import Parameter

__all__ = [
    "CrossEntropyLoss",
    "Dropout",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "data",
    "functional",
    "init",
]
