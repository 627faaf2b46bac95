"""Losses as layers; see `nn.functional` for what each takes."""

from nn.losses.binary import (
    BCELoss,
    BCEWithLogitsLoss,
    MultiLabelSoftMarginLoss,
    SoftMarginLoss,
)
from nn.losses.classification import CrossEntropyLoss, NLLLoss
from nn.losses.distributions import GaussianNLLLoss, KLDivLoss, PoissonNLLLoss
from nn.losses.margins import (
    HingeEmbeddingLoss,
    MarginRankingLoss,
    MultiClassHingeLoss,
    MultiMarginLoss,
    TripletMarginLoss,
)
from nn.losses.regression import HuberLoss, L1Loss, MSELoss, RMSELoss, SmoothL1Loss
from nn.losses.similarity import (
    CosineEmbeddingLoss,
    CosineProximityLoss,
    CosineSimilarity,
    PairwiseDistance,
)

__all__ = [
    "BCELoss",
    "BCEWithLogitsLoss",
    "CosineEmbeddingLoss",
    "CosineProximityLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "MarginRankingLoss",
    "MultiClassHingeLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "PairwiseDistance",
    "PoissonNLLLoss",
    "RMSELoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "TripletMarginLoss",
]
