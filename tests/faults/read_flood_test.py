"""Reads that nobody waits for, that nobody takes the answer of, or that one caller asks for by the hundred: they cost
little, and another company does not notice. The bounds are twice what an idle machine reaches."""

import asyncio
import collections
import json
import os
import socket
import tempfile
import time
import unittest

from harness import chat_rpc, http, tokens
from harness.chat_rpc import grpc
from harness.node import Node
from harness.waiting import until

FLOOD = 400
MIB = 1 << 20
TEXT = "\x01" * 4000  # 4,000 bytes in the database, 24,000 in JSON


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def signed(user, company):
    return http.bearer(tokens.token(tokens.claims(sub=user, company=company)))


ANN = signed("ann", "acme")
EVE = signed("eve", "globex")


FIELD = 'comments(conversationKey: "large", limit: 200) { comments { content } }'
WISH = {"query": "{" + " ".join(f"f{number}: {FIELD}" for number in range(16)) + "}"}  # an answer of almost 4 MiB
QUERY = json.dumps(WISH).encode()


def request_text(method, target, payload=b"", who=ANN):
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {who['Authorization']}\r\n"
    if payload:
        head += f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n"
    return head.encode() + b"\r\n" + payload


class Reader:
    """Somebody of another company who reads all the while, and how long each answer took."""

    def __init__(self, node):
        self.node = node
        self.seconds = []
        self.failed = []
        self.done = False

    async def run(self):
        connection = await http.Connection(self.node.port).open()
        while not self.done:
            begun = time.monotonic()
            answer = await connection.request("GET", "/v1/conversations/quiet/comments?limit=20", headers=EVE)
            self.seconds.append(time.monotonic() - begun)
            if answer.status != 200:
                self.failed.append(answer.status)
            await asyncio.sleep(0.002)
        connection.close()

    def p99(self):
        return sorted(self.seconds)[len(self.seconds) * 99 // 100]


class Watch:
    """CPU and memory of a node from here on, and the other company's reads."""

    def __init__(self, node):
        self.node = node

    async def __aenter__(self):
        self.cpu = cpu_seconds(self.node.pid)
        self.rss = self.peak = self.node.resident_kib()
        self.reader = Reader(self.node)
        self.tasks = [asyncio.create_task(self.reader.run()), asyncio.create_task(self.sample())]
        return self

    async def sample(self):
        while not self.reader.done:
            self.peak = max(self.peak, self.node.resident_kib())
            await asyncio.sleep(0.01)

    async def __aexit__(self, *_):
        self.reader.done = True
        await asyncio.gather(*self.tasks)
        self.spent = cpu_seconds(self.node.pid) - self.cpu
        self.grown = (self.peak - self.rss) * 1024

    async def quiet(self):
        """Until the node has done what it was asked for: what it spends in 0.3 s is what the other company costs."""
        async def rests():
            before = cpu_seconds(self.node.pid)
            await asyncio.sleep(0.3)
            return cpu_seconds(self.node.pid) - before < 0.15
        await until(rests, 60, "the end of the flood")
        await until(lambda: len(self.reader.seconds) >= 200, 60, "enough reads to tell their 99th percentile")


class ReadFlood(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="danwa-test-")
        path = cls.directory.name
        handle = os.open(os.path.join(path, "key"), os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(handle, tokens.SECRET)
        os.close(handle)
        cls.node = Node("node-1", {"http.listen": "127.0.0.1:0", "grpc.listen": "127.0.0.1:0",
                                   "database.master": f"sqlite:{path}/danwa.db", "bus": "none", "log.format": "json",
                                   **tokens.settings(os.path.join(path, "key"))}, os.path.join(path, "node.log"))
        asyncio.run(cls.fill())

    @classmethod
    def tearDownClass(cls):
        cls.node.kill()
        cls.directory.cleanup()

    @classmethod
    async def fill(cls):
        """1,000 large comments and notifications of ann's, 20 small ones of eve's."""
        await cls.node.start()

        async def send(count):
            connection = await http.Connection(cls.node.port).open()
            for _ in range(count):
                body = {"content": TEXT, "conversationKey": "large"}
                assert (await connection.request("POST", "/v1/comments", body, ANN)).status == 201
                body = {"text": TEXT, "to": {"user": "ann"}}
                assert (await connection.request("POST", "/v1/notifications", body, ANN)).status == 201
            connection.close()
        await asyncio.gather(*(send(20) for _ in range(50)))
        for number in range(20):
            assert (await http.post(cls.node.port, f"hello {number}", "quiet", headers=EVE)).status == 201

    def check(self, name, watch):
        p99 = watch.reader.p99() * 1000
        figures = f"{name}: {watch.spent:.2f} CPU s, +{watch.grown / MIB:.0f} MiB, p99 {p99:.0f} ms"
        print(figures)
        self.assertEqual(watch.reader.failed, [], figures)
        self.assertLess(watch.spent, 2, figures)
        self.assertLess(watch.grown, 128 * MIB, figures)
        self.assertLess(watch.reader.p99(), 0.1, figures)

    async def flood(self, name, data):
        """FLOOD requests, each on a connection of its own that is closed at once; from a thread, so that what the other
        company waits for is the node."""
        def send_all():
            for _ in range(FLOOD):
                with socket.create_connection(("127.0.0.1", self.node.port)) as connection:
                    connection.sendall(data)
        async with Watch(self.node) as watch:
            await asyncio.to_thread(send_all)
            await watch.quiet()
        self.check(name, watch)

    async def test_reads_whose_client_has_left_cost_next_to_nothing(self):
        await self.flood("history", request_text("GET", "/v1/conversations/large/comments?limit=1000"))
        await self.flood("updates", request_text("GET", "/v1/conversations/large/updates?limit=1000&after=0"))
        await self.flood("notifications", request_text("GET", "/v1/notifications/updates?limit=1000"))
        await self.flood("GraphQL", request_text("POST", "/graphql", QUERY))

    async def test_grpc_reads_that_are_cancelled_cost_next_to_nothing(self):
        port = int(self.node.grpc.rsplit(":", 1)[1])
        metadata = (("authorization", ANN["Authorization"]),)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            read = channel.unary_unary(chat_rpc.READ)
            wish = chat_rpc.encode({1: "large", 3: 1000})
            self.assertGreater(len(await read(wish, metadata=metadata, timeout=10)), 30_000)
            async with Watch(self.node) as watch:
                calls = [read(wish, metadata=metadata) for _ in range(FLOOD)]
                await asyncio.sleep(0.02)  # some reach the node, some are cancelled before
                for call in calls:
                    call.cancel()
                await watch.quiet()
        self.check("gRPC", watch)

    async def test_a_page_is_bounded_and_the_next_one_goes_on(self):
        target = "/v1/conversations/large/comments?limit=1000&after=0"
        seen = []
        while target:
            answer = await http.request(self.node.port, "GET", target, headers=ANN)
            self.assertEqual(answer.status, 200)
            self.assertLess(len(answer.body), 2 * 256 * 1024)
            page = answer.json()
            seen += [comment["seq"] for comment in page["comments"]]
            target = "next" in page and f"/v1/conversations/large/comments?limit=1000&after={page['next']}"
        self.assertEqual(seen, list(range(1, 1001)))

    async def test_a_list_of_which_a_grant_shows_little_costs_little(self):
        """20,000 conversations, all of one company."""
        await self.start_conversations(20_000)
        for pattern, shown in (("nothing-*", 0), ("room-1234*", 11), ("room-*99", 200), ("room-1*", 11_111)):
            grants = [{"conversations": pattern, "verbs": ["read"]}]
            who = http.bearer(tokens.token(tokens.claims(sub="bob", company="wide", grants=grants)))
            seen = await self.check_pages(pattern, who)
            self.assertEqual(len(seen), len(set(seen)), pattern)
            self.assertEqual(len(seen), shown, pattern)

    async def start_conversations(self, count):
        """One comment each, 500 requests at a time on one connection."""
        who = signed("bob", "wide")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
        for first in range(0, count, 500):
            bodies = [json.dumps({"content": "x", "conversationKey": f"room-{first + i}"}).encode() for i in range(500)]
            writer.write(b"".join(request_text("POST", "/v1/comments", body, who) for body in bodies))
            for _ in bodies:
                self.assertEqual((await http.read_answer(reader)).status, 201)
        writer.close()

    async def check_pages(self, pattern, who):
        """All keys that `who` sees, page by page; then ten first pages. Each costs less than 20 ms of CPU in the mean."""
        seen, pages, before = [], 0, cpu_seconds(self.node.pid)
        path = target = "/v1/conversations?limit=1000"
        while path:
            answer = await http.request(self.node.port, "GET", path, headers=who)
            self.assertEqual(answer.status, 200, answer.body)
            page = answer.json()
            seen += [one["conversationKey"] for one in page["conversations"]]
            path = page.get("next") and f"{target}&before={page['next']}"
            pages += 1
        for _ in range(10):
            await http.request(self.node.port, "GET", "/v1/conversations?limit=1", headers=who)
        each = (cpu_seconds(self.node.pid) - before) / (pages + 10)
        print(f"{pattern}: {len(seen)} of 20,000 on {pages} pages, {1000 * each:.1f} ms of CPU each")
        self.assertLess(each, 0.02, pattern)
        return seen

    async def refusals(self):
        """Codes of the errors of one more large query of ann's, whose answer is read."""
        answer = await http.request(self.node.port, "POST", "/graphql", WISH, ANN, timeout=60)
        self.assertEqual(answer.status, 200)
        return {error["extensions"]["code"] for error in answer.json().get("errors", [])}

    async def test_answers_that_nobody_takes_are_bounded_and_refused_beyond(self):
        data = request_text("POST", "/graphql", QUERY)
        held = []

        def hold():
            """One more answer of almost 4 MiB, of which a caller may leave 16 MiB; a busy node may refuse parts of it."""
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", self.node.port))
            connection.sendall(data)
            held.append(connection)

        async def too_many():
            if len(held) < 48:
                hold()
            return await self.refusals() == {"too-many-reads"}

        async def served():
            return not await self.refusals()

        async with Watch(self.node) as watch:
            for _ in range(12):
                hold()
            await until(too_many, 25, "a refusal, before the answers are given up after 30 s")
        self.assertEqual(watch.reader.failed, [])
        self.assertLess(watch.grown, 128 * MIB)
        for connection in held:
            connection.close()
        await until(served, 10, "service once the answers are gone")

    async def test_a_caller_that_asks_for_more_than_may_wait_is_told_when_to_come_again(self):
        data = request_text("GET", "/v1/conversations/large/comments?limit=1000")
        data = data.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

        def ask_all():
            """600 requests at once, on connections that were there before; all their answers."""
            connections = [socket.create_connection(("127.0.0.1", self.node.port), 30) for _ in range(600)]
            for connection in connections:
                connection.sendall(data)
            answers = []
            for connection in connections:
                with connection, connection.makefile("rb") as stream:
                    answers.append(stream.read().partition(b"\r\n\r\n"))
            return answers
        async with Watch(self.node) as watch:
            answers = await asyncio.to_thread(ask_all)
            await watch.quiet()
        statuses = collections.Counter(int(head.split(b" ")[1]) for head, _, _ in answers)
        self.assertLessEqual(set(statuses), {200, 429, 503}, statuses)
        self.assertGreater(statuses[200], 8, statuses)
        self.assertGreater(statuses[429], 0, "600 are more than 8 and 256")
        for head, _, body in answers:
            if b" 200 " not in head.splitlines()[0]:
                self.assertIn(b"Retry-After: 1", head)
                self.assertIn(json.loads(body)["errorCode"], ("too-many-reads", "node-busy"))
        self.assertEqual(watch.reader.failed, [])


if __name__ == "__main__":
    unittest.main()
