"""A WebSocket client (RFC 6455) for tests: plain, and able to misbehave."""

import asyncio
import base64
import json
import os
import socket
import struct

from .http import bearer, read_answer, updates_path

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode, payload, fin=True, masked=True, rsv=0):
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    size = len(payload)
    bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


class Ended(Exception):
    """The stream ended; `code` is the close code, or None without a close frame."""

    def __init__(self, code, reason=""):
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Watcher:
    """Watches one conversation. `frames()` answers pings by itself."""

    def __init__(self, port, conversation, user="user-1", receive_buffer=None, headers=None, host="127.0.0.1", **query):
        self.port = port
        self.host = host
        self.path = updates_path(conversation, **query)
        self.headers = {**(bearer(user) if user else {}), **(headers or {})}
        self.receive_buffer = receive_buffer
        self.reader = self.writer = None
        self.watching = None

    async def open(self, expect_watching=True):
        sock = socket.socket()
        if self.receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (self.host, self.port))
        limit = 2 ** 16 if not self.receive_buffer else 2048
        self.reader, self.writer = await asyncio.open_connection(sock=sock, limit=limit)
        answer = await asyncio.wait_for(self._upgrade(), 10)
        if answer.status != 101:
            self.writer.close()
            raise Refused(answer)
        if expect_watching:
            self.watching = await self.next(10)
            assert self.watching["type"] in ("watching", "reset"), self.watching
        return self

    async def _upgrade(self):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {self.host}:{self.port}", "Connection: Upgrade",
                 "Upgrade: websocket", "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        return await read_answer(self.reader)

    async def read_frame(self):
        try:
            first, second = await self.reader.readexactly(2)
            size = second & 0x7F
            if size == 126:
                size, = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                size, = struct.unpack("!Q", await self.reader.readexactly(8))
            payload = await self.reader.readexactly(size) if size else b""
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Ended(None) from None
        assert not second & 0x80 and not first & 0x70 and first & 0x80, "server frames are final and unmasked"
        return first & 0x0F, payload

    async def next(self, timeout=10):
        """The next JSON frame; raises Ended at the end of the stream."""
        return await asyncio.wait_for(self._next(), timeout)

    async def _next(self):
        while True:
            opcode, payload = await self.read_frame()
            if opcode == TEXT:
                return json.loads(payload)
            if opcode == PING:
                self.writer.write(frame(PONG, payload))
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                raise Ended(code, payload[2:].decode())

    async def collect(self, last_seq, timeout=30):
        """Frames until the update numbered `last_seq`; presence, which has no number, is passed over."""
        frames = []

        async def run():
            while not frames or frames[-1]["payload"].get("seq", frames[-1]["payload"].get("toSeq", 0)) < last_seq:
                frame = await self._next()
                if frame["type"] != "presence-changed":
                    frames.append(frame)

        await asyncio.wait_for(run(), timeout)
        return frames

    def send(self, data):
        self.writer.write(data)

    async def close(self):
        """A polite close."""
        self.writer.write(frame(CLOSE, struct.pack("!H", 1000)))
        try:
            while True:
                await asyncio.wait_for(self.read_frame(), 5)
        except (Ended, asyncio.TimeoutError):
            pass
        self.writer.close()

    def vanish(self):
        """Gone without a close frame; a reset on the wire."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Refused(Exception):
    """The upgrade was answered with another status."""

    def __init__(self, answer):
        super().__init__(answer.status, answer.body)
        self.answer = answer
