"""What an error says: what went wrong, with which operands, the likely cause, and what to write.

Every function returns an exception to raise (or a text to warn with); none is called before
something has failed, so that the way without errors stays bare.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.diagnosis import describe
from autograd.rules import RuleError
from autograd.versions import last_write

BACKWARD_CREATE_GRAPH = (
    "backward(create_graph=True) leaves gradients that hold their own graph, which holds the leaf: "
    "a cycle that keeps memory alive. Use autograd.grad(loss, inputs, create_graph=True) instead, "
    "or set .grad = None when done."
)


# NumPy's functions


def unsupported_ufunc(ufunc: np.ufunc, method: str, settings: dict[str, Any]) -> TypeError:
    name = f"np.{ufunc.__name__}"
    if method != "__call__":
        return TypeError(
            f"{name}.{method} has no derivative here, so it does not take Tensors. For sums use "
            "np.sum; for the bare values use tensor.data."
        )
    if "out" in settings:
        return TypeError(
            f"{name} on Tensors takes no out, and an array is not updated in place from a Tensor: "
            "that would lose the history. For a step by hand write `with autograd.no_grad(): "
            "p -= lr * p.grad`, or p.data -= lr * p.grad.data."
        )
    if "where" in settings:
        return TypeError(
            f"{name} on Tensors takes no {', '.join(settings)}: leaving entries out would lose "
            "the history. Leave the argument out; choose entries with autograd.where."
        )
    if settings:
        return TypeError(
            f"{name} on Tensors takes no {', '.join(settings)}. Leave the argument out; for "
            "another dtype convert first, with t.astype(dtype)."
        )
    return TypeError(
        f"{name} has no derivative here yet, so it does not take Tensors. For the bare values use "
        f"{name}(tensor.data); to add it, write a class derived from autograd.Elementwise."
    )


def unsupported_function(function: Any) -> TypeError:
    module = getattr(function, "__module__", "numpy").replace("numpy", "np", 1)
    name = f"{module}.{getattr(function, '__name__', function)}"
    return TypeError(
        f"{name} has no derivative here yet, so it does not take Tensors. For the bare values use "
        "tensor.data; to add it, write a class derived from autograd.Function."
    )


# Tensors


def tensor_of_tensor(name: str) -> TypeError:
    return TypeError(
        f"{name}(…) was given a Tensor, and would lose its history. Use it as it is; for a copy "
        "t.clone(), for the values without history t.detach()."
    )


def gradient_of_integers(tensor: Any) -> TypeError:
    return TypeError(
        f"A Tensor of {tensor.dtype} cannot require a gradient: there is nothing between two whole "
        "numbers. Make it floating: Tensor(data, requires_grad=True, dtype=float)."
    )


def requires_grad_of_result(tensor: Any) -> RuntimeError:
    return RuntimeError(
        f"requires_grad of a result (here of {_made_by(tensor)}) cannot be switched off: its "
        "history is there. Use t.detach() for the values without history."
    )


def grad_of_result(tensor: Any) -> str:
    return (
        f".grad is filled in for leaves only, and this Tensor is a result of {_made_by(tensor)}; "
        "it will stay None. Call t.retain_grad() before backward(), or use "
        "autograd.grad(loss, t)."
    )


def grad_does_not_fit(tensor: Any, gradient: Any) -> ValueError:
    return ValueError(
        f"A gradient has the shape and dtype of its Tensor, {tensor.shape} {tensor.dtype}; "
        f"this one is {gradient.shape} {gradient.dtype}."
    )


def data_does_not_fit(tensor: Any, source: Any) -> Exception:
    if source.shape == tensor.shape:
        return TypeError(
            f"Values of {source.dtype} do not go into a Tensor of {tensor.dtype} without loss; "
            f"convert them first: values.astype({str(tensor.dtype)!r})."
        )
    return ValueError(
        f"New data must have the Tensor's shape {tensor.shape}; this has {source.shape}. "
        "For another shape make a new Tensor."
    )


def not_one_entry(tensor: Any, use: str) -> ValueError:
    return ValueError(
        f"{use} needs a single number, and this Tensor has shape {tensor.shape}, "
        f"{tensor.size} numbers. Choose one (t[0]) or reduce it (t.sum(), t.mean())."
    )


def truth_of_many(tensor: Any) -> ValueError:
    return ValueError(
        f"A Tensor of shape {tensor.shape} is neither true nor false. "
        "Say which is meant: t.any() or t.all(), or t.size > 0."
    )


def copy_of_result(tensor: Any) -> RuntimeError:
    return RuntimeError(
        f"Only leaves can be deep-copied; this Tensor is a result of {_made_by(tensor)}, and a "
        "copy would share its history. Use t.detach().clone() for the values."
    )


def write_with_history(tensor: Any, instead: str) -> RuntimeError:
    which = f"the Tensor {describe(tensor)}"
    return RuntimeError(
        f"Writing into {which} in place would lose a gradient, because it or the new values "
        f"require one. Make a new Tensor ({instead}), or, for an update that is not to be "
        "differentiated, write within `with autograd.no_grad():`."
    )


def cannot_write(tensor: Any, result: Any, instead: str) -> Exception:
    start, end = "Writing in place: ", f" Make a new Tensor: {instead}."
    shape, dtype = tensor.shape, tensor.dtype
    if not tensor._data.flags.writeable:
        return ValueError(
            f"{start}this Tensor, {shape} {dtype}, is read-only, because others rely on its "
            f"memory.{end}"
        )
    if result.shape != shape:
        return ValueError(
            f"{start}the result has shape {result.shape}, and does not fit into this Tensor, "
            f"{shape} {dtype}.{end}"
        )
    return TypeError(
        f"{start}the result is {result.dtype}, and does not go into this Tensor, {shape} {dtype}, "
        f"without loss.{end}"
    )


def cannot_set(tensor: Any, values: Any, error: Exception) -> Exception:
    text = (
        f"Setting entries of the Tensor {describe(tensor)}: {error}. What was to be written has "
        f"shape {np.shape(values)}."
    )
    if not tensor._data.flags.writeable:
        text = (
            f"Setting entries of the Tensor {describe(tensor)}: it is read-only, because others "
            "rely on its memory. Take a copy first: t = t.clone()."
        )
    return type(error)(text)


def write_to_result(tensor: Any) -> RuntimeError:
    return RuntimeError(
        f"This Tensor is a result of {_made_by(tensor)}; overwriting it would contradict its "
        "history. Use t.detach(), or write within `with autograd.no_grad():`."
    )


# Backward


def no_history(tensor: Any) -> RuntimeError:
    return RuntimeError(
        f"backward: this Tensor, {describe(tensor)}, has no history and requires no gradient. "
        "Either nothing it was computed from has requires_grad=True, or it was computed within "
        "no_grad() or from detached values."
    )


def not_scalar(tensor: Any) -> RuntimeError:
    return RuntimeError(
        f"backward: the result has shape {tensor.shape}, and only a single number has a gradient "
        "without saying more. Reduce it first, as in loss.mean().backward(), or give the upstream "
        f"gradient: backward(gradient) of shape {tensor.shape}."
    )


def upstream_does_not_fit(tensor: Any, gradient: Any) -> ValueError:
    return ValueError(
        f"backward: the upstream gradient must have the result's shape {tensor.shape}; "
        f"this one has {gradient.shape}."
    )


def released(node: Any) -> RuntimeError:
    return RuntimeError(
        "backward a second time: an earlier backward went through this graph and released its "
        f"values, those of {type(node).__name__} among them. Compute the result anew, or keep the "
        "graph at the first pass: loss.backward(retain_graph=True)."
    )


def changed_in_place(node: Any, name: str, position: int, value: Any) -> RuntimeError:
    variadic = node.signature.variadic and name in node.signature.inputs
    edges = dict(zip(node.plan.wanted, node.edges, strict=True))
    label = getattr(edges.get(position if variadic else name), "name", None)
    shown = f"{name}[{position}]" if variadic else name
    what = "output" if name in node.signature.outputs else f"input {shown}"
    return RuntimeError(
        f"{type(node).__name__}: its {what}{f' {label!r}' if label else ''}, {value.shape}, was "
        f"changed in place after the forward pass, by {last_write(value).by}, so its gradient "
        "would be wrong. Call backward before that, or compute the result anew after it."
    )


def wrong_gradient(node: Any, position: int, gradient: Any, batch: int) -> RuleError:
    name = node.plan.wanted[position]
    if node.signature.variadic:
        name = f"{node.signature.inputs[0]}[{name}]"
    wanted = node.edges[position].shape
    if not hasattr(gradient, "shape"):
        return RuleError(
            f"{type(node).__name__}: the rule for {name!r} returned {gradient!r:.40}, not a "
            f"gradient of shape {wanted}. Was the return forgotten?"
        )
    if batch:
        return RuleError(
            f"{type(node).__name__}: for {batch} upstream gradients at once, along a leading axis, "
            f"the rule for {name!r} returned shape {gradient.shape}, not {(batch, *wanted)}. Leave "
            "out batched = True, which promises that rules hold so, to have it called for each."
        )
    return RuleError(
        f"{type(node).__name__}: the rule for {name!r} returned a gradient of shape "
        f"{gradient.shape}, but {name} has shape {wanted}. A rule returns one number for each "
        "entry of its input (repeats that broadcasting made are summed for it)."
    )


def not_an_output(op: Any, value: Any) -> RuleError:
    if value is None:
        return RuleError(f"{op.__name__}: forward returned None. Was the return forgotten?")
    return RuleError(
        f"{op.__name__}: forward returned a {type(value).__name__} where one array is expected. "
        'Several results are declared by name: outputs = ("first", "second").'
    )


def hook_without_gradient(tensor: Any) -> RuntimeError:
    return RuntimeError(
        f"register_hook: this Tensor, {describe(tensor)}, requires no gradient, so the hook would "
        "never be called. Set requires_grad=True before computing with it."
    )


def hook_changed_shape(hook: Any, got: Any, wanted: Any) -> ValueError:
    name = getattr(hook, "__name__", repr(hook))
    return ValueError(
        f"The gradient hook {name} returned shape {got} for a gradient of shape {wanted}; "
        "return a gradient of the same shape, or None to leave it as it is."
    )


def hook_returned(hook: Any, answer: Any) -> TypeError:
    name = getattr(hook, "__name__", repr(hook))
    return TypeError(
        f"The gradient hook {name} returned {type(answer).__name__}; return a Tensor, or None to "
        "leave the gradient as it is."
    )


def not_tensors(role: str, position: int, value: Any) -> TypeError:
    return TypeError(
        f"grad: {role} {position} is {type(value).__name__}, and gradients are of Tensors with "
        "respect to Tensors. Give the result itself and what it was computed from, not their "
        ".data, numbers or functions."
    )


def input_without_gradient(tensor: Any, position: int) -> RuntimeError:
    return RuntimeError(
        f"grad: input {position}, {describe(tensor)}, does not require a gradient. Set "
        "requires_grad=True before the outputs are computed."
    )


def unused_input(tensor: Any, position: int) -> RuntimeError:
    return RuntimeError(
        f"grad: no output depends on input {position}, {describe(tensor)}. Was it replaced by a "
        "copy, detached, or rebuilt before use? If that is meant, pass allow_unused=True for None, "
        "or materialize_grads=True for zeros."
    )


def _made_by(tensor: Any) -> str:
    return type(tensor.grad_fn).__name__
