"""The WebSocket battery: handshakes and frames, and the close code that is right for each (RFC 6455)."""

import asyncio
import base64
import os
import struct
import unittest

from harness import http
from harness.cluster import Cluster
from harness.websocket import BINARY, CLOSE, PING, PONG, TEXT, Ended, Watcher, frame


def close(code, reason=b""):
    return frame(CLOSE, struct.pack("!H", code) + reason)


def violations():
    """(name, bytes, allowed close codes; None: the connection may end without one)."""
    yield "unmasked text", frame(TEXT, b"hi", masked=False), (1002,)
    yield "unmasked ping", frame(PING, b"hi", masked=False), (1002,)
    for rsv in range(1, 8):
        yield f"reserved bits {rsv}", frame(TEXT, b"hi", rsv=rsv), (1002,)
        yield f"reserved bits {rsv} in a ping", frame(PING, b"", rsv=rsv), (1002,)
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"opcode {opcode}", frame(opcode, b""), (1002,)
        yield f"opcode {opcode} with data", frame(opcode, b"x" * 64), (1002,)
    for opcode in (CLOSE, PING, PONG):
        yield f"control {opcode} of 126 bytes", frame(opcode, b"\x03\xe8" + b"x" * 124), (1002,)
        yield f"control {opcode} in fragments", frame(opcode, b"", fin=False), (1002,)
    yield "continuation of nothing", frame(0, b"x"), (1002,)
    yield "open continuation of nothing", frame(0, b"x", fin=False), (1002,)
    yield "text inside a message", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), (1002,)
    yield "binary inside a message", frame(TEXT, b"a", fin=False) + frame(BINARY, b"b"), (1002, 1003)
    yield "length 2^63", bytes([0x81, 0xFF]) + struct.pack("!Q", 1 << 63) + b"abcd", (1002, 1009)
    yield "length 2^40", bytes([0x81, 0xFF]) + struct.pack("!Q", 1 << 40) + b"abcd", (1009,)
    yield "16-bit length of 5", bytes([0x81, 0xFE]) + struct.pack("!H", 5) + b"\0\0\0\0hello", (1002,)
    yield "64-bit length of 5", bytes([0x81, 0xFF]) + struct.pack("!Q", 5) + b"\0\0\0\0hello", (1002,)
    yield "message of 10 MB", frame(TEXT, b"x" * 10_000_000), (1009,)
    yield "fragments of 10 MB", frame(TEXT, b"x" * 60000, fin=False) + frame(0, b"x" * 60000, fin=False) * 100, (1009,)
    yield "binary", frame(BINARY, b"\x00\x01"), (1003,)
    for text in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"ok\xf0\x9f", b"\xfe", b"\x80"):
        yield f"text {text!r}", frame(TEXT, text), (1007,)
        yield f"text {text!r} in two", frame(TEXT, text[:1], fin=False) + frame(0, text[1:]), (1007,)
    yield "broken across fragments", frame(TEXT, b"\xe2", fin=False) + frame(0, b"\x28\xa1"), (1007,)
    yield "close of 1 byte", frame(CLOSE, b"\x03"), (1002,)
    for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        yield f"close code {code}", close(code), (1002,)
    yield "close reason not UTF-8", close(1000, b"\xff"), (1007, 1002)


def allowed_closes():
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999):
        yield code, b""
    yield 1000, b"x" * 123
    yield 1000, "談話".encode()


