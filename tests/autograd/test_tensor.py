"""The Tensor: what it is made from, what it tells of itself, copies, and writing in place."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from support.checks import message
from support.replay import leaf

import autograd
from autograd import Tensor, no_grad, set_default_dtype


@pytest.fixture
def float64_by_default():
    set_default_dtype(np.float64)
    yield
    set_default_dtype(np.float32)


# Making one

MADE = {
    # what is given, and the dtype and shape it gets
    "a float": (1.5, np.float32, ()),
    "an int": (3, np.float32, ()),
    "a bool": (True, np.bool_, ()),
    "a list of floats": ([1.0, 2.0], np.float32, (2,)),
    "a list of ints": ([[1, 2], [3, 4], [5, 6]], np.float32, (3, 2)),
    "a mixed list": ([1, 2.5, True], np.float32, (3,)),
    "a list of bools": ([True, False], np.bool_, (2,)),
    "a tuple": ((1, 2), np.float32, (2,)),
    "an empty list": ([], np.float32, (0,)),
    "a range": (range(3), np.float32, (3,)),
    "a NumPy scalar": (np.float64(2), np.float64, ()),
    "a list of arrays": ([np.ones(2), np.zeros(2)], np.float32, (2, 2)),
    "a float64 array": (np.ones((2, 0)), np.float64, (2, 0)),
    "a float16 array": (np.ones(1, np.float16), np.float16, (1,)),
    "an integer array": (np.arange(3), np.int64, (3,)),
    "an unsigned array": (np.ones(2, np.uint8), np.uint8, (2,)),
    "a mask": (np.array([True]), np.bool_, (1,)),
}


@pytest.mark.parametrize(("data", "dtype", "shape"), MADE.values(), ids=MADE)
def test_what_data_becomes(data, dtype, shape):
    t = Tensor(data)
    assert type(t.data) is np.ndarray
    assert (t.dtype, t.shape) == (dtype, shape)
    assert (t.ndim, t.size) == (len(shape), int(np.prod(shape)))
    np.testing.assert_array_equal(t.data, np.asarray(data))


@pytest.mark.usefixtures("float64_by_default")
def test_default_dtype_is_for_python_numbers_only():
    assert autograd.get_default_dtype() == np.float64
    assert Tensor([1, 2]).dtype == np.float64
    assert Tensor(0.1).item() == 0.1
    assert Tensor(np.ones(2, np.float32)).dtype == np.float32


def test_default_dtype_is_floating():
    assert message(TypeError, lambda: set_default_dtype(int)) == (
        "The default dtype must be floating (float32, float64), not int64."
    )
    assert autograd.get_default_dtype() == np.float32


@pytest.mark.parametrize("dtype", [np.float16, np.float32, "float64", int, bool])
@pytest.mark.parametrize("data", [[1, 0, 3], np.array([1.0, 0.0, 3.0])], ids=["list", "array"])
def test_dtype_converts(data, dtype):
    t = Tensor(data, dtype=dtype)
    assert t.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(t.data, np.array(data).astype(dtype))


def test_an_array_is_shared_and_a_converted_one_is_not():
    array = np.array([1.0, 2.0])
    shared, same, converted = Tensor(array), Tensor(array, dtype=float), Tensor(array, dtype="f4")
    array[0] = 5
    assert shared.data is array
    assert same.data is array
    assert converted.data[0] == 1


HAS_NO_NUMBERS = "A Tensor holds real numbers, not "
OBJECTS = "Python objects cannot be computed with; convert to numbers first."
REFUSED_DATA = {
    "text": ("abc", "<U3. Text cannot be computed with; encode it as numbers first."),
    "texts": (["a", "b"], "<U1. Text cannot be computed with; encode it as numbers first."),
    "a complex number": (
        1 + 2j,
        "complex128. Derivatives here are of real functions; keep real and imaginary part apart.",
    ),
    "objects": (np.array([object()]), f"object. {OBJECTS}"),
    "None": (None, f"object. {OBJECTS}"),
    "a dict": ({"a": 1}, f"object. {OBJECTS}"),
    "dates": (
        np.array(["2020-01-01"], "M8[D]"),
        "datetime64[D]. Convert it to a floating, integer or boolean array first.",
    ),
}


@pytest.mark.parametrize(("data", "text"), REFUSED_DATA.values(), ids=REFUSED_DATA)
def test_data_without_real_numbers_is_refused(data, text):
    assert message(TypeError, lambda: Tensor(data)) == HAS_NO_NUMBERS + text


def test_a_complex_dtype_is_refused():
    assert message(TypeError, lambda: Tensor([1.0], dtype=complex)) == (
        "A Tensor holds real numbers, not complex128. Derivatives here are of real functions; keep "
        "real and imaginary part apart."
    )


def test_lists_of_unequal_lengths_are_refused():
    text = message(ValueError, lambda: Tensor([[1, 2], [3]]))
    assert text.startswith("The nested lists have unequal lengths, so they are no array (")
    assert text.endswith("). Pad them to one length, or make one Tensor for each.")


LISTS_OF_TENSORS = {
    "a list": lambda t: [t, 2.0],
    "a tuple": lambda t: (2.0, t),
    "a list of lists": lambda t: [[1.0, 2.0], [3.0, t]],
    "a list of tuples of vectors": lambda t: [(t + np.zeros(2), [1.0, 2.0])],
}
WHERE = {
    "Tensor": lambda data: Tensor(data),
    "an operand": lambda data: leaf(1.0) * data,
    "new data": lambda data: Tensor(np.zeros(np.shape(data))).copy_(data),
    "new entries": lambda data: Tensor(np.zeros(np.shape(data))).__setitem__(slice(None), data),
    "an operand in place": lambda data: Tensor(np.zeros(np.shape(data))).__iadd__(data),
}


@pytest.mark.parametrize("make", LISTS_OF_TENSORS.values(), ids=LISTS_OF_TENSORS)
@pytest.mark.parametrize("use", WHERE.values(), ids=WHERE)
def test_a_list_of_tensors_does_not_silently_lose_its_history(use, make):
    assert message(TypeError, lambda: use(make(leaf(1.0)))) == (
        "A list of Tensors would lose their history as one Tensor. Join them with "
        "autograd.stack(list) along a new axis, or autograd.concatenate(list) along one they have."
    )


@pytest.mark.parametrize("number", [2, 2.0, np.float64(2), np.array(2.0)], ids=repr)
@pytest.mark.parametrize("function", [autograd.sum, autograd.exp, autograd.square])
def test_a_number_is_an_operand_whatever_its_type(function, number):
    assert function(number).item() == pytest.approx(function(Tensor(2.0)).item(), rel=1e-6)


def test_a_dtype_in_the_place_of_requires_grad_is_refused():
    assert message(TypeError, lambda: Tensor([1.0, 2.0], float)) == (
        "requires_grad is True or False, not <class 'float'>. A dtype is given by name: "
        "Tensor(data, dtype=float)."
    )


def test_arrays_that_hide_entries_are_refused_and_other_kinds_are_taken_as_plain_ones():
    hidden = np.ma.masked_array([1.0, 2.0], [False, True])
    for use in (Tensor, leaf([1.0, 2.0]).__mul__):
        assert message(TypeError, lambda use=use: use(hidden)).startswith("A masked array hides")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        matrix = np.matrix([[1.0, 2.0]])
    assert type(Tensor(matrix).data) is np.ndarray
    assert type((leaf([1.0, 2.0]) * matrix).data) is np.ndarray


# What it tells of itself


def test_a_leaf():
    x = leaf([[1.0, 2.0]], name="x")
    assert x.is_leaf
    assert x.requires_grad
    assert x.grad is None
    assert x.grad_fn is None
    assert x.name == "x"
    assert len(x) == 1


def test_a_result():
    y = leaf([1.0, 2.0]).exp()
    assert not y.is_leaf
    assert y.requires_grad
    assert type(y.grad_fn).__name__ == "Exp"
    assert y.name is None


def test_a_result_of_nothing_that_requires_a_gradient_is_a_leaf_without_one():
    y = Tensor([1.0, 2.0]).exp()
    assert y.is_leaf
    assert not y.requires_grad
    assert y.grad_fn is None


def test_nothing_else_can_be_attached():
    with pytest.raises(AttributeError):
        leaf(1.0).lable = "typing error"


@pytest.mark.parametrize("dtype", [int, bool, np.uint8])
def test_whole_numbers_require_no_gradient(dtype):
    text = (
        f"A Tensor of {np.dtype(dtype)} cannot require a gradient: there is nothing between two "
        "whole numbers. Make it floating: Tensor(data, requires_grad=True, dtype=float)."
    )
    assert message(TypeError, lambda: Tensor([1], requires_grad=True, dtype=dtype)) == text
    assert message(TypeError, lambda: Tensor([1], dtype=dtype).requires_grad_()) == text
    assert not Tensor([1], dtype=dtype).requires_grad


def test_requires_grad_of_a_leaf_may_be_switched():
    x = Tensor([1.0])
    assert x.requires_grad_() is x
    assert (x * 2).requires_grad
    x.requires_grad = False
    assert not (x * 2).requires_grad


def test_requires_grad_of_a_result_may_not_be_switched_off():
    y = leaf([1.0]) * 2
    y.requires_grad = True  # it does already
    with pytest.raises(RuntimeError, match=r"cannot be switched off.*t\.detach\(\)"):
        y.requires_grad = False


def test_reading_the_gradient_of_a_result_says_each_time_why_there_is_none():
    y = leaf([1.0]) * 2
    for _ in range(2):
        with pytest.warns(UserWarning, match="leaves only") as caught:
            assert y.grad is None
        assert str(caught[0].message) == (
            ".grad is filled in for leaves only, and this Tensor is a result of Multiply; it will "
            "stay None. Call t.retain_grad() before backward(), or use autograd.grad(loss, t)."
        )
        assert caught[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_reading_the_gradient_of_anything_else_is_silent():
    y = leaf([1.0]) * 2
    y.retain_grad()
    assert y.grad is None
    assert y.detach().grad is None
    assert Tensor([1.0]).grad is None


def test_a_gradient_may_be_set_and_must_fit():
    x = leaf([1.0, 2.0])
    x.grad = np.array([5.0, 6.0])
    (x * 2).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [7, 8])
    x.grad = Tensor(np.zeros(2))
    x.grad = [1, 2]  # numbers take the Tensor's dtype
    assert x.grad.dtype == np.float64
    for wrong in (np.zeros(3), np.zeros(2, np.float32), np.zeros((2, 1))):
        with pytest.raises(ValueError, match="A gradient has the shape and dtype of its Tensor"):
            x.grad = wrong
    x.grad = None
    assert x.grad is None


REPRS = {
    "a leaf": (lambda: Tensor([1.0, 2.0]), "Tensor([1., 2.], dtype=float32)"),
    "one that requires a gradient": (
        lambda: leaf(1.5),
        "Tensor(1.5, dtype=float64, requires_grad=True)",
    ),
    "one with a name": (
        lambda: Tensor(np.array([1]), name="labels"),
        "Tensor([1], dtype=int64, name='labels')",
    ),
    "a result": (
        lambda: leaf([1.0, 2.0]) * 2,
        "Tensor([2., 4.], dtype=float64, grad_fn=<Multiply>)",
    ),
    "a matrix": (
        lambda: Tensor(np.array([[1.0, -2.0], [3.0, 4.0]])),
        "Tensor([[ 1., -2.],\n        [ 3.,  4.]], dtype=float64)",
    ),
    "many numbers": (
        lambda: Tensor(np.arange(5000)),
        "Tensor([   0,    1,    2, ..., 4997, 4998, 4999], dtype=int64)",
    ),
    "nothing": (lambda: Tensor([]), "Tensor([], dtype=float32)"),
}


@pytest.mark.parametrize(("make", "text"), REPRS.values(), ids=REPRS)
def test_repr(make, text):
    assert repr(make()) == text
    assert f"{make()}" == text


def test_repr_of_a_subclass_has_its_name():
    class Parameter(Tensor):
        pass

    assert repr(Parameter([1.0])) == "Parameter([1.], dtype=float32)"


# Copies


def test_detach_shares_memory_and_has_no_history():
    y = leaf([1.0, 2.0]) * 2
    d = y.detach()
    assert d.data is y.data
    assert d.is_leaf
    assert not d.requires_grad


def test_clone_has_memory_of_its_own_and_lets_gradients_through():
    x = leaf([1.0, 2.0])
    y = x.clone()
    assert not np.shares_memory(x.data, y.data)
    (y * y).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2, 4])


def test_astype_between_floating_dtypes_lets_gradients_through():
    x = leaf([1.0, 2.0])
    y = x.astype(np.float32)
    assert y.dtype == np.float32
    (y * 3).sum().backward()
    assert x.grad.dtype == np.float64
    np.testing.assert_array_equal(x.grad.data, [3, 3])


@pytest.mark.parametrize("dtype", [int, bool])
def test_astype_to_whole_numbers_ends_the_history(dtype):
    y = leaf([1.7, 0.0]).astype(dtype)
    assert y.dtype == dtype
    assert y.is_leaf
    assert not y.requires_grad


def test_a_deep_copy_of_a_leaf_is_a_leaf_with_memory_of_its_own():
    x = leaf([1.0, 2.0], name="x")
    x.register_hook(lambda g: g * 10)
    (x * 3).sum().backward()
    twin = copy.deepcopy({"a": x, "b": [x]})
    assert twin["a"] is twin["b"][0]
    twin = twin["a"]
    assert (twin.is_leaf, twin.requires_grad, twin.name) == (True, True, "x")
    np.testing.assert_array_equal(twin.grad.data, x.grad.data)
    for mine, theirs in ((twin.data, x.data), (twin.grad.data, x.grad.data)):
        assert not np.shares_memory(mine, theirs)
    (twin * 1).sum().backward()
    np.testing.assert_array_equal(twin.grad.data, [40, 40])  # its hook came along
    np.testing.assert_array_equal(x.grad.data, [30, 30])


def test_a_deep_copy_keeps_the_class():
    class Parameter(Tensor):
        pass

    assert type(copy.deepcopy(Parameter([1.0]))) is Parameter


def test_a_leaf_can_be_pickled():
    x = leaf([1.0, 2.0], name="x")
    twin = pickle.loads(pickle.dumps(x))
    np.testing.assert_array_equal(twin.data, x.data)
    assert (twin.requires_grad, twin.name) == (True, "x")


# Writing in place

WRITES = {
    "+=": (lambda x, y: x.__iadd__(y), [11.0, 22.0]),
    "-=": (lambda x, y: x.__isub__(y), [-9.0, -18.0]),
    "*=": (lambda x, y: x.__imul__(y), [10.0, 40.0]),
    "/=": (lambda x, y: x.__itruediv__(y), [0.1, 0.1]),
    "[:] =": (lambda x, y: x.__setitem__(slice(None), y) or x, [10.0, 20.0]),
    "copy_": (lambda x, y: x.copy_(y), [10.0, 20.0]),
    "data =": (lambda x, y: setattr(x, "data", y) or x, [10.0, 20.0]),
}
OPERANDS = {
    "a list": [10.0, 20.0],
    "an array": np.array([10.0, 20.0]),
    "a Tensor": Tensor(np.array([10.0, 20.0])),
    "a narrower Tensor": Tensor([10.0, 20.0]),
    "whole numbers": np.array([10, 20]),
}


@pytest.mark.parametrize(("write", "expected"), WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("operand", OPERANDS.values(), ids=OPERANDS)
def test_writing_in_place_keeps_the_memory_and_the_dtype(write, expected, operand):
    memory = np.array([1.0, 2.0])
    x = Tensor(memory)
    assert write(x, operand) is x
    assert x.data is memory
    assert x.dtype == np.float64
    np.testing.assert_array_equal(memory, expected)


@pytest.mark.parametrize(("write", "expected"), WRITES.values(), ids=WRITES)
def test_writing_into_a_parameter_within_no_grad(write, expected):
    x = leaf([1.0, 2.0])
    with no_grad():
        assert write(x, np.array([10.0, 20.0])) is x
    np.testing.assert_array_equal(x.data, expected)
    assert x.is_leaf
    assert x.requires_grad


RECORDED = {op: write for op, (write, _) in WRITES.items() if op not in ("copy_", "data =")}


@pytest.mark.parametrize("write", RECORDED.values(), ids=RECORDED)
def test_writing_that_would_lose_a_gradient_is_refused(write):
    for x, y in ((leaf([1.0, 2.0]), Tensor([3.0, 4.0])), (Tensor([3.0, 4.0]), leaf([1.0, 2.0]))):
        before = x.data.copy()
        with pytest.raises(RuntimeError, match="in place would lose a gradient"):
            write(x, y)
        np.testing.assert_array_equal(x.data, before)


def test_entries_chosen_by_slices_lists_masks_and_tensors_are_written():
    x = Tensor(np.zeros(6))
    x[0] = 1
    x[1:3] = Tensor([2.0, 3.0])
    x[[3]] = 4
    x[Tensor(np.array([4]))] = 5
    x[x.data == 0] = 6
    np.testing.assert_array_equal(x.data, [1, 2, 3, 4, 5, 6])


def test_assigned_data_is_copied():
    x, values = leaf([1.0, 2.0]), np.array([3.0, 4.0])
    x.data = values
    values[0] = 9
    np.testing.assert_array_equal(x.data, [3, 4])


def test_a_parameter_keeps_sharing_memory_after_its_data_is_assigned():
    buffer = np.zeros(5)
    x = Tensor(buffer[1:3], requires_grad=True)
    x.data = [3, 4]
    np.testing.assert_array_equal(buffer, [0, 3, 4, 0, 0])


def test_assigned_data_may_overlap():
    x = Tensor(np.arange(5.0))
    x[1:] = x[:-1]
    np.testing.assert_array_equal(x.data, [0, 0, 1, 2, 3])


def test_a_shallow_copy_shares_values_and_history():
    x = leaf([1.0, 2.0], name="x")
    y = copy.copy(x * 3)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.data, [3, 3])
    again = copy.copy(x)
    assert again.data is x.data
    assert (again.requires_grad, again.name, again.grad) == (True, "x", None)


def test_names_of_another_library_say_what_to_write():
    with pytest.raises(AttributeError) as caught:
        leaf([1.0]).view(1, 1)
    assert str(caught.value) == "'Tensor' object has no attribute 'view'. Write t.reshape(shape)."
    with pytest.raises(AttributeError) as caught:
        leaf([1.0]).vieww
    assert str(caught.value) == "'Tensor' object has no attribute 'vieww'"
    assert not {"view", "numel"} & {*dir(leaf([1.0]))}, "shown among what it has"
    assert not hasattr(leaf([1.0]), "unheard_of")
