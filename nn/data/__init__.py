"""Data sets, and what is done to data before it meets a network."""

from nn.data.datasets import digits
from nn.data.loaders import batches
from nn.data.scaling import standardize
from nn.data.splits import stratified_split

__all__ = ["batches", "digits", "standardize", "stratified_split"]
