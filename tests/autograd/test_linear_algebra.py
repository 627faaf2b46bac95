"""Linear algebra: conventions where derivatives do not exist, other libraries' values, messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
from autograd import Tensor, linalg

Array = Any
RNG = np.random.default_rng(0)

A = np.array([[2.0, 1, 0], [1, 3, -1], [0.5, -1, 4]])
S = np.array([[2.0, 1, 0], [1, 3, -1], [0, -1, 4]])
T = np.array([[1.0, 2], [3, -1], [0.5, 2]])
M = np.array([[1.0, -1, 2], [0, 1, 1], [3, 0, -2]])
V = np.array([1.0, -2, 3])


def gradient(f: Callable[[Tensor], Tensor], x: Array) -> Array:
    tensor = Tensor(x, requires_grad=True)
    return autograd.grad(f(tensor), tensor).data


def gradient_of_squares(f: Callable[[Tensor], Tensor], x: Array) -> Array:
    """The gradient of the sum of squares of f's gradient: second derivatives in one array."""
    tensor = Tensor(x, requires_grad=True)
    slope = autograd.grad(f(tensor), tensor, create_graph=True)
    if not slope.requires_grad:  # it is the same everywhere
        return np.zeros(x.shape)
    return autograd.grad((slope * slope).sum(), tensor).data


def slope_of_gradient(f: Callable[[Tensor], Tensor], x: Array, along: Array) -> Array:
    """The derivative of f's gradient along a direction."""
    tensor = Tensor(x, requires_grad=True)
    slope = autograd.grad(f(tensor), tensor, create_graph=True)
    return autograd.grad(slope, tensor, along).data


# Against PyTorch 2.13, in float64: f, x, the gradient, and the gradient of its sum of squares

