"""Embedding: rows of a table by number, their gradients, and what it says of other numbers."""

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
import nn
from autograd import Tensor
from nn.embedding import Embedding
from nn.functional.embedding import embedding

TABLE = np.random.default_rng(0).standard_normal((5, 3))


def layer(**settings):
    made = Embedding(5, 3, dtype=np.float64, **settings)
    made.weight.data = TABLE
    return made


@pytest.mark.parametrize("indices", [2, [0, 4, 4], [[1], [3]], np.array([2], np.uint8), []])
def test_each_index_becomes_its_row(indices):
    indices = np.asarray(indices, getattr(indices, "dtype", int))
    for given in (indices, Tensor(indices)):
        np.testing.assert_array_equal(layer()(given).data, TABLE[indices])


def test_lists_are_indices_too():
    np.testing.assert_array_equal(layer()([[0, 1], [2, 0]]).data, TABLE[[[0, 1], [2, 0]]])


def test_a_rows_gradient_is_the_sum_over_its_places():
    indices = np.array([[1, 3], [3, 3]])
    check_gradients(lambda table: embedding(indices, table) ** 2, [TABLE])
    table = Tensor(TABLE, requires_grad=True)
    embedding(indices, table).sum().backward()
    np.testing.assert_array_equal(table.grad.data[:, 0], [0, 1, 0, 3, 0])


def test_looking_up_is_a_linear_layer_on_one_hot_rows():
    indices, g = np.array([2, 0, 2]), np.random.default_rng(1).standard_normal((3, 3))
    one, other = Tensor(TABLE, requires_grad=True), Tensor(TABLE, requires_grad=True)
    looked_up = embedding(indices, one)
    multiplied = nn.functional.one_hot(indices, 5).astype(float) @ other
    np.testing.assert_array_equal(looked_up.data, multiplied.data)
    looked_up.backward(g)
    multiplied.backward(g)
    np.testing.assert_allclose(one.grad.data, other.grad.data, rtol=1e-15)


def test_the_table_starts_standard_normal():
    table = Embedding(200, 100, generator=np.random.default_rng(0)).weight
    assert table.dtype == np.float32
    assert abs(table.data.mean()) < 4 / np.sqrt(table.size)
    assert abs(table.data.std() - 1) < 4 / np.sqrt(2 * table.size)


@pytest.mark.parametrize("padding_idx", [2, -3])
def test_the_row_for_padding_starts_at_zero_and_does_not_learn(padding_idx):
    fresh = Embedding(5, 3, padding_idx)
    assert fresh.padding_idx == 2
    assert not fresh.weight.data[2].any()
    assert fresh.weight.data[[0, 1, 3, 4]].all()
    filled = layer(padding_idx=padding_idx)
    out = filled([2, 1, 2])
    np.testing.assert_array_equal(out.data, TABLE[[2, 1, 2]])
    out.sum().backward()
    np.testing.assert_array_equal(filled.weight.grad.data[:, 0], [0, 1, 0, 0, 0])


@pytest.mark.parametrize(("norm_type", "norm"), [(2.0, 2), (1.0, 1)])
def test_max_norm_shortens_the_rows_that_are_looked_up_in_the_table(norm_type, norm):
    limited = layer(max_norm=1.0, norm_type=norm_type)
    out = limited([[3, 0], [3, 3]])
    norms = np.linalg.norm(TABLE, norm, axis=1)
    assert norms[3] > 1
    now = np.linalg.norm(limited.weight.data, norm, axis=1)
    np.testing.assert_allclose(now[[0, 3]], np.minimum(norms[[0, 3]], 1), rtol=1e-6)
    np.testing.assert_array_equal(now[[1, 2, 4]], norms[[1, 2, 4]])
    np.testing.assert_array_equal(out.data, limited.weight.data[[[3, 0], [3, 3]]])


def test_max_norm_writes_so_that_graphs_made_before_notice():
    limited = layer(max_norm=0.1)
    loss = (limited.weight**2).sum()
    limited([0])
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()


