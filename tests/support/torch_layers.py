"""The layers that are compared with PyTorch's."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from support.torch_cases import Case, case, labels, numbers

# Made of several


def parametrizations(nn: Any) -> Any:
    """Where `weight_norm` is: PyTorch has it in a module of its own."""
    return nn.utils.parametrizations if hasattr(nn, "utils") else import_module("nn.weight_norm")


def linear_with_weight_norm(nn: Any) -> Any:
    return parametrizations(nn).weight_norm(nn.Linear(3, 2))


def linear_with_weight_norm_of_columns(nn: Any) -> Any:
    return parametrizations(nn).weight_norm(nn.Linear(3, 2, bias=False), dim=1)


def linear_with_one_weight_norm(nn: Any) -> Any:
    return parametrizations(nn).weight_norm(nn.Linear(3, 2), "weight", None)


def linear_with_weight_and_bias_norm(nn: Any) -> Any:
    return parametrizations(nn).weight_norm(linear_with_weight_norm(nn), "bias", None)


TO_BILINEAR = {"in1_features": 3, "in2_features": 2}

CASES: list[Case] = [
    case("Linear", numbers(4, 3), in_features=3, out_features=2),
    case("Linear", numbers(2, 4, 3), in_features=3, out_features=2, bias=False),
    case("Linear", numbers(3), in_features=3, out_features=2).in_evaluation(),
    case(linear_with_weight_norm, numbers(4, 3)),
    case(linear_with_weight_norm_of_columns, numbers(4, 3)),
    case(linear_with_one_weight_norm, numbers(4, 3)),
    case(linear_with_weight_and_bias_norm, numbers(4, 3)),
    case("Bilinear", numbers(4, 3), numbers(4, 2), **TO_BILINEAR, out_features=5),
    case("Bilinear", numbers(2, 4, 3), numbers(2, 4, 2), **TO_BILINEAR, out_features=1, bias=False),
    case("Bilinear", numbers(3), numbers(2), **TO_BILINEAR, out_features=4),
    # Embedding. Its table is filled after it was made, the row for padding too.
    case("Embedding", labels(5, 8), num_embeddings=5, embedding_dim=3),
    case("Embedding", labels(5, 2, 4), num_embeddings=5, embedding_dim=3, padding_idx=2),
    case("Embedding", labels(5, 8), num_embeddings=5, embedding_dim=3, padding_idx=-1),
    case("Embedding", labels(3, 5), num_embeddings=5, embedding_dim=3, max_norm=0.75),
    case("Embedding", labels(5, 8), num_embeddings=5, embedding_dim=3, max_norm=1, norm_type=1.0),
    # Where nothing is drawn
    case("Dropout", numbers(4, 3), p=0.3).in_evaluation(),
    case("Dropout", numbers(4, 3), p=0.0),
    case("AlphaDropout", numbers(4, 3), p=0.3).in_evaluation(),
    case("AlphaDropout", numbers(4, 3), p=0.0),
    # Normalisation over the batch
    case("BatchNorm1d", numbers(4, 3), num_features=3),
    case("BatchNorm1d", numbers(4, 3), num_features=3).in_evaluation(),
    case("BatchNorm1d", numbers(4, 3, 2), num_features=3),
    case("BatchNorm1d", numbers(4, 3, 2), num_features=3).in_evaluation(),
    case("BatchNorm1d", numbers(1, 3, 5), num_features=3),
    case("BatchNorm1d", numbers(2, 3), num_features=3, eps=0.5, momentum=0.25).called(2),
    case("BatchNorm1d", numbers(5, 3), num_features=3, momentum=None).called(3),
    case("BatchNorm1d", numbers(5, 3), num_features=3, momentum=0.0),
    case("BatchNorm1d", numbers(5, 3), num_features=3, affine=False),
    case("BatchNorm1d", numbers(5, 3, 2), num_features=3, affine=False).in_evaluation(),
    case("BatchNorm1d", numbers(5, 3), num_features=3, track_running_stats=False),
    case("BatchNorm1d", numbers(5, 3), num_features=3, track_running_stats=False).in_evaluation(),
    # Normalisation of each example
    case("LayerNorm", numbers(4, 3), normalized_shape=3),
    case("LayerNorm", numbers(4, 3), normalized_shape=3).in_evaluation(),
    case("LayerNorm", numbers(2, 4, 3), normalized_shape=(4, 3), eps=0.1),
    case("LayerNorm", numbers(5), normalized_shape=[5], bias=False),
    case("LayerNorm", numbers(4, 3), normalized_shape=3, elementwise_affine=False),
    case("RMSNorm", numbers(4, 3), normalized_shape=3),
    case("RMSNorm", numbers(2, 4, 3), normalized_shape=(4, 3), eps=0.1),
    case("RMSNorm", numbers(4, 3), normalized_shape=3, elementwise_affine=False),
    case("GroupNorm", numbers(4, 6), num_groups=2, num_channels=6),
    case("GroupNorm", numbers(4, 6), num_groups=1, num_channels=6, eps=0.1),
    case("GroupNorm", numbers(2, 6, 3), num_groups=3, num_channels=6).in_evaluation(),
    case("GroupNorm", numbers(2, 6, 3, 2), num_groups=6, num_channels=6),
    case("GroupNorm", numbers(4, 6), num_groups=2, num_channels=6, affine=False),
]
