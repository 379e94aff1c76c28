"""The way of every request of the narrow client: whether it may leave, what its answer is, what an error means.

It is sent once, and once more with a new access hash if the server refuses the one in it. Whatever comes of it, an
answer of the right type or an ActorsError leaves this module. What to ask, and what an answer says, is up to those that
are built on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from telethon import errors, functions

from actors.model.client import ClientOwner
from actors.model.content import Peer
from actors.model.errors import ActorsError, FloodWait, TelegramError, Verdict
from actors.telegram.bots import NOT_FOR_BOTS
from actors.telegram.flight import Request
from actors.telegram.names import chat_of, method_name
from actors.telegram.oddities import described
from actors.telegram.resolving import STILL_REFUSED, ResolveRequests
from actors.telegram.sender import exchange
from actors.telegram.translate import AS_THE_TABLE_SAYS, translate
from actors.telegram.transport import Transport

__all__ = ["Requests"]

T = TypeVar("T")

logger = logging.getLogger("actors.telegram")

_TELLING = (errors.RPCError, errors.AuthKeyNotFound, OSError)
"""Exceptions whose text is harmless, so that they may be chained; others quote what was received."""


_BOOL = functions.upload.SaveFilePartRequest.SUBCLASS_OF_ID

_LISTED = frozenset({functions.users.GetUsersRequest})
"""The methods of this library whose answer is a Vector."""


class Requests(ResolveRequests):
    """The part of the narrow client that sends requests, and tells their owner of flood waits."""

    _client: Any
    _owner: ClientOwner
    _transport: Transport

    @property
    def is_bot(self) -> bool:
        """Whether the account is a bot, once it has connected."""
        return bool(self._client._mb_entity_cache.self_bot)

    async def _invoke(
        self,
        request: Any,
        *peers: Peer | None,
        means: Mapping[str, Verdict] = AS_THE_TABLE_SAYS,
        leaving: Callable[[], None] | None = None,
    ) -> Any:
        """Send a request about these peers, and wait. means: as for `translate`. leaving: called when it is written.

        If the server doesn't take the access hash of one of them, it is sent once more, with the new one.
        """
        if self._owner.holds and (refusal := self._refusal(request)) is not None:
            await asyncio.sleep(0)  # whoever tries again and again must not keep the loop
            raise refusal
        if type(request) in NOT_FOR_BOTS:
            self._refuse_if_bot(request)
        losses = self._transport.losses
        try:
            answer = await exchange(self._client, request, leaving)
        except Exception as error:  # noqa: BLE001  the border: whatever it is, an ActorsError leaves
            ours = self._meant(error, method_name(request), repeated=self._transport.losses > losses, means=means)
            if not peers or not isinstance(ours, TelegramError):
                raise ours from ours.__cause__
        else:
            self._check_type(request, answer)
            return answer
        others = await self._renew(ours, request, peers)
        return await self._invoke(request, *others, means={**means, **STILL_REFUSED}, leaving=leaving)

    def _launch(
        self,
        request: Any,
        read: Callable[[Any], T],
        *peers: Peer | None,
        means: Mapping[str, Verdict] = AS_THE_TABLE_SAYS,
    ) -> Request[T]:
        """Send a request about these peers, and go on: parts of files and pages of histories go this way.

        read: what its answer says. One that is awaited is sent once more, as by `_invoke`.
        """
        if type(request) in NOT_FOR_BOTS:
            self._refuse_if_bot(request)
        losses = self._transport.losses

        def meant(error: BaseException | None) -> ActorsError:
            known = error if isinstance(error, Exception) else self._client._updates_error
            reason = known or ConnectionError("the client was disconnected")
            return self._meant(reason, method_name(request), repeated=self._transport.losses > losses, means=means)

        def learned(answer: Any) -> T:
            self._client.session.process_entities(answer)
            self._check_type(request, answer)
            return self._read(request, read, answer)

        async def again(error: TelegramError) -> Request[T]:
            others = await self._renew(error, request, peers)
            return self._launch(request, read, *others, means=STILL_REFUSED)

        refusal = self._refusal(request) if self._owner.holds else None
        return Request(self._client, request, learned, meant, refusal, again if peers else None)

    def _refusal(self, request: Any) -> FloodWait | None:
        """Return the error for a request that must not leave yet. One with a random_id writes a message to its chat."""
        return self._owner.refusal(method_name(request), chat_of(request) if hasattr(request, "random_id") else "")

    def _refuse_if_bot(self, request: Any) -> None:
        """Say what Telegram would say to a bot, without asking it."""
        if self.is_bot:
            raise self._error(Verdict.OPERATION_PERMANENT, "BOT_METHOD_INVALID", method_name(request), code=400)

    def _check_type(self, request: Any, answer: Any) -> None:
        """Raise a TelegramError for an answer of another type than the method's."""
        kind = getattr(answer, "SUBCLASS_OF_ID", None)
        if kind is None:  # Telethon's reader makes a bool of a Bool, and a list of a Vector
            is_right = request.SUBCLASS_OF_ID == _BOOL if isinstance(answer, bool) else type(request) in _LISTED
        else:
            is_right = kind == request.SUBCLASS_OF_ID
        if not is_right:
            raise self._unexpected(request, answer, "it is of another type")

    def _read(self, request: Any, read: Callable[[Any], T], answer: Any) -> T:
        """Return what `read` makes of an answer, which may be of another constructor than the ones it knows."""
        try:
            return read(answer)
        except ActorsError:
            raise
        except Exception as error:  # noqa: BLE001  whatever is odd about the answer, an ActorsError leaves
            raise self._unexpected(request, answer, described(error)) from None

    def _unexpected(self, request: Any, answer: Any, why: str) -> TelegramError:
        method = method_name(request)
        logger.warning("%s was answered with a %s, which can't be read: %s", method, type(answer).__name__, why)
        return self._error(Verdict.UNKNOWN, "UNEXPECTED_ANSWER", method)

    def _meant(
        self, error: Exception, method: str, *, repeated: bool = False, means: Mapping[str, Verdict] = AS_THE_TABLE_SAYS
    ) -> ActorsError:
        """Return our error for any other, with its cause; the owner hears of a flood wait at once.

        repeated: whether Telethon may have sent the request before, in vain.
        """
        ours = translate(error, session=self._name, means=means)
        ours = ours or self._error(Verdict.UNKNOWN, "CLIENT_ERROR", method)
        if ours is not error:
            if isinstance(ours, TelegramError) and ours.method == "connection":
                ours.method = method
            ours.__cause__ = error if isinstance(error, _TELLING) else None
        if isinstance(ours, TelegramError):
            ours.repeated = repeated
            ours.verdict = means.get(ours.name, ours.verdict)
        if isinstance(ours, FloodWait) and not ours.held:
            self._owner.flooded(ours)
        return ours

    def _error(self, verdict: Verdict, name: str, method: str, *, code: int = 0) -> TelegramError:
        return TelegramError(verdict=verdict, name=name, method=method, code=code, session=self._name)
