"""Operations around a function, for work that isn't worth a class of its own.

They can't be resumed: work that must survive an interruption in its middle is a `ResumableOperation`. Users build them.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from actors.model.checks import check_function, check_text
from actors.model.client import Client
from actors.model.policies import Overrides
from actors.operations.operation import Operation, OperationContext

__all__ = ["Call", "CallInThread"]

P = ParamSpec("P")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True, init=False)
class Call(Operation[T_co]):
    """Await `function(client, *args, **kwargs)` in the session's slot; answered with what the function returns.

    `client` is the narrow client, and `client.telethon` is the way down to Telethon. The caller gets what the function
    raises; only Telegram's errors are translated. Raises InvalidInput for a function that can't be called, and for an
    operation_type that isn't a text, or is blank.
    """

    operation_type: str  # type: ignore[misc]  # a call brings its type along instead of having it from its class
    function: Callable[..., Awaitable[T_co]] = field(repr=False)
    args: tuple[Any, ...] = field(repr=False)
    kwargs: dict[str, Any] = field(repr=False)

    def __init__(
        self,
        operation_type: str,
        function: Callable[Concatenate[Client, P], Awaitable[T_co]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        _fill(self, operation_type, function, args, kwargs)

    async def run(self, client: Client, context: OperationContext) -> T_co:  # noqa: ARG002  it knows no context
        """Await the function."""
        return await self.function(client, *self.args, **self.kwargs)


@dataclass(frozen=True, slots=True, init=False)
class CallInThread(Operation[T_co]):
    """Run the plain `function(*args, **kwargs)` in a worker thread, and hold the session's slot meanwhile.

    The function gets no client, because a client lives on the event loop. A thread can't be cancelled: after a timeout
    or a cancel the operation is over, and the function runs to its end without anybody listening.
    """

    operation_type: str  # type: ignore[misc]  # as for Call
    function: Callable[..., T_co] = field(repr=False)
    args: tuple[Any, ...] = field(repr=False)
    kwargs: dict[str, Any] = field(repr=False)

    def __init__(self, operation_type: str, function: Callable[P, T_co], *args: P.args, **kwargs: P.kwargs) -> None:
        _fill(self, operation_type, function, args, kwargs)

    async def run(self, client: Client, context: OperationContext) -> T_co:  # noqa: ARG002  gets no client
        """Run the function off the event loop, with the context variables of the operation."""
        run = functools.partial(contextvars.copy_context().run, self.function, *self.args, **self.kwargs)
        return await asyncio.get_running_loop().run_in_executor(None, run)


_NO_OVERRIDES = Overrides()


def _fill(call: Operation[Any], operation_type: str, function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    """Set the fields of a call, once the two arguments that people mix up have been checked."""
    check_text("operation_type", operation_type)
    check_function("function", function)
    values = {"operation_type": operation_type, "function": function, "args": args, "kwargs": kwargs}
    values |= {"key": None, "overrides": _NO_OVERRIDES}
    for name, value in values.items():
        object.__setattr__(call, name, value)
