"""What strangers send, as Hypothesis strategies: noise, broken frames, lies about lengths, and well-sealed nonsense."""

from __future__ import annotations

import gzip
import itertools
import struct
import time
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st
from telethon.crypto import AuthKey
from telethon.network.mtprotostate import MTProtoState
from telethon.tl import TLObject, TLRequest, functions, types
from telethon.tl.alltlobjects import tlobjects

from tests.testing.server.frames import FRAMES, TAGS
from tests.testing.server.wire import NoLog
from tests.whole.fuzz.requests import Hints, request

__all__ = ["Seal", "sealer", "streams"]

Seal = Callable[[int, int, int, int, bytes], bytes]
CONTAINER, GZIP, VECTOR = 0x73F1F8DC, 0x3072CFA1, 0x1CB5C415
REQUESTS = sorted(number for number, kind in tlobjects.items() if issubclass(kind, TLRequest))
OBJECTS = sorted(tlobjects)
HOSTILE = [0, 1, 3, 0x7F, 0xFF, 0xFFFF, 2**20, 2**20 + 4, 2**24 - 1, 2**31 - 1, 2**31, 2**32 - 4, 2**32 - 1]
words = st.one_of(st.sampled_from(HOSTILE), st.integers(0, 2**32 - 1)).map(lambda number: struct.pack("<I", number))
_sessions = itertools.count(1000)  # each its own, or a message would be taken for a replay
longs = st.integers(-(2**63), 2**63 - 1)


def sealer(key: bytes) -> Seal:
    """Return a function that encrypts a message as the owner of a key would: salt, session, id, sequence, body."""

    def seal(salt: int, session: int, message_id: int, sequence: int, body: bytes) -> bytes:
        state = MTProtoState(AuthKey(key), loggers=NoLog())
        state.salt, state.id = salt, session
        sealed: bytes = state.encrypt_message_data(struct.pack("<qii", message_id, sequence, len(body)) + body)
        return sealed

    return seal


def _handshakes() -> st.SearchStrategy[bytes]:
    """Steps of the key exchange, right and wrong."""
    nonces = st.integers(-(2**127), 2**127 - 1)
    data = st.binary(max_size=300)
    return st.one_of(
        nonces.map(lambda nonce: bytes(functions.ReqPqMultiRequest(nonce))),
        st.tuples(nonces, nonces, data, data, longs, data).map(lambda all_: bytes(functions.ReqDHParamsRequest(*all_))),
        st.tuples(nonces, nonces, data).map(lambda all_: bytes(functions.SetClientDHParamsRequest(*all_))),
    )


def _bodies() -> st.SearchStrategy[bytes]:
    """What a message may have in it: TL of a kind, with anything behind its constructor."""
    rest = st.one_of(st.binary(max_size=120), st.lists(words, max_size=12).map(b"".join))
    calls = st.tuples(st.sampled_from(REQUESTS), rest).map(lambda pair: struct.pack("<I", pair[0]) + pair[1])
    things = st.tuples(st.sampled_from(OBJECTS), rest).map(lambda pair: struct.pack("<I", pair[0]) + pair[1])
    plain = st.one_of(calls, things, rest, st.just(bytes(functions.users.GetUsersRequest([types.InputUserSelf()]))))
    packed = plain.map(lambda body: struct.pack("<I", GZIP) + TLObject.serialize_bytes(gzip.compress(body)))
    vectors = st.tuples(words, rest).map(
        lambda pair: bytes(types.MsgsAck([]))[:4] + struct.pack("<I", VECTOR) + b"".join(pair)
    )
    return st.one_of(plain, packed, vectors, _containers(plain))


@st.composite
def _containers(draw: Any, plain: st.SearchStrategy[bytes]) -> bytes:
    """Containers, some that lie about their count or lengths."""
    inner = draw(st.lists(plain, max_size=4))
    count = draw(st.one_of(st.just(len(inner)), st.sampled_from(HOSTILE)))
    parts = []
    for place, body in enumerate(inner):
        length = draw(st.one_of(st.just(len(body)), st.sampled_from(HOSTILE)))
        head = struct.pack("<qiI", _now() + place * 4, place * 2 + 1, length)
        parts.append(head + body)
    return struct.pack("<II", CONTAINER, count) + b"".join(parts)


def _now() -> int:
    return int(time.time()) << 32


@st.composite
def _called(draw: Any, seal: Seal, salt: int, hints: Hints) -> bytes:
    """A request under a real key, with everything about it in order but what it asks for."""
    body = request(Random(draw(st.integers(0, 2**64))), hints)  # noqa: S311  a seed, to be repeated
    return seal(salt, next(_sessions), _now(), 1, body)


@st.composite
def _sealed(draw: Any, seal: Seal, salt: int) -> bytes:
    """A message under a real key: with a good or bad envelope around whatever body."""
    body: bytes = draw(_bodies())
    body += bytes(-len(body) % 4)
    session = draw(st.one_of(st.integers(1, 5), longs))
    message_id = _now() + draw(
        st.one_of(st.integers(0, 2**20).map(lambda number: number * 4), st.integers(-(2**45), 2**45))
    )
    shown = draw(st.sampled_from([salt, salt, salt, 0]))
    return seal(shown, session, message_id, draw(st.integers(-3, 300)), body)


def _payloads(seal: Seal, salt: int, key_id: bytes) -> st.SearchStrategy[bytes]:
    plain = st.tuples(longs, st.one_of(_handshakes(), st.binary(max_size=60)), st.one_of(st.none(), words)).map(
        lambda all_: struct.pack("<qq", 0, all_[0]) + (all_[2] or struct.pack("<I", len(all_[1]))) + all_[1]
    )
    garbage = st.tuples(st.one_of(st.just(key_id), st.binary(min_size=8, max_size=8)), st.binary(max_size=200)).map(
        b"".join
    )
    return st.one_of(plain, garbage, _sealed(seal, salt), st.binary(max_size=100))


@st.composite
def streams(draw: Any, seal: Seal, salt: int, key_id: bytes, hints: Hints) -> bytes:
    """All that one stranger says on one connection."""
    transport = draw(st.sampled_from(sorted(FRAMES)))
    kind = draw(st.sampled_from(["calls", "calls", "mixed", "mixed", "noise"]))
    if kind == "noise":
        noise: bytes = draw(st.one_of(st.binary(max_size=400), st.lists(words, max_size=9).map(b"".join)))
        return TAGS[transport] + noise
    called = _called(seal, salt, hints)
    payloads = draw(st.lists(called if kind == "calls" else _payloads(seal, salt, key_id), min_size=1, max_size=5))
    payloads = [payload + bytes(-len(payload) % 4) for payload in payloads]
    stream = bytearray(b"".join(FRAMES[transport](payload, number) for number, payload in enumerate(payloads)))
    for _ in range(0 if kind == "calls" else draw(st.sampled_from([0, 0, 1, 2]))):
        _harm(draw, stream)
    return bytes(stream)


def _harm(draw: Any, stream: bytearray) -> None:
    """Cut the stream, flip a bit, lose or invent bytes, or put a hostile length somewhere."""
    if not stream:
        return
    place = draw(st.integers(0, len(stream) - 1))
    match draw(st.integers(0, 4)):
        case 0:
            del stream[place:]
        case 1:
            stream[place] ^= 1 << draw(st.integers(0, 7))
        case 2:
            del stream[place : place + draw(st.integers(1, 9))]
        case 3:
            stream[place:place] = draw(st.binary(min_size=1, max_size=9))
        case _:
            stream[place : place + 4] = draw(words)
