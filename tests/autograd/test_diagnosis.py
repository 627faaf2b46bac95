"""What an operation says of operands that it cannot work with: names, shapes, and the fix.

Each row does the wrong thing through the public names. The text is compared as a whole, so that no
placeholder stays unfilled and no number goes wrong unseen.
"""

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.messages import Messages

import autograd
from autograd import Elementwise, Tensor, diagnosis

TABLE = Messages()
row = TABLE.row


def t(*shape, name=None, dtype=np.float32):
    return Tensor(np.ones(shape, dtype), name=name)


# Operands whose shapes do not fit


@row(
    "explain_call",
    ValueError,
    "MatMul: inner sizes differ, 784 and 128.",
    "  x  'batch' (64, 784) float32",
    "  y  'net.0.weight' (128, 784) float32",
    "  fix  x @ y.T",
)
def product_with_a_weight_that_lies_on_its_side():
    t(64, 784, name="batch") @ t(128, 784, name="net.0.weight")


@row(
    "explain_call",
    ValueError,
    "MatMul: inner sizes differ, 2 and 3.",
    "  x  (3, 2) float32",
    "  y  (3, 4) float64",
    "  fix  x.T @ y",
)
def product_whose_rows_would_fit():
    t(3, 2) @ np.ones((3, 4))


@row(
    "explain_call",
    ValueError,
    "MatMul: inner sizes differ, 3 and 4.",
    "  x  (2, 3) float32",
    "  y  (4, 5) float32",
    "  fix  the columns of x must be as many as the rows of y",
)
def product_that_fits_no_way():
    t(2, 3) @ t(4, 5)


@row(
    "explain_call",
    ValueError,
    "MatMul: a single number is no matrix.",
    "  x  (2, 3) float32",
    "  y  2.0 (float)",
    "  fix  multiply by it with *",
)
def matrix_product_with_a_number():
    t(2, 3) @ 2.0


@row(
    "explain_call",
    ValueError,
    "Add: shapes (2, 3) and (3, 2) do not broadcast: axis -1 has lengths 3 and 2.",
    "  x  (2, 3) float32    2  3",
    "  y  (3, 2) float32    3  2",
    "                          ^",
    "  fix  transpose one of them: y.T",
)
def sum_with_a_transposed():
    t(2, 3) + t(3, 2)


@row(
    "explain_call",
    ValueError,
    "Multiply: shapes (4, 3) and (4,) do not broadcast: axis -1 has lengths 3 and 4.",
    "  x  (4, 3) float32          4  3",
    "  y  'scale' (4,) float32       4",
    "                                ^",
    "  fix  to go along the first axis, give y an axis: y[:, None], now (4,)",
)
def product_along_the_first_axis():
    t(4, 3) * t(4, name="scale")


@row(
    "explain_call",
    ValueError,
    "Subtract: shapes (2,) and (2, 3) do not broadcast: axis -1 has lengths 2 and 3.",
    "  x  [1, 2] (list)        2",
    "  y  (2, 3) float32    2  3",
    "                          ^",
    "  fix  to go along the first axis, give x an axis: x[:, None], now (2,)",
)
def difference_of_a_list_along_the_first_axis():
    [1, 2] - t(2, 3)


@row(
    "explain_call",
    ValueError,
    "Add: shapes (5, 4, 3) and (2, 1) do not broadcast: axis -2 has lengths 4 and 2.",
    "  x  (5, 4, 3) float32    5  4  3",
    "  y  (2, 1) float32          2  1",
    "                             ^",
    "  fix  lengths must be equal, or one of them 1; reshape or transpose an operand",
)
def sum_that_does_not_broadcast():
    t(5, 4, 3) + t(2, 1)


@row(
    "explain_call",
    ValueError,
    "Add: shapes (2,) and (3,) do not broadcast: axis -1 has lengths 2 and 3.",
    "  x  'total' (2,) float32    2",
    "  y  (3,) float32            3",
    "                             ^",
    "  fix  lengths must be equal, or one of them 1; reshape or transpose an operand",
)
def sum_in_place_that_does_not_broadcast():
    total = t(2, name="total")
    total += t(3)


