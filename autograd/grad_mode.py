"""Whether operations record history, and who listens to them.

Both live in one `Mode`, held in a context variable: every thread and every asynchronous task has
its own, and an operation finds out both with a single look. (Listening: see `watching`.)
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from autograd.watching import Watcher


class Mode:
    """What holds for the code that is running now. Never changed, only replaced.

    Attributes:
        grad: whether operations record history.
        watcher: who listens, if anybody.
        outer: what held before this was entered.
    """

    __slots__ = ("grad", "outer", "watcher")

    def __init__(self, grad: bool, watcher: Watcher | None, outer: Mode | None = None) -> None:
        self.grad = grad
        self.watcher = watcher
        self.outer = outer


_START = Mode(grad=True, watcher=None)
MODE: ContextVar[Mode] = ContextVar("autograd_mode", default=_START)
current_mode = MODE.get

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class SetMode:
    """A context manager that changes the mode; it may be entered within itself."""

    def __enter__(self) -> None:
        MODE.set(self.inner(current_mode()))

    def inner(self, outer: Mode) -> Mode:
        """The mode within, given that around it."""
        raise NotImplementedError

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        MODE.set(current_mode().outer or _START)


class _SetGrad(SetMode):
    """A change of `grad` works as a decorator too, of coroutines and generators as well."""

    def __init__(self, *wrong: Any) -> None:
        if wrong:
            name = type(self).__name__
            raise TypeError(
                f"{name} takes no arguments. As a decorator it is written with parentheses: "
                f"@{name}()."
            )

    def __call__(self, function: Decorated) -> Decorated:
        if inspect.isgeneratorfunction(function):
            wrapped = self._generator(function)
        elif inspect.isasyncgenfunction(function):
            wrapped = self._async_generator(function)
        elif inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def wrapped(*args: Any, **kwargs: Any) -> Any:
                with type(self)():
                    return await function(*args, **kwargs)

        else:

            @functools.wraps(function)
            def wrapped(*args: Any, **kwargs: Any) -> Any:
                with type(self)():
                    return function(*args, **kwargs)

        return cast(Decorated, wrapped)

    # In a generator the mode holds while its own body runs, never while its consumer's does.

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            generator = function(*args, **kwargs)
            resume: Callable[[], Any] = functools.partial(next, generator)
            try:
                while True:
                    try:
                        with type(self)():
                            value = resume()
                    except StopIteration as stop:
                        return stop.value
                    try:
                        resume = functools.partial(generator.send, (yield value))
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        resume = functools.partial(generator.throw, error)
            finally:
                with type(self)():
                    generator.close()

        return wrapped

    def _async_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapped(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
            generator = function(*args, **kwargs)
            resume: Callable[[], Any] = functools.partial(anext, generator)
            try:
                while True:
                    try:
                        with type(self)():
                            value = await resume()
                    except StopAsyncIteration:
                        return
                    try:
                        resume = functools.partial(generator.asend, (yield value))
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        resume = functools.partial(generator.athrow, error)
            finally:
                with type(self)():
                    await generator.aclose()

        return wrapped


class no_grad(_SetGrad):
    """Within it (`with no_grad():` or `@no_grad()`), operations record no history."""

    def inner(self, outer: Mode) -> Mode:
        return Mode(False, outer.watcher, outer)


class enable_grad(_SetGrad):
    """Within it, operations record history again, also inside `no_grad`."""

    def inner(self, outer: Mode) -> Mode:
        return Mode(True, outer.watcher, outer)


def is_grad_enabled() -> bool:
    """Whether operations record history here and now."""
    return current_mode().grad
