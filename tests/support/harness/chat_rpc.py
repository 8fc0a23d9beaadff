"""gRPC clients of danwa without generated code: messages are dictionaries of field numbers, in bytes by hand."""

import asyncio
import os
import sys

os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # the harness forks only to exec
try:
    import grpc
except ImportError:  # another Python comes before Debian's: python3-grpcio is for that one
    sys.path.append("/usr/lib/python3/dist-packages")
    import grpc

CHAT = "/chat.v1.ChatRoom/Chat"
SEND = "/chat.v1.ChatRoom/SendComment"
WATCH = "/chat.v1.ChatRoom/WatchUpdates"
READ = "/chat.v1.ChatRoom/ReadUpdates"

# Of chat.proto.
REQUEST = {"message": 1, "conversation_key": 2, "after": 3, "client_ref": 4, "idempotency_key": 5}
RESPONSE = {"message": 1, "kind": 2, "conversation_key": 3, "author": 4, "seq": 5, "epoch": 6, "sent_at": 7, "cursor": 8,
            "comment_id": 9, "client_ref": 10, "redacted": 11, "errors": 12, "from_seq": 16, "node": 19, "by": 20,
            "redacts": 21}


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def encode(fields):
    """{1: "text", 3: 7} as protobuf bytes."""
    out = b""
    for number, value in fields.items():
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def decode(data):
    """Protobuf bytes as {number: [ints and bytes]}."""
    fields, at = {}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        else:
            assert tag & 7 == 0, f"wire type {tag & 7}"
        fields.setdefault(tag >> 3, []).append(value)
    return fields


class Told:
    """A ChatResponse: its fields by name."""

    def __init__(self, data):
        fields = decode(data)
        for name, number in RESPONSE.items():
            values = fields.get(number, [])
            if name == "errors":
                self.errors = [decode(error)[1][0].decode() for error in values]
            elif name in ("seq", "from_seq", "redacted", "redacts"):
                setattr(self, name, values[-1] if values else 0)
            else:
                setattr(self, name, values[-1].decode() if values else "")

    def __repr__(self):
        return f"Told({self.__dict__})"


def as_is(data):
    return data


def to_metadata(user, conversation=None, **more):
    pairs = [("authorization", f"Bearer {user}")] if user else []
    if conversation:
        pairs.append(("conversation-key", conversation))
    return pairs + [(name.replace("_", "-"), value) for name, value in more.items()]


class Channel:
    """A connection of its own to one node."""

    def __init__(self, address):
        # A window of fixed size: what a client that does not read takes at most.
        self.channel = grpc.aio.insecure_channel(address, options=[
            ("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65536)])

    async def unary(self, path, fields, metadata=(), timeout=10):
        """The answer's fields; raises grpc.aio.AioRpcError."""
        call = self.channel.unary_unary(path, request_serializer=as_is, response_deserializer=as_is)
        data = fields if isinstance(fields, bytes) else encode(fields)
        return decode(await call(data, metadata=metadata, timeout=timeout))

    async def close(self):
        await self.channel.close()


class Chat(Channel):
    """A Chat stream. `minimal`: under another name, where `message` is all there is."""

    def __init__(self, address, user="ann", conversation=None, path=CHAT, watch=None, **metadata):
        super().__init__(address)
        metadata = to_metadata(user, conversation, **metadata)
        if watch is None:
            make = self.channel.stream_stream(path, request_serializer=as_is, response_deserializer=as_is)
            self.call = make(metadata=metadata)
        else:
            make = self.channel.unary_stream(WATCH, request_serializer=as_is, response_deserializer=as_is)
            self.call = make(encode(watch), metadata=metadata)
        self.cursor = ""

    async def close(self):
        self.call.cancel()
        await super().close()

    async def open(self, seconds=10):
        """Until the server says that the stream watches."""
        first = await self.next(seconds)
        assert first.kind == "watching", first
        return self

    async def send(self, message="", **fields):
        await self.call.write(encode({REQUEST[name]: value for name, value in dict(message=message, **fields).items()}))

    async def write(self, data):
        await self.call.write(data)

    async def next(self, seconds=10):
        data = await asyncio.wait_for(self.call.read(), seconds)
        if data is grpc.aio.EOF:
            raise EOFError("the server ended the stream")
        told = Told(data)
        self.cursor = told.cursor or self.cursor
        return told

    async def next_update(self, seconds=10):
        """Passes over what has no seq."""
        while True:
            told = await self.next(seconds)
            if told.kind not in ("watching", "presence-changed"):
                return told

    async def ended(self, seconds=20):
        """The status with which the server ends the stream."""
        try:
            while True:
                await self.next(seconds)
        except grpc.aio.AioRpcError as error:
            return error
        except EOFError:
            return None


async def refusal(awaitable):
    """The status code of a call that must fail, and its text."""
    try:
        await awaitable
    except grpc.aio.AioRpcError as error:
        return error.code().name, error.details()
    raise AssertionError("it was not refused")