@row(
    "explain_call",
    ValueError,
    "Where: shapes (3,) and (3, 4) and (3, 4) do not broadcast: axis -1 has lengths 3 and 4 and 4.",
    "  condition  (3,) bool            3",
    "  x          (3, 4) float32    3  4",
    "  y          (3, 4) float32    3  4",
    "                                  ^",
    "  fix  to go along the first axis, give condition an axis: condition[:, None], now (3,)",
)
def condition_along_the_first_axis():
    autograd.where(t(3) > 0, t(3, 4), t(3, 4))


@row(
    "explain_call",
    ValueError,
    "Affine: the layer takes rows of 64 numbers, and x has rows of 8.",
    "  x       (5, 8) float32",
    "  weight  'net.0.weight' (10, 64) float32",
    "  bias    (10,) float32",
    "  fix  check the size of the layer before, or of the data",
)
def layer_of_another_size():
    autograd.affine(t(5, 8), t(10, 64, name="net.0.weight"), t(10))


# Labels


@row(
    "explain_call",
    ValueError,
    "SoftmaxCrossEntropy: labels are whole numbers, and these are float32.",
    "  logits  (2, 4) float32",
    "  labels  (2,) float32",
    "  fix  labels.astype(int); for rows of probabilities use nn.functional.cross_entropy",
)
def labels_with_fractions():
    autograd.softmax_cross_entropy(t(2, 4), np.array([0.5, 1.0], np.float32))


@row(
    "explain_call",
    ValueError,
    "SoftmaxCrossEntropy: labels are numbers of classes, not one-hot rows.",
    "  logits  (4, 4) float32",
    "  labels  (4, 4) int64",
    "  fix  labels.argmax(axis=-1)",
)
def one_hot_labels():
    autograd.softmax_cross_entropy(t(4, 4), np.eye(4, dtype=int))


@row(
    "explain_call",
    ValueError,
    "SoftmaxCrossEntropy: there must be one label for each row of logits: shape (3,), not (2,).",
    "  logits  (3, 4) float32",
    "  labels  (2,) int64",
    "  fix  check the batch sizes",
)
def too_few_labels():
    autograd.softmax_cross_entropy(t(3, 4), np.array([0, 1]))


@row(
    "explain_call",
    ValueError,
    "SoftmaxCrossEntropy: 2 of 6 labels are not in 0 … 3; the first is 7 in row 1, 0.",
    "  logits  (2, 3, 4) float32",
    "  labels  (2, 3) int64",
    "  fix  widen the last layer, or check how the labels were made",
)
def labels_out_of_range():
    autograd.softmax_cross_entropy(t(2, 3, 4), np.array([[0, 1, 2], [7, 0, -1]]))


@row(
    "explain_call",
    ValueError,
    "SoftmaxCrossEntropy: 1 of 3 labels are not in 0 … 3; the first is 4 in row 2.",
    "  logits  (3, 4) float32",
    "  labels  [1, 2, 4] (list)",
    "  fix  the labels count from 1: subtract 1",
)
def a_list_of_labels_that_count_from_1():
    autograd.softmax_cross_entropy(t(3, 4), [1, 2, 4])


@row(
    "explain_call",
    ValueError,
    "MatMul: the axes before the last two, (2,) and (5,), do not fit.",
    "  x  (2, 3, 4) float32",
    "  y  (5, 4, 3) float32",
    "  fix  their lengths must be equal, or one of them 1",
)
def stacks_of_matrices_of_different_lengths():
    t(2, 3, 4) @ t(5, 4, 3)


@row(
    "explain_call",
    ValueError,
    "Affine: the weight makes 10 numbers of each row, and the bias has 4.",
    "  x       (5, 8) float32",
    "  weight  (10, 8) float32",
    "  bias    (4,) float32",
    "  fix  a bias of shape (10,)",
)
def a_bias_of_another_length():
    autograd.affine(t(5, 8), t(10, 8), t(4))


@row(
    "explain_call",
    TypeError,
    "Sum: an axis is a whole number, not 'rows'.",
    "  x  (2, 3) float32",
    "  axis='rows'",
    "  keepdims=False",
)
def an_axis_by_name():
    t(2, 3).sum(axis="rows")


@row(
    "explain_call",
    ValueError,
    "Reshape: only one length may be -1, and the shape is (-1, -1).",
    "  x  (2, 3) float32",
    "  shape=(-1, -1)",
)
def two_lengths_to_be_worked_out():
    t(2, 3).reshape(-1, -1)


