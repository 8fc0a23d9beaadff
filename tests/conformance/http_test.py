"""The HTTP battery: every case has its answer, no second answer, and the next request is served."""

import asyncio
import os
import random
import unittest

import http_cases
from harness import http
from harness.cluster import Cluster


def statuses(received):
    """The status lines among the bytes of one connection."""
    found = []
    for part in received.split(b"HTTP/1.1 ")[1:]:
        if part[:3].isdigit():
            found.append(int(part[:3]))
    return [status for status in found if status != 100]


class Battery(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.cluster = await Cluster(size=1).start()
        self.node = self.cluster.nodes[0]

    async def asyncTearDown(self):
        alive = self.node.alive
        await self.cluster.stop()
        self.assertTrue(alive, "the node has died")

    async def served(self):
        self.assertEqual((await http.request(self.node.port, "GET", "/healthz", timeout=1)).status, 200)

    async def run_closing(self, cases):
        for name, data, allowed in cases:
            with self.subTest(name):
                received, closed = await http.raw(self.node.port, data)
                self.assertTrue(closed, "the connection stays open")
                got = statuses(received)
                self.assertEqual(len(got), 1, received[:300])
                self.assertIn(got[0], allowed, received[:300])
                await self.served()

    async def run_in_step(self, cases):
        for name, data, allowed in cases:
            with self.subTest(name):
                last = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                received, closed = await http.raw(self.node.port, data + last)
                self.assertTrue(closed)
                got = statuses(received)
                self.assertIn(got[0] if got else None, allowed, received[:300])
                self.assertEqual(got[1:], [200], "out of step: " + repr(received[:300]))
                self.assertNotIn(b"X-Injected", received)

    async def test_framing_that_leads_to_smuggling(self):
        await self.run_closing(http_cases.framing())

    async def test_malformed_heads(self):
        await self.run_closing(http_cases.heads())

    async def test_odd_but_well_formed_requests(self):
        await self.run_in_step(http_cases.plain())

    async def test_bodies(self):
        await self.run_in_step(http_cases.bodies())

    async def test_tokens(self):
        await self.run_in_step(http_cases.tokens())

    async def test_two_mistakes_are_told_together(self):
        answer = await http.request(self.node.port, "POST", "/v1/comments",
                                    {"content": "", "conversationKey": "k" * 255}, http.bearer("u"))
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.assertEqual({error["resource"] for error in answer.json()["errors"]}, {"content", "conversationKey"})

    async def test_an_unknown_comment_answers_like_a_malformed_id(self):
        bodies = set()
        for name in ("018f0000-0000-7000-8000-000000000000", "no-such-id", "1"):
            answer = await http.request(self.node.port, "GET", "/v1/comments/" + name, headers=http.bearer("u"))
            self.assertEqual(answer.status, 404)
            bodies.add(answer.body)
        self.assertEqual(len(bodies), 1)

    async def test_a_large_body_is_refused_before_it_is_sent(self):
        head = http_cases.post(b"Content-Length: 10000000000\r\n", b"")
        received, _ = await http.raw(self.node.port, head, timeout=4)
        self.assertEqual(statuses(received), [413])
        head = http_cases.post(b"Content-Length: 70000\r\nExpect: 100-continue\r\n", b"")
        received, _ = await http.raw(self.node.port, head, timeout=4)
        self.assertEqual(statuses(received), [413])
        self.assertNotIn(b"100 Continue", received)

    async def test_expectations(self):
        body = http_cases.GOOD_BODY
        data = http_cases.post(b"Expect: 100-continue\r\n" + http_cases.length(body), b"")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
        writer.write(data)
        self.assertIn(b"100 Continue", await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3))
        writer.write(body)
        self.assertEqual((await asyncio.wait_for(http.read_answer(reader), 3)).status, 201)
        writer.close()
        received, _ = await http.raw(self.node.port, http_cases.post(b"Expect: tea\r\n" + http_cases.length(body), body), 2)
        self.assertEqual(statuses(received), [417])
        unknown = http_cases.request(b"POST /v1/comments HTTP/1.1",
                                     http_cases.HOST + http_cases.JSON + b"Expect: 100-continue\r\n" + http_cases.length(body))
        received, _ = await http.raw(self.node.port, unknown, 2)
        self.assertEqual(statuses(received), [401])
        self.assertNotIn(b"100 Continue", received)

    async def test_pipelined_requests_are_answered_in_order(self):
        paths = [(b"/healthz", 200), (b"/nothing", 404), (b"/v1/comments/x", 404), (b"/v1/conversations/r/comments?limit=0", 422)] * 25
        data = b"".join(http_cases.request(b"GET " + path + b" HTTP/1.1", http_cases.HOST + http_cases.AUTH) for path, _ in paths)
        last = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        received, closed = await http.raw(self.node.port, data + last)
        self.assertTrue(closed)
        got = statuses(received)
        self.assertEqual(len(got), 101)
        for status, (path, expected) in zip(got, paths):
            self.assertTrue(status == expected or {status, expected} <= {400, 422}, (path, status))

    async def test_one_byte_at_a_time(self):
        body = http_cases.GOOD_BODY
        data = http_cases.post(http_cases.length(body), body)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
        self.assertEqual((await asyncio.wait_for(http.read_answer(reader), 5)).status, 201)
        writer.close()

    async def test_200_slow_clients_do_not_hold_up_a_good_one(self):
        slow = [await asyncio.open_connection("127.0.0.1", self.node.port) for _ in range(200)]
        for i, (_, writer) in enumerate(slow):
            writer.write((b"", b"GET /healthz HT", http_cases.post(b"Content-Length: 100\r\n", b"{"))[i % 3])
        for _ in range(10):
            await self.served()
        ended = [asyncio.create_task(reader.read()) for i, (reader, _) in enumerate(slow) if i % 3]
        done, pending = await asyncio.wait(ended, timeout=35)
        self.assertEqual(len(pending), 0, "slow heads and bodies are not ended")
        for _, writer in slow:
            writer.close()

    async def test_2000_connects_and_resets(self):
        for _ in range(2000):
            _, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
            writer.transport.abort()
        await self.served()

    async def test_1000_mutated_requests(self):
        seed = int(os.environ.get("DANWA_TEST_SEED", random.getrandbits(32)))
        print(f"seed {seed}")
        rng = random.Random(seed)
        whole = http_cases.post(http_cases.length(http_cases.GOOD_BODY), http_cases.GOOD_BODY)
        before = self.node.resident_kib()

        async def one(data):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
            try:
                writer.write(data)
                writer.write_eof()
                received = await asyncio.wait_for(reader.read(), 5)
                for status in statuses(received):
                    self.assertTrue(status < 500 or status in (501, 503, 505), (status, data))
            except ConnectionError:
                pass
            finally:
                writer.close()

        for _ in range(20):
            batch = []
            for _ in range(50):
                data = bytearray(whole)
                for _ in range(rng.randint(1, 8)):
                    at = rng.randrange(len(data))
                    action = rng.randrange(3)
                    if action == 0:
                        data[at] = rng.randrange(256)
                    elif action == 1:
                        del data[at]
                    else:
                        data.insert(at, rng.choice(b"\r\n\0 :,;/%{}\"\xff"))
                batch.append(one(bytes(data)))
            await asyncio.gather(*batch)
        await self.served()
        self.assertLess(self.node.resident_kib() - before, 64 * 1024)