PYTORCH: dict[str, tuple[Callable[[Tensor], Tensor], Array, Array, Array]] = {
    "inv": (
        lambda a: (linalg.inv(a) * M).sum(),
        A,
        [
            [-0.25469388, 0.30938776, -0.2122449],
            [0.01469388, -0.22938776, 0.0122449],
            [-0.49632653, 0.19265306, 0.25306122],
        ],
        [
            [-0.7820669, 0.45944742, 0.11602213],
            [0.4411876, -0.32234188, -0.05538073],
            [-0.03172392, -0.01858464, -0.2130122],
        ],
    ),
    "det": (
        linalg.det,
        A,
        [[11, -4.5, -2.5], [-4, 8, 2.5], [-1, 2, 5]],
        [[103, 26.5, 10], [31, 110.5, 7.5], [29, 7, 115]],
    ),
    "slogdet": (
        lambda a: linalg.slogdet(a).logabsdet,
        A,
        [
            [0.62857143, -0.25714286, -0.14285714],
            [-0.22857143, 0.45714286, 0.14285714],
            [-0.05714286, 0.11428571, 0.28571429],
        ],
        [
            [-0.74635569, 0.52944606, 0.2787172],
            [0.49492711, -0.42658892, -0.22157434],
            [0.19311953, -0.17399417, -0.11661808],
        ],
    ),
    "pinv": (
        lambda a: (linalg.pinv(a) * M[:2]).sum(),
        T,
        [[-0.11104501, -0.16320385], [0.07336903, -0.20566095], [-0.02300218, 0.00481783]],
        [[-0.02151399, -0.04484234], [-0.04541754, 0.01131667], [-0.01466413, -0.04134648]],
    ),
    "solve": (
        lambda a: (linalg.solve(a, V) ** 2).sum(),
        A,
        [
            [-1.32851312, 1.20396501, -0.62274052],
            [0.96279883, -0.87253644, 0.45131195],
            [0.04478134, -0.04058309, 0.02099125],
        ],
        [
            [-16.26694855, 13.81099464, -3.09192002],
            [11.69608355, -9.92491479, 2.19723376],
            [2.02704062, -1.80562598, 0.79737039],
        ],
    ),
    "lstsq": (
        lambda a: (linalg.lstsq(a, V)[0] ** 2).sum(),
        T,
        [[0.20455555, -0.69213815], [-0.16159206, 0.52989557], [0.09405222, -0.27748197]],
        [[0.31607512, -1.12883227], [-0.29425642, 1.01608493], [0.27419502, -0.88925162]],
    ),
    "cholesky": (
        lambda a: (linalg.cholesky(a) * M).sum(),
        S,
        [
            [0.41152848, -0.11595018, 1.16606943],
            [-0.11595018, 0.23190036, -0.21081851],
            [1.16606943, -0.21081851, -0.52704628],
        ],
        [
            [-1.70236329, 0.46518779, 0.48976902],
            [0.46518779, -0.28950615, -0.32253152],
            [0.48976902, -0.32253152, -0.1595796],
        ],
    ),
    "eigvalsh": (
        lambda a: (linalg.eigvalsh(a) * V).sum(),
        S,
        [
            [0.0893164, -0.75598306, -1.33333333],
            [-0.75598306, 0.66666667, -1.9106836],
            [-1.33333333, -1.9106836, 1.24401694],
        ],
        0,
    ),
    "eigh": (
        lambda a: (linalg.eigh(a).eigenvectors ** 2 * M).sum(),
        S,
        [
            [-0.37799153, 0.17756402, -0.22222222],
            [0.17756402, 1.02179471, 0.0446582],
            [-0.22222222, 0.0446582, -0.64380318],
        ],
        [
            [1.03219377, 0.0414053, 0.01500482],
            [0.0414053, -0.31832851, 0.93561247],
            [0.01500482, 0.93561247, -0.71386525],
        ],
    ),
    "svd of more rows": (
        lambda a: (linalg.svd(a, full_matrices=False).U ** 2 * M[:, :2]).sum(),
        T,
        [[3.50056183, 1.3730804], [-1.76931721, 4.71183379], [3.61477956, 0.9828365]],
        [[298.44942396, 566.40944531], [-732.56638283, 450.76226806], [407.8952578, 453.11899375]],
    ),
    "svd of more columns": (
        lambda a: (linalg.svd(a, full_matrices=False).Vh ** 2 * M[:2]).sum(),
        T.T,
        [[3.23437108, -1.60528786, 3.162985], [1.2013249, 4.24595002, 0.92165011]],
        [[226.63426224, -582.91027602, 297.81481385], [451.16989191, 333.72548869, 358.92414046]],
    ),
    "qr": (
        lambda a: sum((part * M[: len(part), :2]).sum() for part in linalg.qr(a)),
        T,
        [[-0.05389898, 0.80286243], [-0.95580248, 0.63080951], [-0.56051143, 1.01254233]],
        [[0.0794805, 0.09239003], [-0.17573376, 0.14086376], [-0.02710457, -0.17498543]],
    ),
    "nuclear norm": (
        lambda a: linalg.norm(a, "nuc"),
        T,
        [[0.31234752, 0.66666667], [0.93704257, -0.33333333], [0.15617376, 0.66666667]],
        0,
    ),
    "norm of order 3": (
        lambda a: linalg.vector_norm(a, ord=3),
        T,
        [[0.07889604, 0.31558415], [0.71006433, -0.07889604], [0.01972401, 0.31558415]],
        [[-0.03858898, -0.05476255], [0.10086931, 0.03858898], [-0.01275954, -0.05476255]],
    ),
}


@pytest.mark.parametrize("name", PYTORCH)
def test_derivatives_are_those_of_pytorch(name: str) -> None:
    f, x, first, second = PYTORCH[name]
    np.testing.assert_allclose(gradient(f, x), first, rtol=1e-7, atol=2e-8)
    np.testing.assert_allclose(gradient_of_squares(f, x), second, rtol=1e-7, atol=2e-8)


# Determinants, of singular matrices too

SINGULAR = [
    np.diag([2.0, 3, 0]),
    np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]),
    np.diag([0.0, 5, 0]),
    np.zeros((3, 3)),
    np.ones((4, 4)),
    np.outer([1.0, -2, 0, 3], [2.0, 1, 1, -1]) + np.diag([1.0, 0, 0, 0]),
]


