"""What trace and static graphs say when something does not fit."""

from __future__ import annotations

from typing import Any

from autograd.tracing.arrays import TracingError


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


def not_to_compile(fn: Any) -> TypeError:
    return TypeError(
        f"compile takes a function or a model, and this is {type(fn).__name__}. Give the function "
        "itself, compile(step), not what it answers, compile(step(x))."
    )


def unknown_fallback(value: Any) -> ValueError:
    return ValueError(
        f"compile: fallback is None, for an error, or 'eager', to run what cannot be recorded as "
        f"it is; not {value!r}."
    )


def iterator_within(path: str) -> TracingError:
    return TracingError(
        f"compile: the step goes on in the iterator {path}, and its recording would see the same "
        "item for ever.\n  fix  take the item before, and pass it: step(*next(batches))"
    )


def changes(title: str, path: str) -> TracingError:
    return TracingError(
        f"compile: {title} changes what {path} is, which a replay would leave as it is; only the "
        "values of Tensors change in replays.\n"
        "  likely  a counter, a list of losses, or a schedule's step() within the step\n"
        "  fix     do it after the call, with what the step returns"
    )


def unseen_draw(path: str) -> TracingError:
    return TracingError(
        f"compile: random numbers were drawn from {path} in a way that is not recorded, so every "
        "replay would see the same.\n  fix  draw them by nn.Dropout or "
        "autograd.random.draw(method, shape, dtype, generator), or before the step, and pass them"
    )


def made_before(title: str, tensor: Any) -> TracingError:
    return TracingError(
        f"compile: {title} uses a result that was computed before, of "
        f"{type(tensor.grad_fn).__name__} with shape {tensor.shape}; its history is not recorded.\n"
        "  fix  compute it within the function; or give its values alone, t.detach()"
    )


def not_seen(title: str, op: Any, tensor: Any) -> TracingError:
    name = f"{tensor.name!r}, " if tensor.name else ""
    return TracingError(
        f"compile: {op.__name__} is given a Tensor ({name}shape {tensor.shape}) that requires a "
        f"gradient, and how {title} comes by it cannot be seen, so its gradient would be lost.\n"
        "  seen  arguments; what the code names in closures and globals; attributes, lists, tuples "
        "and dicts of these\n"
        "  fix   pass it as an argument, or give it a name that the function uses"
    )


def input_is_result(title: str, label: str, tensor: Any) -> TracingError:
    return TracingError(
        f"compile: the argument {label} of {title} is a result of {type(tensor.grad_fn).__name__}, "
        "and the compiled function answers without history, so nothing would flow back there.\n"
        "  fix  compile the whole computation, or give the values alone: t.detach()"
    )


def only_while_recording(title: str, error: Exception) -> str:
    return (
        f"compile: {title} failed while it was recorded, with {type(error).__name__}: {error}\n"
        "and not when it ran as it is. From now on it runs as it is. What it calls likely takes "
        "NumPy's own arrays alone."
    )


def runs_as_it_is(title: str, error: TracingError) -> str:
    return f"compile: {title} runs as it is from now on, without recording. {error}"


def too_many(title: str, count: int) -> str:
    return (
        f"compile: {title} was recorded {count} times, and again something is new; other forms run "
        "as they are from now on. Arguments of ever new shapes, numbers among them, and globals or "
        "attributes that change from call to call make a new recording each. Pass what changes as "
        "a Tensor, and keep batches of one size (drop_last=True)."
    )


def not_recorded(title: str) -> RuntimeError:
    return RuntimeError(
        f"compile: {title} has no recording yet. Call it once, with arguments of the form to come."
    )
