"""The TL layer: Telethon's classes decode requests and encode replies.

It is not a client: none of Telethon's network code is used. It is the loopback's only door to Telethon; every other
module takes `types` and `functions` from here.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from typing import Any

from telethon.extensions import BinaryReader
from telethon.tl import TLObject, functions, types
from telethon.tl.alltlobjects import LAYER
from telethon.tl.core import GzipPacked, MessageContainer, RpcResult

__all__ = [
    "CONTAINER",
    "LAYER",
    "Encoded",
    "MalformedRequest",
    "encode",
    "functions",
    "gzipped",
    "inflate",
    "method_name",
    "newer",
    "parse",
    "rpc_result",
    "types",
]

CONTAINER: int = MessageContainer.CONSTRUCTOR_ID
GZIP: int = GzipPacked.CONSTRUCTOR_ID
INFLATED_LIMIT = 8 * 1024 * 1024  # a message is at most 1 MiB on the wire; this stops gzip bombs
WORTH_PACKING = 16 * 1024  # below, packing costs more than it saves on the way to 127.0.0.1
TRUE, FALSE, VECTOR = struct.pack("<I", 0x997275B5), struct.pack("<I", 0xBC799737), struct.pack("<I", 0x1CB5C415)
NEWER = struct.pack("<I", 0x7E57AB1E)  # in no layer so far
RESULT_HEAD = struct.Struct("<Iq")


class MalformedRequest(Exception):
    """The bytes are no TL object of this layer. constructor: the id that they started with, for the log."""

    def __init__(self, *, constructor: int) -> None:
        super().__init__(f"constructor {constructor:08x} does not parse")
        self.constructor = constructor


class Encoded:
    """A TL object that is already bytes. Telethon's encoder takes it wherever it takes an object."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def _bytes(self) -> bytes:
        return self.data


def inflate(body: bytes) -> bytes:
    """Return the body without its gzip_packed wrapper, if it has one. Raises MalformedRequest."""
    if len(body) < 4 or struct.unpack_from("<I", body)[0] != GZIP:  # noqa: PLR2004  a constructor id is 4 bytes
        return body
    try:
        packed = BinaryReader(body[4:]).tgread_bytes()
        inflater = zlib.decompressobj(wbits=31)
        data = inflater.decompress(packed, INFLATED_LIMIT)
    except (BufferError, struct.error, zlib.error) as error:
        raise MalformedRequest(constructor=GZIP) from error
    if not inflater.eof:
        raise MalformedRequest(constructor=GZIP)
    return data


def gzipped(body: bytes) -> bytes:
    """Return the body as gzip_packed when it is big enough to be worth it and that makes it smaller."""
    if len(body) < WORTH_PACKING:
        return body
    packed = struct.pack("<I", GZIP) + TLObject.serialize_bytes(gzip.compress(body, compresslevel=1))
    return packed if len(packed) < len(body) else body


def parse(body: bytes) -> Any:
    """Return the TL object in `body`. Raises MalformedRequest for anything else, whatever a stranger sends."""
    try:
        return BinaryReader(body).tgread_object()
    except Exception as error:  # Telethon's generated readers raise whatever the bytes lead them to
        constructor = int.from_bytes(body[:4], "little")
        raise MalformedRequest(constructor=constructor) from error


def encode(result: Any) -> bytes:
    """Return a handler's result as TL bytes: an object, a bool, or a list of objects (Vector)."""
    if result is True:
        return TRUE
    if result is False:
        return FALSE
    if isinstance(result, list):
        return VECTOR + struct.pack("<i", len(result)) + b"".join(item._bytes() for item in result)  # noqa: SLF001  the encoder of Telethon's classes
    data: bytes = result._bytes()  # noqa: SLF001  the encoder of Telethon's classes
    return data


def newer(body: bytes) -> Encoded:
    """Return what was encoded under a constructor that this layer doesn't have, as a later one might send it."""
    return Encoded(NEWER + body)


def rpc_result(request_id: int, body: bytes) -> bytes:
    """Return `rpc_result req_msg_id result` around encoded bytes."""
    return RESULT_HEAD.pack(RpcResult.CONSTRUCTOR_ID, request_id) + body


_names: dict[type[Any], str] = {}


def method_name(request_class: type[Any]) -> str:
    """Return Telegram's name of a request class, such as `messages.sendMessage`."""
    name = _names.get(request_class)
    if name is None:
        name = _names[request_class] = _name(request_class)
    return name


def _name(request_class: type[Any]) -> str:
    area = request_class.__module__.removeprefix(functions.__name__).removeprefix(".")
    bare = request_class.__name__.removesuffix("Request")
    bare = bare[:1].lower() + bare[1:]
    return f"{area}.{bare}" if area else bare
