"""What recordings say when something does not fit."""

from __future__ import annotations

from typing import Any

from autograd.places import line_of, user_frame
from autograd.steps import recording_step


class TracingError(RuntimeError):
    """What a function does cannot be recorded."""


def refusal(what: str, fix: str) -> TracingError:
    """The error for something that cannot be recorded, with the line that did it."""
    line = line_of(user_frame())
    where = f"\n  at   {line}, in {line.function}: {line.text}" if line else ""
    error = TracingError(f"This cannot be recorded: {what}.{where}\n  fix  {fix}")
    recorder = recording_step.get()
    if recorder is not None:  # which raises it again if the function catches it
        recorder.refusals.append(error)
    return error


def not_a_function(fn: Any, settings: dict[str, Any]) -> TypeError:
    if settings:
        return TypeError(
            f"trace hands arguments on by position; {', '.join(settings)} was given by name. Put "
            "it in its place, or into the function: trace(lambda x: f(x, axis=0), x)."
        )
    return TypeError(
        f"trace records a function or a model, and this is {type(fn).__name__}. Give the function "
        "itself and then its arguments: trace(f, x), not trace(f(x))."
    )


def no_tensor_returned(title: str, value: Any) -> TypeError:
    return TypeError(
        f"trace: {title} answered {type(value).__name__}, and only Tensors can be replayed. Return "
        "Tensors, also in lists, tuples or dicts."
    )


def answers_differ(title: str) -> TracingError:
    return TracingError(
        f"trace: {title} was called twice and answered differently, so a recording would not "
        "stand for it. Likely it draws random numbers by itself (draw them through nn.Dropout or "
        "autograd.random.draw), or changes something that it reads."
    )


def draws_differ() -> TracingError:
    return TracingError(
        "trace: the function was called twice and drew other random numbers the second time, so a "
        "recording would not stand for it. Likely it changes something that it reads."
    )


def made_outside(tensor: Any) -> TracingError:
    return TracingError(
        f"trace: the function uses a result that was computed before, of "
        f"{type(tensor.grad_fn).__name__} with shape {tensor.shape}; its history is not recorded. "
        "Compute it within the function, pass it as an argument, or use its values alone: "
        "t.detach()."
    )


def wrong_count(title: str, got: int, wanted: int) -> TypeError:
    return TypeError(f"The static graph of {title} takes {wanted} arguments; it was given {got}.")


def wrong_structure(title: str, clash: str) -> TypeError:
    return TypeError(
        f"The static graph of {title} takes arguments of the form it was recorded with: {clash}."
    )


def wrong_form(title: str, wanted: Any, got: Any) -> ValueError:
    return ValueError(
        f"The static graph of {title} was recorded for {wanted}, "
        f"and this is {got.shape} {got.dtype}. Its calls and memory are laid out for that shape "
        "and dtype; record another one: autograd.trace(fn, x)."
    )


def other_constant(title: str, wanted: Any, got: Any) -> ValueError:
    return ValueError(
        f"The static graph of {title} was recorded with {wanted}, which is a constant in it, and "
        f"was given {got!r:.60}. Record another one for that value."
    )


def other_gradient(title: str, wanted: Any) -> ValueError:
    did, does = ("did", "does not") if wanted.requires_grad else ("did not", "does")
    return ValueError(
        f"The static graph of {title} was recorded for {wanted.name} that {did} require a "
        f"gradient, and this one {does}. Give what it was recorded with, or record another one."
    )


def input_with_history(title: str, name: str, tensor: Any) -> ValueError:
    return ValueError(
        f"The static graph of {title} ends at its inputs, and {name} is a result of "
        f"{type(tensor.grad_fn).__name__}, whose history would get no gradient. Record the whole "
        "computation, or give the values alone: t.detach()."
    )


def replaced(title: str, name: str) -> RuntimeError:
    return RuntimeError(
        f"The static graph of {title} was recorded with {name} in another shape, dtype or layout "
        "than it has now. Record it again: autograd.trace(fn, x)."
    )


def no_gradient(title: str) -> RuntimeError:
    return RuntimeError(
        f"The static graph of {title} has no backward pass: nothing in it required a gradient. Set "
        "requires_grad=True on an input or parameter before recording."
    )


def not_run(title: str) -> RuntimeError:
    return RuntimeError(
        f"The static graph of {title} has no values yet to go back through. Run it forward first: "
        "graph(x), then graph.backward()."
    )


def wrong_upstream(title: str, wanted: list[Any], got: list[Any]) -> ValueError:
    shapes = ", ".join(str(one.shape) for one in wanted)
    given = ", ".join(str(one.shape) for one in got) or "none"
    return ValueError(
        f"The static graph of {title}: backward takes one upstream gradient for each result that "
        f"requires one, of shape {shapes}, and was given {given}. They may be left out where every "
        "result is a single number."
    )


def changed_since(title: str, name: str) -> RuntimeError:
    return RuntimeError(
        f"The static graph of {title}: {name} was changed in place since the forward pass, so the "
        "gradient would be wrong. Likely an optimizer step between graph(x) and graph.backward(): "
        "call backward first, or run forward again."
    )


# What compile says