class Frames(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.cluster = await Cluster(size=1).start()
        self.node = self.cluster.nodes[0]

    async def asyncTearDown(self):
        alive = self.node.alive
        await self.cluster.stop()
        self.assertTrue(alive, "the node has died")

    async def still_fine(self):
        watcher = await Watcher(self.node.port, "fine").open()
        answer = await http.post(self.node.port, "x", "fine")
        self.assertEqual((await watcher.next(3))["payload"]["seq"], answer.json()["seq"])
        watcher.vanish()

    async def end_of(self, watcher):
        try:
            while True:
                await watcher.next(6)
        except Ended as ended:
            return ended.code

    async def test_violations_have_their_close_code(self):
        for name, data, allowed in violations():
            with self.subTest(name):
                watcher = await Watcher(self.node.port, "room").open()
                try:
                    watcher.send(data)
                    await watcher.writer.drain()
                except ConnectionError:
                    pass
                self.assertIn(await self.end_of(watcher), allowed)
        await self.still_fine()

    async def test_violations_in_single_bytes(self):
        for name, data, allowed in violations():
            if len(data) > 300:
                continue
            with self.subTest(name):
                watcher = await Watcher(self.node.port, "room").open()
                try:
                    for byte in data:
                        watcher.send(bytes([byte]))
                        await asyncio.sleep(0)
                except ConnectionError:
                    pass
                self.assertIn(await self.end_of(watcher), allowed)

    async def test_good_closes_are_answered_in_kind(self):
        for code, reason in allowed_closes():
            with self.subTest(code):
                watcher = await Watcher(self.node.port, "room").open()
                watcher.send(close(code, reason))
                self.assertIn(await self.end_of(watcher), (code, 1000))
        watcher = await Watcher(self.node.port, "room").open()
        watcher.send(frame(CLOSE, b""))
        self.assertIn(await self.end_of(watcher), (1000, 1005))

    async def test_pings_are_answered_with_their_payload(self):
        watcher = await Watcher(self.node.port, "room").open()
        for payload in (b"", b"a", b"x" * 125, bytes(range(100))):
            watcher.send(frame(PING, payload))
            self.assertEqual(await asyncio.wait_for(watcher.read_frame(), 3), (PONG, payload))
        for i in range(10):
            watcher.send(frame(PING, b"%d" % i))
        answered = [await asyncio.wait_for(watcher.read_frame(), 3) for _ in range(10)]
        self.assertEqual(answered[-1], (PONG, b"9"))
        watcher.send(frame(TEXT, "ab".encode(), fin=False) + frame(PING, b"between") + frame(0, b"c"))
        self.assertEqual(await asyncio.wait_for(watcher.read_frame(), 3), (PONG, b"between"))
        watcher.send(frame(PONG, b"unasked"))
        await http.post(self.node.port, "live", "room")
        self.assertEqual((await watcher.next(3))["payload"]["commentContent"], "live")


class Handshakes(unittest.IsolatedAsyncioTestCase):
    GOOD = {"Host": "127.0.0.1", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(), "Authorization": "Bearer u"}

    async def status(self, node, headers=None, extra="", method="GET", path="/v1/conversations/room/updates"):
        merged = {**self.GOOD, **(headers or {})}
        lines = [f"{method} {path} HTTP/1.1"] + [f"{name}: {value}" for name, value in merged.items() if value is not None]
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        try:
            writer.write(("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode("latin-1"))
            return await asyncio.wait_for(http.read_answer(reader), 5)
        finally:
            writer.close()

    async def test_handshakes(self):
        cluster = await Cluster(size=1).start()
        self.addAsyncCleanup(cluster.stop)
        node = cluster.nodes[0]
        good = await self.status(node)
        self.assertEqual(good.status, 101)
        self.assertEqual(good.headers["sec-websocket-accept"], "BACScCJPNqyz+UBoqMH89VmURoA=")
        self.assertNotIn("sec-websocket-extensions", good.headers)
        offered = await self.status(node, {"Sec-WebSocket-Extensions": "permessage-deflate;;"})
        self.assertIn(offered.status, (101, 400))
        for name in ("keep-alive, Upgrade", "upgrade", "UPGRADE"):
            self.assertEqual((await self.status(node, {"Connection": name})).status, 101, name)
        self.assertEqual((await self.status(node, {"Upgrade": "WebSocket"})).status, 101)
        short = base64.b64encode(b"0123456789abcde").decode()
        long = base64.b64encode(b"0123456789abcdefg").decode()
        for key in ("", "x", short, long, "!" * 22 + "==", "MDEyMzQ1Njc4OWFiY2RlZg", None):
            self.assertEqual((await self.status(node, {"Sec-WebSocket-Key": key})).status, 400, key)
        twice = "Sec-WebSocket-Key: " + self.GOOD["Sec-WebSocket-Key"] + "\r\n"
        self.assertEqual((await self.status(node, extra=twice)).status, 400)
        for version in ("12", "14", "8", "13, 8", "", "x", None):
            answer = await self.status(node, {"Sec-WebSocket-Version": version})
            self.assertIn(answer.status, (400, 426), version)
            if answer.status == 426:
                self.assertEqual(answer.headers["sec-websocket-version"], "13")
        self.assertIn((await self.status(node, method="POST")).status, (400, 405))
        self.assertEqual((await self.status(node, extra="Host: 127.0.0.1\r\n")).status, 400)
        self.assertEqual((await self.status(node, path="/v1/comments/x")).status, 404)
        self.assertEqual((await self.status(node, {"Origin": "https://evil.example"})).status, 403)
        self.assertIn((await self.status(node, {"Host": "evil.example"})).status, (403, 421))
        pair = await self.status(node, {"Authorization": None, "Sec-WebSocket-Protocol": "danwa.v1, bearer.ann"})
        self.assertEqual((pair.status, pair.headers.get("sec-websocket-protocol")), (101, "danwa.v1"))
        self.assertEqual((await self.status(node, {"Authorization": None}, path="/v1/conversations/room/updates?access_token=ann")).status, 101)
        self.assertEqual((await http.request(node.port, "GET", "/healthz")).status, 200)
