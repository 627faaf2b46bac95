"""Losses: values and gradients, reductions, and the traps that are errors here."""

import warnings

import numpy as np
import pytest
from support.checks import check_gradients, message

import nn
from autograd import Tensor

F = nn.functional

LOGITS = [[2.0, -1.0, 0.5], [0.0, 3.0, -2.0], [1.0, 1.0, 1.0], [-4.0, 0.25, 1.5]]
LABELS = [0, 2, 1, 2]
ROWS = [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.05, 0.05, 0.9]]

# Printed by PyTorch 2.13 (CPU, float64): torch.nn.functional.cross_entropy and mse_loss of
# LOGITS against LABELS and ROWS, with reduction="none", and the gradients of their means.
VALUES = {
    "labels": [0.24131129665715703, 5.054985235377147, 1.0986122886681098, 0.2551006933343483],
    "rows": [0.9913112966571571, 0.05498523537714723, 1.0986122886681096, 0.5926006933343483],
    "mse": [[1.69, 1.44, 0.16], [0, 4, 4], [4 / 9, 4 / 9, 4 / 9], [16.4025, 0.04, 0.36]],
}
GRADIENTS = {
    "labels": [
        [-0.05360074135268103, 0.009778143317671862, 0.04382259803500917],
        [0.011780854131166037, 0.23662478063822343, -0.24840563476938943],
        [0.08333333333333333, -0.16666666666666669, 0.08333333333333333],
        [0.0007916469351825083, 0.05549873482396144, -0.05629038175914394],
    ],
    "rows": [
        [0.02139925864731896, -0.04022185668232814, 0.01882259803500917],
        [0.011780854131166037, -0.013375219361776575, 0.0015943652306105742],
        [0.0, 0.0, 0.0],
        [-0.011708353064817493, 0.04299873482396144, -0.03129038175914395],
    ],
    "mse": [
        [0.21666666666666667, -0.2, 0.06666666666666667],
        [0.0, 1 / 3, -1 / 3],
        [1 / 9, 1 / 9, 1 / 9],
        [-0.675, 1 / 30, 0.1],
    ],
}
LOSSES = {
    "labels": (F.cross_entropy, nn.CrossEntropyLoss, np.array(LABELS)),
    "rows": (F.cross_entropy, nn.CrossEntropyLoss, np.array(ROWS)),
    "mse": (F.mse_loss, nn.MSELoss, np.array(ROWS)),
}
each_loss = pytest.mark.parametrize("kind", LOSSES)


def logits(dtype=np.float64):
    return Tensor(np.array(LOGITS, dtype), requires_grad=True)


# Values and gradients


@each_loss
@pytest.mark.parametrize(("reduction", "reduce"), [("mean", np.mean), ("sum", np.sum)])
def test_values_are_those_of_pytorch(kind, reduction, reduce):
    function, module, target = LOSSES[kind]
    expected = pytest.approx(reduce(VALUES[kind]), rel=1e-14)
    assert function(logits(), target, reduction).item() == expected
    assert module(reduction)(logits(), target).item() == expected


@each_loss
def test_without_reduction_there_is_one_loss_each(kind):
    function, module, target = LOSSES[kind]
    for loss in (function(logits(), target, "none"), module("none")(logits(), target)):
        np.testing.assert_allclose(loss.data, VALUES[kind], rtol=1e-14)


@each_loss
def test_the_mean_is_the_default(kind):
    function, module, target = LOSSES[kind]
    mean = function(logits(), target, "mean").item()
    assert function(logits(), target).item() == module()(logits(), target).item() == mean


@each_loss
def test_gradients_are_those_of_pytorch(kind):
    function, _, target = LOSSES[kind]
    z = logits()
    function(z, target).backward()
    np.testing.assert_allclose(z.grad.data, GRADIENTS[kind], rtol=1e-12, atol=1e-16)


@each_loss
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_gradients_agree_with_finite_differences(kind, reduction):
    function, _, target = LOSSES[kind]
    check_gradients(lambda z: function(z, target, reduction), [np.array(LOGITS)])


def test_a_gradient_reaches_the_target_too():
    x, y = np.array(LOGITS), np.array(ROWS)
    check_gradients(F.mse_loss, [x, y])

    def of_rows(rows):  # kept summing to 1
        return F.cross_entropy(Tensor(x), rows / rows.sum(axis=-1, keepdims=True))

    check_gradients(of_rows, [y + 0.1])