@row(
    "explain_call",
    ValueError,
    "transpose: 2 axes are named, and x has 3; name all of them in their new order (for the last "
    "two swapped: x.mT). x has shape (2, 3, 4).",
)
def axes_swapped_as_in_another_library():
    t(2, 3, 4).transpose(1, 2)


@row(
    "explain_call",
    TypeError,
    "concatenate takes the arrays as one list: concatenate([x, y], axis=0).",
)
def arrays_without_their_list():
    autograd.concatenate(t(2, 3), t(2, 3))


# Settings


@row(
    "unknown_settings",
    TypeError,
    "Sum: unknown setting dim=1; its settings are axis, keepdims. NumPy's name for PyTorch's dim "
    "is axis.",
    "  x  'h' (2, 3) float32",
)
def a_setting_by_its_name_in_another_library():
    autograd.sum(t(2, 3, name="h"), dim=1, keepdims=True)


@row(
    "unknown_settings",
    TypeError,
    "Exp: unknown setting axis=0; it has no settings.",
    "  x  (2,) float32",
)
def a_setting_where_there_is_none():
    autograd.exp(t(2), axis=0)


@row(
    "explain_call",
    np.exceptions.AxisError,
    "Sum: axis 2 does not exist: the array has 2 axes.",
    "  x  (2, 3) float32",
    "  axis=2",
    "  keepdims=False",
)
def an_axis_that_is_not_there():
    t(2, 3).sum(axis=2)


@row(
    "explain_call",
    ValueError,
    "Mean: the same axis is named twice in axis=(0, 0).",
    "  x  (2, 3) float32",
    "  axis=(0, 0)",
    "  keepdims=False",
)
def an_axis_named_twice():
    t(2, 3).mean(axis=(0, 0))


@row(
    "explain_call",
    IndexError,
    "GetItem: index 5 is out of bounds for axis 0 with size 3.",
    "  x  (3,) float32",
    "  key=5",
)
def an_index_out_of_bounds():
    t(3)[5]


@row(
    "explain_call",
    ValueError,
    "Stack: all input arrays must have the same shape.",
    "  arrays[0]  (2,) float32",
    "  arrays[1]  'second' (3,) float32",
    "  axis=0",
)
def a_stack_of_unequal_shapes():
    autograd.stack([t(2), t(3, name="second")])


@row(
    "explain_call",
    ValueError,
    "Reshape: 6 entries do not fill the shape (-1, 4).",
    "  x  (2, 3) float32",
    "  shape=(-1, 4)",
)
def a_shape_that_does_not_divide():
    t(2, 3).reshape(-1, 4)


@row(
    "uneven_split",
    ValueError,
    "split: axis 0 has length 10, which is not 3 equal sections. "
    "Give the places to cut before instead, as a list, such as [5].",
)
def an_uneven_split():
    autograd.split(t(10), 3)


# What is no operand


NOT_AN_OPERAND = "Operations take Tensors, arrays of real numbers, and numbers, not "


@row("not_an_operand", TypeError, f"{NOT_AN_OPERAND}str. What was given: 'a'")
def text_as_an_operand():
    t(3) + "a"


@row("not_an_operand", TypeError, f"{NOT_AN_OPERAND}NoneType. What was given: None")
def none_as_an_operand():
    t(3) * None


@row(
    "not_an_operand",
    TypeError,
    f"{NOT_AN_OPERAND}an array of complex128. What was given: array([0.+1.j])",
)
def complex_numbers_as_an_operand():
    t(1) - np.array([1j])


# Operations of one's own


@row(
    "explain_call",
    ValueError,
    "Halve: the array must not be empty.",
    "  x  (0,) float32",
)
def an_error_of_ones_own_operation():
    with operations_of_a_test():

        class Halve(Elementwise):
            def forward(x):
                if x.size == 0:
                    raise ValueError("the array must not be empty.")
                return x / 2

            local_gradients = {"x": lambda: 0.5}

    Halve.apply(t(0))


# The table


@pytest.mark.parametrize(("wrong", "kind", "text"), TABLE.rows)
def test_message(wrong, kind, text):
    assert message(kind, wrong) == text


def test_every_message_has_a_row():
    assert TABLE.missing(diagnosis) == {"describe"}


def test_the_original_error_is_kept_as_the_cause():
    with pytest.raises(ValueError, match="Reshape") as caught:
        t(2, 3).reshape(4)
    assert isinstance(caught.value.__cause__, ValueError)
