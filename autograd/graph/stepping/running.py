"""step_through: what it takes, and the recording of the two passes that it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.engine import topological_order
from autograd.gradients import grad
from autograd.graph.history import calls_leading_to
from autograd.graph.names import scope_of
from autograd.graph.stepping.page import StepThrough
from autograd.graph.stepping.story import tell
from autograd.graph.stepping.untouched import untouched
from autograd.recording import record
from autograd.tape import Call, Tape, Value, tape_of
from autograd.tensor import Tensor

LIMIT = 200  # calls, by default


def step_through(
    target: Callable[..., Any] | Tensor,
    *args: Any,
    gradient: Any = None,
    limit: int = LIMIT,
) -> StepThrough:
    """A page that steps through a computation, first forward and then backward, call by call.

    Each step lights its call in a drawing of the graph and its line in the source, and shows the
    formula and the numbers: inputs and output; on the way back the upstream gradient, the local
    gradients, what is sent to each input, and the sum that forms where a value was used more than
    once. In notebooks the page shows itself; `.save("steps.html")` writes it to one file, which
    needs nothing else.

    Args:
        target: a function or a model that returns the Tensor to differentiate, such as a loss; or
            that Tensor, if it was computed under `with autograd.record() as tape:`, with its
            backward pass, if that is to be seen. Of the tape, its own history is shown.
        args: the function's arguments; or the Tensor's tape, if there are several.
        gradient: the upstream gradient to start from, in the shape of what the function returns;
            not needed for a single number.
        limit: the most calls that a page is made for.

    The function runs once. `.grad`s, random numbers and modules (buffers, modes) are afterwards as
    before; whatever else the function does is done.

    Raises:
        TypeError: the target is neither a function nor a Tensor, or the function returns no Tensor.
        ValueError: no operation was called, the result is not a single number and there is no
            `gradient`, a Tensor was not recorded, or there are more calls than `limit`.
        LookupError: the tape knows nothing of the Tensor.

    Example:
        step_through(lambda x, y, z: ((x + y) * z) ** 2, x, y, z)
    """
    if isinstance(target, Tensor):
        result, calls = _recorded(target, args, gradient)
        title = result.name or ""
    elif isinstance(target, Tape):
        raise TypeError(
            "step_through takes the result whose history is to be seen, not the tape: "
            "step_through(loss)."
        )
    elif callable(target):
        name = getattr(target, "__name__", type(target).__name__)
        title = "" if name == "<lambda>" else name
        result, calls = _run(title or "the function", target, args, gradient)
    else:
        raise TypeError(
            "step_through takes a function, given with its arguments, or a Tensor that was "
            f"recorded. This is {target!r:.60} ({type(target).__name__})."
        )
    if len(calls) > limit:
        raise ValueError(
            f"step_through: this computation makes {len(calls):,} calls of operations, and a page "
            f"is made for {limit} at most, because nobody follows more steps than that. Step "
            "through a part, such as one layer with its input, step_through(model.layers[0], x, "
            "gradient=...), a few steps of a loop instead of all, or raise the limit: "
            f"step_through(..., limit={len(calls)})."
        )
    return StepThrough(tell(title, result, calls))


def _run(
    name: str, function: Callable[..., Any], args: tuple[Any, ...], gradient: Any
) -> tuple[Value, list[Call]]:
    """Record the function and, if there is one, the way back from its result."""
    scope = scope_of(function, args)
    with untouched(scope.values()), record() as tape:
        result = function(*args)
        _check(name, result, tape, gradient)
        # A function may have run its own backward pass.
        if result.requires_grad and tape.value_of(result).gradient is None:
            leaves = {
                id(edge): edge
                for node in topological_order([result.edge()])
                for edge in node.edges
                if isinstance(edge, Tensor)
            }
            # Asked for by name, the gradients come as values, and no `.grad` changes.
            grad([result], list(leaves.values()), [gradient], retain_graph=True, allow_unused=True)
    return tape.value_of(result), [call for call in tape.calls if not call.in_backward]


def _check(name: str, result: Any, tape: Tape, gradient: Any) -> None:
    if not isinstance(result, Tensor):
        hint = {
            type(None): " Does it end with `return loss`?",
            tuple: " Leave the others out: step_through(lambda *args: f(*args)[0], ...).",
        }.get(type(result), "")
        raise TypeError(
            f"step_through: {name} must return the one Tensor to differentiate, such as a loss; "
            f"it returned {type(result).__name__}.{hint}"
        )
    if tape.look_up(result) is None or tape.value_of(result).made_by is None:
        raise ValueError(
            f"step_through: {name} called no operation on Tensors that leads to its result, so "
            "there is no graph to show. If its arguments are plain arrays or numbers, make at "
            "least one of them a Tensor."
        )
    if result.requires_grad and result.size != 1 and gradient is None:
        raise ValueError(
            f"step_through: {name} returned a Tensor of shape {result.shape}, and only a single "
            "number has a gradient without saying more. Reduce it, as in "
            "step_through(lambda *args: f(*args).sum(), ...), or give the upstream gradient: "
            f"step_through(f, ..., gradient=np.ones({result.shape}))."
        )


def _recorded(result: Tensor, args: tuple[Any, ...], gradient: Any) -> tuple[Value, list[Call]]:
    """The calls of a record that led to a result."""
    given = args or (tape_of(result),)
    if given == (None,):
        raise ValueError(
            "step_through: a Tensor by itself keeps only what its rules need. Give the function "
            "that computes it, step_through(function, x, y), or record it:\n"
            "    with autograd.record() as tape:\n"
            "        loss = ...\n"
            "        loss.backward()\n"
            "    step_through(loss)"
        )
    if len(given) > 1 or not isinstance(given[0], Tape) or gradient is not None:
        raise TypeError(
            "step_through: after a Tensor stands at most the tape that it was recorded on: "
            "step_through(loss). Arguments and `gradient` are those of a function, which stands "
            "first: step_through(function, x, y)."
        )
    (tape,) = given
    return tape.value_of(result), calls_leading_to(result, tape)
