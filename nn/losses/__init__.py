"""Losses as layers; see `nn.functional` for what each takes."""

from nn.losses.classification import CrossEntropyLoss
from nn.losses.regression import MSELoss

__all__ = ["CrossEntropyLoss", "MSELoss"]