def cofactors(a: Array) -> Array:
    """From minors, as the schoolbook has them."""
    n = len(a)
    minors = [
        [np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(n)] for i in range(n)
    ]
    return np.array(minors) * (-1.0) ** np.add.outer(np.arange(n), np.arange(n))


@pytest.mark.parametrize("a", [*SINGULAR, A, -A, M])
def test_the_gradient_of_a_determinant_are_the_cofactors(a: Array) -> None:
    np.testing.assert_allclose(gradient(linalg.det, a), cofactors(a), atol=1e-12)


@pytest.mark.parametrize("a", [*SINGULAR, A])
def test_so_are_its_second_derivatives(a: Array) -> None:
    along = RNG.standard_normal(a.shape)
    # Cofactors are polynomials, whose slope central differences of a line through give exactly
    # up to third degree.
    exact = sum(
        w * (cofactors(a + t * along) - cofactors(a - t * along))
        for t, w in ((0.5, 4 / 3), (1.0, -1 / 6))
    )
    np.testing.assert_allclose(slope_of_gradient(linalg.det, a, along), exact, atol=1e-12)


def test_a_stack_may_hold_singular_and_regular_matrices() -> None:
    stack = np.stack([SINGULAR[0], A, np.zeros((3, 3))])
    found = gradient(lambda a: linalg.det(a).sum(), stack)
    np.testing.assert_allclose(found, [cofactors(a) for a in stack], atol=1e-12)


def test_the_logarithm_of_a_determinant_of_0_has_a_value_and_no_gradient() -> None:
    found = np.linalg.slogdet(Tensor(np.ones((2, 2)), requires_grad=True))
    assert (found.sign.item(), found.logabsdet.item()) == (0, -np.inf)
    assert not found.sign.requires_grad
    assert message(ValueError, found.logabsdet.backward) == (
        "slogdet: the determinant is 0, where its logarithm has no gradient. np.linalg.det has one "
        "there."
    )


# Values that coincide

SAME = np.diag([2.0, 2, 5])


def test_equal_eigenvalues_have_the_gradients_that_exist() -> None:
    np.testing.assert_allclose(gradient(lambda a: linalg.eigvalsh(a).sum(), SAME), np.eye(3))
    found = gradient(lambda a: (linalg.eigvalsh(a) ** 3).sum(), SAME)  # tr a³
    np.testing.assert_allclose(found, 3 * SAME @ SAME, atol=1e-12)


def test_eigenvectors_of_equal_eigenvalues_do_not_turn() -> None:
    weights = RNG.standard_normal((3, 3))
    found = gradient(lambda a: (linalg.eigh(a).eigenvectors * weights).sum(), SAME)
    assert found[0, 1] == found[1, 0] == 0
    assert np.all(found[2, :2] != 0)
    nearly = SAME + 1e-15 * np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])  # equal but for rounding
    assert np.all(abs(gradient(lambda a: (linalg.eigh(a)[1] * weights).sum(), nearly)) < 10)


def test_singular_vectors_of_equal_singular_values_do_not_turn() -> None:
    weights = RNG.standard_normal((3, 3))
    for part in (0, 2):
        found = gradient(lambda a, i=part: (linalg.svd(a)[i] * weights).sum(), SAME)
        assert np.isfinite(found).all()
        np.testing.assert_allclose(
            found[:2, :2], -found[:2, :2].T, atol=1e-12
        )  # against each other


def test_the_nuclear_norm_is_twice_differentiable_at_equal_singular_values() -> None:
    def nuclear(a: Tensor) -> Tensor:
        return linalg.norm(a, "nuc")

    np.testing.assert_allclose(gradient(nuclear, 2 * np.eye(3)), np.eye(3))
    along = RNG.standard_normal((3, 3))
    found = slope_of_gradient(nuclear, 2 * np.eye(3), along)
    np.testing.assert_allclose(found, (along - along.T) / 4, atol=1e-12)  # of the polar factor