def test_cross_entropy_is_exact_for_extreme_logits():
    z = Tensor([[1000.0, -1000.0], [-1000.0, 1000.0]], requires_grad=True)
    loss = F.cross_entropy(z, [0, 0], "none")
    assert loss.data.tolist() == [0, 2000]
    loss.sum().backward()
    assert z.grad.data.tolist() == [[0, 0], [-1, 1]]


@pytest.mark.parametrize(
    "labels", [np.array(LABELS, np.uint8), Tensor(np.array(LABELS)), LABELS, tuple(LABELS)]
)
def test_labels_may_be_arrays_tensors_or_lists(labels):
    assert F.cross_entropy(logits(), labels).item() == pytest.approx(np.mean(VALUES["labels"]))


def test_one_hot_rows_are_probabilities():
    by_label = F.cross_entropy(logits(), LABELS).item()
    for rows in (np.eye(3, dtype=int)[LABELS], np.eye(3)[LABELS].tolist(), F.one_hot(LABELS, 3)):
        assert F.cross_entropy(logits(), rows).item() == pytest.approx(by_label, rel=1e-14)


def test_classes_are_the_last_axis_whatever_comes_before():
    z, y = np.array(LOGITS), np.array(LABELS)
    assert F.cross_entropy(z[0], 0).item() == pytest.approx(VALUES["labels"][0])
    folded = F.cross_entropy(z.reshape(2, 2, 3), y.reshape(2, 2), "none")
    np.testing.assert_allclose(folded.data.ravel(), VALUES["labels"], rtol=1e-14)


TARGETS = [np.array(ROWS), np.eye(3, 3)[[0, 1, 2, 0]].astype(int), ROWS, Tensor(np.array(ROWS))]


@pytest.mark.parametrize("target", TARGETS, ids=["float64", "int64", "list", "Tensor"])
@pytest.mark.parametrize("function", [F.mse_loss, F.cross_entropy])
def test_the_target_never_widens_the_loss(function, target):
    assert function(logits(np.float32), target).dtype == np.float32
    assert function(logits(np.float64), target).dtype == np.float64


def test_whole_predictions_are_compared_in_floating_numbers():
    assert F.mse_loss([1, 2], [0.5, 2]).item() == 0.125
    assert F.mse_loss(np.array([1, 2]), [0.5, 2]).item() == 0.125
    assert F.cross_entropy(np.array([[0, 0]]), [0]).item() == pytest.approx(np.log(2))


# Traps


MISMATCHES = [
    (
        (4, 1),
        (4,),
        "mse_loss: there must be one target for each prediction, in the same shape. Broadcast, "
        "they would make (4, 4) errors, each with each.\n"
        "  prediction  (4, 1) float32\n"
        "  target      (4,) float64\n"
        "  fix  prediction.squeeze(-1), or target[..., None]",
    ),
    (
        (4,),
        (4, 1),
        "mse_loss: there must be one target for each prediction, in the same shape. Broadcast, "
        "they would make (4, 4) errors, each with each.\n"
        "  prediction  (4,) float32\n"
        "  target      (4, 1) float64\n"
        "  fix  target.squeeze(-1), or prediction[..., None]",
    ),
    (
        (2, 3),
        (3, 2),
        "mse_loss: there must be one target for each prediction, in the same shape.\n"
        "  prediction  (2, 3) float32\n"
        "  target      (3, 2) float64\n"
        "  fix  target.reshape(prediction.shape)",
    ),
    (
        (4, 1),
        (),
        "mse_loss: there must be one target for each prediction, in the same shape.\n"
        "  prediction  (4, 1) float32\n"
        "  target      () float64",
    ),
]


@pytest.mark.parametrize(("ours", "theirs", "expected"), MISMATCHES)
def test_other_shapes_are_errors_and_not_broadcast(ours, theirs, expected):
    prediction, target = np.ones(ours, np.float32), np.ones(theirs)
    assert message(ValueError, lambda: F.mse_loss(prediction, target)) == expected


@pytest.mark.parametrize(
    ("fix", "shapes"),
    [
        (lambda p, t: (p.squeeze(-1), t), ((4, 1), (4,))),
        (lambda p, t: (p, t[..., None]), ((4, 1), (4,))),
        (lambda p, t: (p, t.squeeze(-1)), ((4,), (4, 1))),
        (lambda p, t: (p[..., None], t), ((4,), (4, 1))),
        (lambda p, t: (p, t.reshape(p.shape)), ((2, 3), (3, 2))),
    ],
)
def test_the_fixes_that_messages_name_do_work(fix, shapes):
    prediction, target = (Tensor(np.ones(shape)) for shape in shapes)
    assert F.mse_loss(*fix(prediction, target)).item() == 0


