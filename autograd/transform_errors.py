"""What an error of `autograd.functional` says; see `errors`."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.diagnosis import describe


def no_tensor_returned(name: str, fn: Any, value: Any) -> TypeError:
    if value is None:
        return TypeError(f"{name}: {_called(fn)} returned None. Was the return forgotten?")
    return TypeError(
        f"{name}: {_called(fn)} returned {type(value).__name__}, not a Tensor, so there is nothing "
        "to differentiate. Compute with Tensors to the end, without .data, .item() or float()."
    )


def not_one_number(fn: Any, value: Any) -> RuntimeError:
    shape = f"a Tensor of shape {value.shape}" if hasattr(value, "shape") else type(value).__name__
    return RuntimeError(
        f"grad: {_called(fn)} returned {shape}, and only a single number has a gradient. Reduce it "
        "(.sum(), .mean()), or take the jacobian."
    )


def not_a_function(name: str, thing: Any) -> TypeError:
    return TypeError(
        f"{name}: a function is differentiated here, as in {name}(f)(x), and this is "
        f"{type(thing).__name__}. The gradient of a result is autograd.grad(result, inputs)."
    )


def no_such_argument(name: str, argnum: Any, count: int) -> Exception:
    if not hasattr(argnum, "__index__"):
        return TypeError(
            f"{name}: argnum is the number of one argument, not {argnum!r}. For several arguments "
            "take vjp or jvp, or write a function of one list or dict of them."
        )
    return IndexError(
        f"{name}: argnum={argnum} names none of the {count} arguments given by position, which "
        "count from 0."
    )


def derivative_by_integers(name: str, tensor: Any) -> TypeError:
    return TypeError(
        f"{name}: one of the arguments to differentiate by is {describe(tensor)}, and there is "
        "nothing between two whole numbers. Make it floating, x.astype(float); or, if it only "
        "takes part (labels, indices), leave it to the function: lambda x: f(x, labels)."
    )


def given_twice(name: str, tensor: Any) -> ValueError:
    return ValueError(
        f"{name}: the same Tensor, {describe(tensor)}, is given in two places, and because it was "
        "made with requires_grad=True its uses in both would count for each. Give x.detach(), "
        "which the function then sees as two."
    )


def another_form(name: str, what: str, of: str, clash: str) -> ValueError:
    return ValueError(f"{name}: {what} must have the form of {of}, but {clash}.")


def arguments_without_tuple(args: Any) -> TypeError:
    return TypeError(
        "jvp: args and tangents are tuples, with one entry for each argument of the function, as "
        f"in jvp(f, (x,), (v,)); args is {type(args).__name__}."
    )


def no_examples(arrays: Any) -> Exception:
    for i, one in enumerate(arrays):
        if not np.shape(one):
            return TypeError(
                f"per_example_grad: argument {i + 1}, {type(one).__name__}, has no first axis "
                "along which the examples stand. Settings belong into the function: "
                "lambda params, x: loss(params, x, setting)."
            )
    given = ", ".join(str(np.shape(one)[0]) for one in arrays)
    return ValueError(
        "per_example_grad: the arrays after the parameters have one example for each entry of "
        f"their first axis, the same number in all; given are {given or 'none'}."
    )


def _called(fn: Any) -> str:
    return getattr(fn, "__name__", type(fn).__name__)