def test_a_table_made_elsewhere_is_frozen_unless_said_otherwise():
    frozen = Embedding.from_pretrained(TABLE, padding_idx=1)
    assert not frozen([0, 1]).requires_grad
    assert np.shares_memory(frozen.weight.data, TABLE)
    np.testing.assert_array_equal(frozen([1]).data, TABLE[[1]])
    assert (frozen.num_embeddings, frozen.embedding_dim, frozen.padding_idx) == (5, 3, 1)
    assert Embedding.from_pretrained(TABLE, freeze=False)([0]).requires_grad


@pytest.mark.parametrize("padding_idx", [None, 1])
def test_a_recording_looks_other_indices_up_and_checks_them(padding_idx):
    looked_up = layer(padding_idx=padding_idx)
    graph = autograd.trace(looked_up, np.array([0, 1, 2]))
    np.testing.assert_array_equal(graph(np.array([4, 4, 1])).data, TABLE[[4, 4, 1]])
    with pytest.raises(IndexError, match="1 of 3 indices are not in 0 … 4; the first is 5"):
        graph(np.array([4, 5, 1]))


def test_the_gradient_of_many_rows_is_the_sum_whatever_the_way_it_is_made():
    rng = np.random.default_rng(2)
    for count, rows in ((50, 3), (50, 2000)):  # chosen often, chosen seldom
        indices = rng.integers(rows, size=(20, count))
        g = rng.standard_normal((20, count, 16))
        table = Tensor(np.zeros((rows, 16)), requires_grad=True)
        embedding(indices, table).backward(g)
        one_hot = indices.reshape(-1, 1) == np.arange(rows)
        np.testing.assert_allclose(table.grad.data, one_hot.T @ g.reshape(-1, 16), atol=1e-12)


# What is refused

WRONG_INDICES = [
    (
        [[0, 1], [5, 9]],
        IndexError,
        "2 of 4 indices are not in 0 … 4; the first is 5 at [1, 0]. A table that knows them has "
        "num_embeddings=10 or more.",
    ),
    (
        [3, 5, 1],
        IndexError,
        "1 of 3 indices are not in 0 … 4; the first is 5 at [1]. They count from 1: subtract 1.",
    ),
    (
        [0, -1],
        IndexError,
        "1 of 2 indices are not in 0 … 4; the first is -1 at [1]. Negative indices do not count "
        "from the end here; give missing ones a row of their own.",
    ),
    (
        7,
        IndexError,
        "1 of 1 indices are not in 0 … 4; the first is 7. A table that knows them has "
        "num_embeddings=8 or more.",
    ),
    (
        [0.0, 2.0],
        TypeError,
        "indices are whole numbers, not float64; the first is 0.0 at [0]. They are whole: convert "
        "them, indices.astype(int).",
    ),
    (
        [1.0, 2.5],
        TypeError,
        "indices are whole numbers, not float64; the first that is broken is 2.5 at [1]. An "
        "embedding looks rows up by number; numbers that measure something go to a Linear layer.",
    ),
    (
        [True, False],
        TypeError,
        "indices are whole numbers, not bool. For 0 and 1 write indices.astype(int).",
    ),
    (
        ["cat"],
        TypeError,
        "indices are whole numbers, not <U3. Give integers, such as np.array([0, 2]).",
    ),
]


@pytest.mark.parametrize(("indices", "kind", "expected"), WRONG_INDICES)
def test_other_indices_are_refused(indices, kind, expected):
    assert message(kind, lambda: layer()(indices)) == f"embedding: {expected}"


WRONG_TABLES = [
    (lambda: Embedding(0, 3), "Embedding: num_embeddings is a positive whole number, not 0."),
    (lambda: Embedding(5, 0), "Embedding: embedding_dim is a positive whole number, not 0."),
    (
        lambda: Embedding(5, 3, padding_idx=5),
        "Embedding: padding_idx is one of the 5 rows, 0 … 4 (or negative, from the end), not 5.",
    ),
    (
        lambda: Embedding.from_pretrained(np.ones(3)),
        "Embedding: a table has two axes, rows and size, not (3,).",
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), WRONG_TABLES)
def test_tables_that_cannot_be_are_refused(wrong, expected):
    assert message(ValueError, wrong) == expected


def test_it_prints_what_was_said():
    assert repr(Embedding(5, 3)) == "Embedding(5, 3)"
    assert repr(Embedding(5, 3, -1, 2.0)) == "Embedding(5, 3, padding_idx=4, max_norm=2.0)"