def test_gradients_of_symmetric_matrices_are_symmetric() -> None:
    one_sided = np.tril(S) + np.triu(RNG.standard_normal((3, 3)), 1)  # the upper part is not read
    for f in (linalg.cholesky, linalg.eigvalsh, lambda a: linalg.eigh(a)[1]):
        assert_equal = np.testing.assert_array_equal
        assert_equal(f(Tensor(one_sided)).data, f(Tensor(S)).data)
        found = gradient(lambda a, f=f: (f(a) * V).sum(), one_sided)
        np.testing.assert_allclose(found, found.T)


# Norms where they are not smooth


ORDERS = [None, 1, 2, 3, 1.5, 0.5, -1, np.inf, -np.inf]
MATRIX_ORDERS = ["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.parametrize("ord", ORDERS)
def test_the_gradient_of_a_norm_at_0_is_0(ord: Any) -> None:
    for order in (gradient, gradient_of_squares):
        with np.errstate(divide="ignore"):  # 0 to a negative power, as in NumPy
            found = order(lambda x: linalg.norm(x, ord), np.zeros(3))
        np.testing.assert_array_equal(found, 0)


@pytest.mark.parametrize("ord", MATRIX_ORDERS)
def test_the_gradient_of_a_matrix_norm_at_0_is_0(ord: Any) -> None:
    for order in (gradient, gradient_of_squares):
        found = order(lambda x: linalg.norm(x, ord), np.zeros((2, 3)))
        np.testing.assert_array_equal(found, 0)


@pytest.mark.parametrize("ord", [1, 2, 3, 1.5, 0.5])
def test_an_entry_of_0_gets_no_gradient(ord: float) -> None:
    x = np.array([3.0, 0, -4])
    found = gradient(lambda x: linalg.norm(x, ord), x)
    expected = np.sign(x) * (abs(x) / np.linalg.norm(x, ord)) ** (ord - 1) if ord >= 1 else None
    assert found[1] == 0
    if expected is not None:
        np.testing.assert_allclose(found, expected)
    assert np.isfinite(gradient_of_squares(lambda x: linalg.norm(x, ord), x)).all()


def test_a_norm_of_negative_order_is_0_with_its_derivatives_where_an_entry_is_0() -> None:
    with np.errstate(divide="ignore"):
        found = gradient(lambda x: linalg.norm(x, -1), np.array([3.0, 0, -4]))
    np.testing.assert_array_equal(found, 0)


def test_largest_entries_that_tie_share_the_gradient() -> None:
    found = gradient(lambda x: linalg.norm(x, np.inf), np.array([1.0, -3, 3]))
    np.testing.assert_array_equal(found, [0, -0.5, 0.5])


def test_order_0_counts_without_a_gradient() -> None:
    counted = linalg.norm(Tensor(np.array([3.0, 0, -4]), requires_grad=True), 0)
    assert counted.item() == 2
    assert counted.dtype == float
    assert not counted.requires_grad


def test_least_squares_has_gradients_in_all_that_it_gives() -> None:
    def everything(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, squares, rank, s = linalg.lstsq(a, b)
        assert not rank.requires_grad
        return x, squares, s

    check_gradients(everything, [T, V], title="lstsq")
    check_gradients(everything, [T, M], title="lstsq")


@pytest.mark.parametrize(
    "f",
    [
        lambda a: linalg.norm(a, "nuc"),
        lambda a: linalg.vector_norm(a + 3, ord=3),  # away from 0
        lambda a: linalg.cond(a),
        lambda a: linalg.qr(a[:, :2]).Q,
        lambda a: linalg.lstsq(a[:, :2], V)[0],
        lambda a: linalg.matrix_power(a, -2),
        lambda a: np.diag(np.kron(a, a)),
    ],
)
def test_third_derivatives(f: Callable[[Tensor], Tensor]) -> None:
    check_gradients(f, [A], order=3)
