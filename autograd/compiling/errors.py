"""What compile and compiled functions say when something does not fit."""

from __future__ import annotations

from traceback import walk_tb
from types import FrameType
from typing import Any

from autograd.places import LIBRARY, line_of
from autograd.tracing.errors import TracingError


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
        "  likely  a counter, or a list of losses\n"
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


def input_of_another_kind(title: str, label: str, array: Any) -> TracingError:
    return TracingError(
        f"compile: the argument {label} of {title} is a {type(array).__name__}, which computes in "
        "ways of its own, and plain arrays are recorded.\n  fix  pass np.asarray(array)"
    )


def changes_arguments(title: str) -> TracingError:
    return TracingError(
        f"compile: {title} changes a list or dict that it is given, which a replay would leave as "
        "it is.\n  fix  return what is new; or change a copy, list(…) or dict(…)"
    )


def changes_requires_grad(title: str, label: str) -> TracingError:
    return TracingError(
        f"compile: {title} changes whether its argument {label} requires a gradient, which a "
        f"replay would leave as it is.\n  fix  {label}.requires_grad_() before the call; or work "
        f"with {label}.detach()"
    )


def writes_arrays(title: str, error: Exception) -> TracingError:
    frames = [frame for frame, _ in walk_tb(error.__traceback__) if not in_library(frame)]
    line = line_of(frames[-1] if frames else None)
    where = f"\n  at   {line}, in {line.function}: {line.text}" if line else ""
    return TracingError(
        f"compile: {title} writes into a plain array that it reaches, which a replay would leave "
        f"as it is; only the values of Tensors change in replays.{where}\n"
        "  fix  keep it as a Tensor, written by copy_ within no_grad(); or return what is new, and "
        "write it after the call"
    )


def in_library(frame: FrameType) -> bool:
    """Whether a frame runs code of this library."""
    return frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARY


def stays(title: str) -> TracingError:
    return TracingError(
        f"compile: a value that {title} computes stays somewhere, where no replay would put the "
        "next one.\n"
        "  likely  the answer is an object or a generator, or a value was put into a global, an "
        "attribute, or a queue\n"
        "  fix     return Tensors and arrays, in lists, tuples and dicts, and put them there after "
        "the call"
    )


def only_while_recording(title: str, error: Exception) -> str:
    return (
        f"compile: {title} failed while it was recorded, with {type(error).__name__}: {error}\n"
        "and not when it ran as it is. From now on it runs as it is. What it calls likely takes "
        "NumPy's own arrays alone."
    )


def runs_as_it_is(title: str, error: TracingError) -> str:
    return f"compile: {title} runs as it is from now on, without recording. {error}"


def too_many(title: str, count: int, path: str | None) -> str:
    if path is None:
        cause = "an argument: other shapes or dtypes, numbers and texts make a new recording each"
        fix = "pass numbers as a Tensor, and keep batches of one size (drop_last=True)"
    else:
        cause = f"{path}; what is reached and changes from call to call makes a new recording each"
        fix = "pass it as a Tensor; or leave it out of the function, and use it after the call"
    return (
        f"compile: {title} was recorded {count} times, and again something is new; other forms run "
        f"as they are from now on.\n  new  {cause}\n  fix  {fix}"
    )


def not_recorded(title: str) -> RuntimeError:
    return RuntimeError(
        f"compile: {title} has no recording yet. Call it once, with arguments of the form to come."
    )


def none_for_the_call(title: str) -> RuntimeError:
    return RuntimeError(
        f"compile: no recording of {title} stands for this call, so there is nothing to check.\n"
        "  likely  it is one of the first calls, or the first with such arguments. The first finds "
        "no gradients and the second does; and optimisers look at their first three steps "
        "themselves\n"
        "  fix     call it with such arguments, up to four times; then check"
    )
