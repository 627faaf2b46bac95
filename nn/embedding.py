"""The embedding layer: a learned row of numbers for each of a set of things."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype
from nn.checks import whole_number
from nn.functional.embedding import embedding, row_number
from nn.init.choosing import Init, initialize
from nn.module import Module
from nn.parameter import Parameter


class Embedding(Module):
    """Row i of a learned table for each index i: words, users, categories become vectors.

    Args:
        num_embeddings: how many rows there are: indices are 0 … num_embeddings − 1.
        embedding_dim: the length of a row.
        padding_idx: a row that starts at zero and does not learn, for what fills up short inputs;
            negative numbers count from the end.
        max_norm: if given, rows whose norm is larger are scaled down to it when looked up.
        norm_type: which norm that is: 2 for the Euclidean one.
        dtype: of the table; the default dtype (float32) if None.
        generator: where the initial values are drawn from; the project's own if None.
        init: how the table starts, as for Linear; standard normal if None.

    Attributes:
        weight: the table, of shape (num_embeddings, embedding_dim).

    Shapes: indices (...) of whole numbers; the result is (..., embedding_dim).

    Raises:
        TypeError, ValueError: a size is not a positive whole number; padding_idx is no row.
        TypeError, IndexError: called with numbers that are not whole, or out of range.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        dtype: DTypeLike | None = None,
        generator: np.random.Generator | None = None,
        init: Init | None = None,
    ) -> None:
        self.num_embeddings = whole_number(num_embeddings, "Embedding", "num_embeddings")
        self.embedding_dim = whole_number(embedding_dim, "Embedding", "embedding_dim")
        if padding_idx is not None:
            padding_idx = row_number(padding_idx, self.num_embeddings, "Embedding")
        self.padding_idx = padding_idx
        self.max_norm = max_norm
        self.norm_type = norm_type
        dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
        self.weight = Parameter(np.empty((self.num_embeddings, self.embedding_dim), dtype))
        initialize(self.weight, "normal" if init is None else init, "Embedding", generator)
        if padding_idx is not None:
            self.weight.data[padding_idx] = 0

    @classmethod
    def from_pretrained(
        cls, embeddings: Any, freeze: bool = True, padding_idx: int | None = None
    ) -> Self:
        """An embedding whose table is `embeddings` (n, size), which learns only if not `freeze`."""
        table = Parameter(embeddings, requires_grad=not freeze)
        if table.ndim != 2:
            raise ValueError(f"Embedding: a table has two axes, rows and size, not {table.shape}.")
        count, size = table.shape
        layer = cls(count, size, padding_idx)
        layer.weight = table
        return layer

    def forward(self, indices: Any) -> Tensor:
        return embedding(indices, self.weight, self.padding_idx, self.max_norm, self.norm_type)

    def extra_repr(self) -> str:
        given = [str(self.num_embeddings), str(self.embedding_dim)]
        given += [f"padding_idx={self.padding_idx}"] if self.padding_idx is not None else []
        given += [f"max_norm={self.max_norm}"] if self.max_norm is not None else []
        return ", ".join(given)
