"""Residual, Lambda, Identity, Flatten, Unflatten."""

import numpy as np
import pytest
from support.checks import check_gradients, message

import autograd
import nn
from autograd import Tensor
from nn.composition import Flatten, Identity, Lambda, Residual, Unflatten

RNG = np.random.default_rng(0)


def data(*shape):
    return Tensor(RNG.standard_normal(shape).astype(np.float32))


# Lambda and Identity


def test_a_lambda_is_its_function():
    x = data(3)
    assert np.array_equal(Lambda(autograd.relu)(x), autograd.relu(x))
    assert Lambda(lambda x, *, by: x * by)(2, by=3) == 6
    assert repr(Lambda(autograd.relu)) == "Lambda(relu)"


def test_a_module_in_a_lambda_is_found():
    assert list(Lambda(nn.Linear(1, 1)).state_dict()) == ["fn.weight", "fn.bias"]


def test_a_lambda_takes_the_function_itself():
    assert message(TypeError, lambda: Lambda(3.0)) == (
        "Lambda takes a function, not float. Give the function itself: Lambda(f), or "
        "Lambda(lambda x: …), without calling it."
    )


def test_identity_gives_what_it_was_given_whatever_it_was_made_with():
    x = data(3)
    assert Identity(5, unused=True)(x) is x


# Residual


def test_a_residual_adds_what_it_was_given():
    layer, x = nn.Linear(4, 4), data(3, 4)
    assert np.array_equal(Residual(layer)(x), x + layer(x))
    assert np.array_equal(Residual(autograd.tanh)(x), x + autograd.tanh(x))


def test_a_shortcut_is_what_the_input_goes_through():
    layer, shortcut, x = nn.Linear(4, 2), nn.Linear(4, 2), data(3, 4)
    residual = Residual(layer, shortcut)
    assert np.array_equal(residual(x), shortcut(x) + layer(x))
    assert list(residual.state_dict()) == [
        *("layer.weight", "layer.bias", "shortcut.weight", "shortcut.bias")
    ]


def test_a_gradient_goes_both_ways():
    residual = Residual(nn.Sequential(nn.Linear(4, 4), nn.Tanh())).double()
    check_gradients(lambda x: residual(x), [RNG.standard_normal((3, 4))])


@pytest.mark.parametrize(
    ("residual", "expected"),
    [
        (
            Residual(nn.Linear(4, 2)),
            "Residual: layer(x) has another shape than x, so the two cannot be added.\n"
            "  x           (3, 4)\n"
            "  layer(x)    (3, 2)\n"
            "  fix  let the layer keep the shape, or give x a way to the other: "
            "Residual(layer, shortcut=Linear(4, 2))",
        ),
        (
            Residual(nn.Linear(4, 1), nn.Linear(4, 4)),  # would broadcast
            "Residual: layer(x) has another shape than shortcut(x), so the two cannot be added.\n"
            "  shortcut(x) (3, 4)\n"
            "  layer(x)    (3, 1)\n"
            "  fix  let the layer keep the shape, or give x a way to the other: "
            "Residual(layer, shortcut=Linear(4, 1))",
        ),
        (
            Residual(lambda x: x.sum(0)),
            "Residual: layer(x) has another shape than x, so the two cannot be added.\n"
            "  x           (3, 4)\n"
            "  layer(x)    (4,)\n"
            "  fix  let the layer keep the shape",
        ),
    ],
)
def test_a_layer_that_changes_the_shape_needs_a_shortcut(residual, expected):
    assert message(ValueError, lambda: residual(data(3, 4))) == expected


def test_what_is_no_layer_is_named():
    assert message(TypeError, lambda: Residual(nn.ReLU)) == (
        "Residual: layer is the class ReLU, not a layer made from it. Write ReLU(…), with its "
        "arguments."
    )
    assert message(TypeError, lambda: Residual(nn.ReLU(), [nn.ReLU()])) == (
        "Residual: shortcut is of type list. For several, one after the other: Sequential(*layers)."
    )


# Shapes


@pytest.mark.parametrize(
    ("layer", "before", "after"),
    [  # as PyTorch 2.13 gives
        (Flatten(), (5, 2, 3, 4), (5, 24)),
        (Flatten(), (5, 2), (5, 2)),
        (Flatten(0), (5, 2, 3), (30,)),
        (Flatten(0, 1), (5, 2, 3), (10, 3)),
        (Flatten(-2, -1), (5, 2, 3), (5, 6)),
        (Flatten(start_dim=2, end_dim=2), (5, 2, 3), (5, 2, 3)),
        (Flatten(), (0, 2, 3), (0, 6)),
        (Unflatten(1, (2, 3)), (5, 6), (5, 2, 3)),
        (Unflatten(-1, (2, -1)), (5, 6), (5, 2, 3)),
        (Unflatten(dim=0, unflattened_size=(5, 1)), (5, 6), (5, 1, 6)),
    ],
)
def test_shapes(layer, before, after):
    x = data(*before)
    assert layer(x).shape == after
    assert np.array_equal(layer(x).data.ravel(), x.data.ravel())


def test_unflatten_undoes_flatten():
    x = data(5, 2, 3)
    assert np.array_equal(nn.Sequential(Flatten(), Unflatten(1, (2, 3)))(x), x)


NO_SHAPES = [
    (
        lambda: Flatten()(data(3)),
        "Flatten(start_axis=1, end_axis=-1): x (3,) float32 has no such axes, only 0 to 0. Inputs "
        "come in a batch, one example in each row: for one alone write x[None].",
    ),
    (
        lambda: Flatten(2, 1)(data(3, 4, 5)),
        "Flatten(start_axis=2, end_axis=1): in x (3, 4, 5) float32 axis 2 comes after axis 1; the "
        "first axis is the one further left.",
    ),
    (
        lambda: Unflatten(2, (1, 1))(data(3, 4)),
        "Unflatten(axis=2, unflattened_size=(1, 1)): x (3, 4) float32 has no axis 2.",
    ),
    *(
        (
            lambda sizes=sizes: Unflatten(1, sizes)(data(3, 4)),
            f"Unflatten(axis=1, unflattened_size={sizes}): axis 1 of x (3, 4) float32 has length "
            f"4, which is not the product of the sizes {sizes}.",
        )
        for sizes in [(2, 3), (3, -1), (0, -1), (-1, -1)]
    ),
]


@pytest.mark.parametrize(("wrong", "expected"), NO_SHAPES)
def test_shapes_that_cannot_be(wrong, expected):
    assert message(ValueError, wrong) == expected