def test_rows_that_are_no_probabilities_are_refused():
    z = np.zeros((2, 3))
    assert message(ValueError, lambda: F.cross_entropy(z, [[0.2, 0.3, 0.5], [1, 0, 1]])) == (
        "cross_entropy: a target of the logits' shape (2, 3) has rows of probabilities, not "
        "negative and with the sum 1, but row 1 is [1. 0. 1.]. Labels, as whole numbers, would "
        "have the shape (2,)."
    )
    for row in ([1.5, -0.5, 0], [0, 0, 0], [np.nan, 1, 0]):
        with pytest.raises(ValueError, match="row 1 is"):
            F.cross_entropy(z, [[1, 0, 0], row])
    assert "but it is [0. 1. 2.]" in message(ValueError, lambda: F.cross_entropy(z[0], [0, 1, 2]))


WRONG_LABELS = [
    ([0, 1, 2, 3], r"1 of 4 labels are not in 0 … 2"),
    ([-1, 0, 1, 2], r"1 of 4 labels are not in 0 … 2"),
    ([0, 1], "one label for each row"),
    ([[0], [1], [2], [0]], "one label for each row"),
    ([0.5, 1, 2, 0], "labels are whole numbers"),
]


@pytest.mark.parametrize(("labels", "expected"), WRONG_LABELS)
def test_labels_that_do_not_fit_are_refused(labels, expected):
    with pytest.raises(ValueError, match=expected):
        F.cross_entropy(logits(), labels)


@pytest.mark.parametrize("call", [F.mse_loss, F.cross_entropy, nn.MSELoss, nn.CrossEntropyLoss])
def test_an_unknown_reduction_is_refused(call):
    losses = isinstance(call, type)  # as a module, already when it is made
    expected = f'{call.__name__}: reduction is "mean", "sum" or "none", not \'avg\'.'
    given = ("avg",) if losses else (LOGITS, ROWS, "avg")
    assert message(ValueError, lambda: call(*given)) == expected


@pytest.mark.parametrize(
    "call",
    [
        lambda: F.mse_loss(np.zeros((0, 3)), np.zeros((0, 3))),
        lambda: F.cross_entropy(np.zeros((0, 3)), np.zeros(0, int)),
    ],
)
def test_an_empty_batch_has_no_mean(call):
    assert message(ValueError, call) == "The batch is empty, so its losses have no mean."


def test_softmax_before_cross_entropy_warns():
    loss = nn.CrossEntropyLoss()
    with pytest.warns(UserWarning, match="Softmax") as caught:
        loss(nn.Softmax()(logits()), LABELS)
    assert [str(one.message) for one in caught] == [
        "cross_entropy applies softmax itself, and these logits already come out of Softmax: twice "
        "makes all classes look alike and learning slow. Leave the Softmax layer out of the "
        "network; for probabilities apply nn.functional.softmax to its output."
    ]


def test_the_softmax_warning_comes_once_for_each_place():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            F.cross_entropy(F.softmax(logits()), LABELS)
    assert len(caught) == 1
    assert caught[0].filename == __file__


# One-hot rows


def test_one_hot_puts_a_one_at_the_label():
    rows = F.one_hot([[2], [0]], 3)
    assert rows.data.tolist() == [[[0, 0, 1]], [[1, 0, 0]]]
    assert rows.dtype == np.float32
    assert F.one_hot(Tensor(np.array(1)), 2).data.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("labels", "kind", "expected"),
    [
        ([0, 3, 5], ValueError, "one_hot: 2 of 3 labels are not in 0 … 2; the first is 3."),
        ([-1], ValueError, "one_hot: 1 of 1 labels are not in 0 … 2; the first is -1."),
        ([0.0], TypeError, "one_hot: labels are whole numbers, not float64."),
    ],
)
def test_one_hot_refuses_what_is_no_label(labels, kind, expected):
    assert message(kind, lambda: F.one_hot(labels, 3)) == expected


@pytest.mark.parametrize("loss", ["MSELoss", "CrossEntropyLoss"])
def test_a_loss_made_with_what_it_is_to_be_called_with_says_so(loss):
    x = Tensor(np.ones((2, 2)))
    with pytest.raises(TypeError) as caught:
        getattr(nn, loss)(x, x)
    assert str(caught.value) == (
        f"{loss} is made once and then called: loss = nn.{loss}(); loss(prediction, target)."
    )
