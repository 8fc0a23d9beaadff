"""What a token opens ends with the token, with its key, and not before: every endpoint holds the same lease."""

import asyncio
import contextlib
import json
import os
import tempfile
import time
import unittest

from harness import http, tokens
from harness.chat_rpc import READ, Channel, Chat, refusal, to_metadata
from harness.cluster import running
from harness.tokens import SECRET, claims, token
from harness.websocket import TEXT, Ended, Watcher, frame

OTHER_SECRET = b"another secret, of more than 32 bytes, too"
GRPC = {"grpc.listen": "127.0.0.1:0"}
LATE = 1.0  # seconds that anything may go on


class KeyFile:
    """Replaced as a careful operator does, by renaming."""

    def __init__(self, secret=SECRET):
        handle, self.path = tempfile.mkstemp()
        os.close(handle)
        self.write(secret)

    def write(self, secret):
        with open(self.path + ".new", "wb") as file:
            file.write(secret)
        os.rename(self.path + ".new", self.path)

    def remove(self):
        os.unlink(self.path)


# --- the endpoints: each opens, and gives a coroutine that ends with what the client is told

async def websocket(node, bearer, path=http.updates_path("room")):
    watcher = Watcher(node.port, "", user=bearer)
    watcher.path = path
    await watcher.open()
    return read_until_closed(watcher)


async def read_until_closed(watcher):
    seen = b""
    try:
        while True:
            seen += json.dumps(await watcher.next(30)).encode()
    except Ended as end:
        return f"{end.code} {end.reason}", seen


async def notifications(node, bearer):
    return await websocket(node, bearer, "/v1/notifications/updates")


async def events(node, bearer):
    reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
    writer.write((f"GET {http.updates_path('room')} HTTP/1.0\r\nHost: 127.0.0.1:{node.port}\r\n"
                  f"Authorization: Bearer {bearer}\r\nAccept: text/event-stream\r\n\r\n").encode())
    while not (await asyncio.wait_for(reader.readline(), 10)).startswith(b"data: "):
        pass

    async def end():
        seen = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        return next(line[2:].decode() for line in seen.splitlines() if b"closed " in line), seen

    return end()


async def graphql(node, bearer, protocol="graphql-transport-ws", start="subscribe"):
    watcher = Watcher(node.port, "", user=None, headers={"Sec-WebSocket-Protocol": protocol})
    watcher.path = "/graphql"
    await watcher.open(expect_watching=False)

    def say(**message):
        watcher.send(frame(TEXT, json.dumps(message).encode()))

    say(type="connection_init", payload={"authorization": f"Bearer {bearer}"})
    assert (await watcher.next())["type"] == "connection_ack"
    say(type=start, id="1", payload={"query": 'subscription { onConversationUpdated(conversationKey: "room") { type content } }'})
    return read_until_closed(watcher)


async def legacy_graphql(node, bearer):
    return await graphql(node, bearer, "graphql-ws", "start")


async def grpc_chat(node, bearer, **options):
    chat = await Chat(node.grpc, bearer, "room", **options).open()

    async def end():
        error = await chat.ended()
        await chat.close()
        return f"{error.code().name} {error.details()}", b""

    return end()


async def grpc_watch(node, bearer):
    return await grpc_chat(node, bearer, watch={1: "room"})


async def long_poll(node, bearer, path=http.updates_path("room", after=0, wait=20)):
    async def end():
        answer = await http.request(node.port, "GET", path, headers={**http.bearer(bearer), "Accept": "application/json"}, timeout=30)
        return f"{answer.status} {answer.json().get('errorCode')}", answer.body

    task = asyncio.create_task(end())
    await asyncio.sleep(0)
    return task


async def inbox_poll(node, bearer):
    return await long_poll(node, bearer, "/v1/notifications/updates?wait=20")


ENDPOINTS = {websocket: "4401 token-{}", notifications: "4401 token-{}", events: "closed 4401 token-{}",
         graphql: "4403 token-{}", legacy_graphql: "4403 token-{}", grpc_chat: "UNAUTHENTICATED token-{}",
         grpc_watch: "UNAUTHENTICATED token-{}", long_poll: "401 token-{}", inbox_poll: "401 token-{}"}


def cpu_seconds(node):
    with open(f"/proc/{node.pid}/stat", encoding="ascii") as stat:
        user, system = stat.read().rsplit(") ", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def at(coroutine):
    """Its result, and when it came."""
    return await coroutine, time.time()


class Leases(unittest.IsolatedAsyncioTestCase):
    async def start(self, key=None, **settings):
        self.key = key or KeyFile()
        self.addCleanup(self.key.remove)
        stack = contextlib.AsyncExitStack()
        self.addAsyncCleanup(stack.aclose)
        cluster = await stack.enter_async_context(
            running(size=1, settings={**tokens.settings(self.key.path), **GRPC, **settings}))
        self.node = cluster.nodes[0]
        self.node_log = os.path.join(cluster.directory, "node-1.log")

    async def open_all(self, bearer):
        opened = [await endpoint(self.node, bearer) for endpoint in ENDPOINTS]
        return [asyncio.create_task(at(end)) for end in opened]

    async def ends(self, held, reason, since):
        """All have ended as each endpoint says it, within a second of `since`."""
        told = []
        for (endpoint, expected), ((end, seen), when) in zip(ENDPOINTS.items(), await asyncio.gather(*held)):
            self.assertTrue(end.startswith(expected.format(reason)), f"{endpoint.__name__}: {end}")
            self.assertLess(when, since + LATE, endpoint.__name__)
            told.append(seen)
        return told

    async def test_every_endpoint_ends_with_its_token(self):
        await self.start()
        end = int(time.time()) + 4
        short = token(claims(exp=end))
        held = await self.open_all(short)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
        body = b'{"content":"begun in time","conversationKey":"elsewhere"}'
        writer.write((f"POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1:{self.node.port}\r\nAuthorization: Bearer {short}\r\n"
                      f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body[:9])
        await asyncio.sleep(end + 0.05 - time.time())
        bob = token(claims(sub="bob"))
        self.assertEqual((await http.post(self.node.port, "behind the end", "room", user=bob)).status, 201)
        for seen in await self.ends(held, "expired", end):
            self.assertNotIn(b"behind the end", seen)
        writer.write(body[9:])
        self.assertEqual((await asyncio.wait_for(http.read_answer(reader), 10)).status, 401)
        writer.close()
        self.assertEqual(await http.read_log(self.node.port, "elsewhere", bob), [])
        self.assertIn("UNAUTHENTICATED", await refusal(Channel(self.node.grpc).unary(READ, {1: "room"}, to_metadata(short))))

    async def test_every_endpoint_ends_with_the_key_and_no_request_is_needed_for_it(self):
        await self.start()
        held = await self.open_all(token(claims()))
        await asyncio.sleep(0.3)
        self.assertEqual([end for end in held if end.done()], [])
        self.key.write(b"short")  # a broken file changes nothing
        await asyncio.sleep(0.7)
        self.assertEqual([end for end in held if end.done()], [])
        replaced = time.time()
        self.key.write(OTHER_SECRET)
        await self.ends(held, "revoked", replaced)
        new = token(claims(), secret=OTHER_SECRET)
        self.assertEqual((await http.post(self.node.port, "hi", "room", user=new)).status, 201)
        self.assertEqual((await http.post(self.node.port, "hi", "room", user=token(claims()))).status, 401)

    async def test_ends_that_are_far_away_cost_nothing(self):
        await self.start()
        far = [int(time.time()) + 40 * 86_400, 4_102_444_800, 9_223_372_037, 32_503_680_000, 253_402_300_799]
        held = [end for exp in far for end in await self.open_all(token(claims(exp=exp)))]
        await asyncio.sleep(0.5)
        before, began = cpu_seconds(self.node), time.monotonic()
        await asyncio.sleep(2)
        used = (cpu_seconds(self.node) - before) / (time.monotonic() - began)
        self.assertEqual([end for end in held if end.done()], [])
        self.assertLess(used, 0.1, "of a core")
        for end in held:
            end.cancel()
        await asyncio.gather(*held, return_exceptions=True)

    async def test_a_token_lives_no_longer_than_the_setting_allows(self):
        await self.start(**{"auth.jwt.max_lifetime": "30"})
        now = int(time.time())
        young, old, ageless, short = (token(claims(exp=now + 600, iat=now)), token(claims(exp=now + 600, iat=now - 31)),
                                      token(claims(exp=now + 600)), token(claims(exp=now + 20)))
        for bearer, status in ((young, 201), (old, 401), (ageless, 401), (short, 201)):
            self.assertEqual((await http.post(self.node.port, "hi", "elsewhere", user=bearer)).status, status)
        issued = int(time.time()) - 27
        held = await self.open_all(token(claims(exp=now + 600, iat=issued)))
        await self.ends(held, "expired", issued + 30)

    async def test_refusals_are_in_the_log_with_their_reason(self):
        await self.start()
        for _ in range(20):
            await http.post(self.node.port, "hi", "room", user=token(claims(exp=1)))
        await http.post(self.node.port, "hi", "room", user=token(claims(aud="other")))
        with open(self.node_log, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file if "auth.token_refused" in line]
        self.assertIn("aud-mismatch", [line["why"] for line in lines])
        self.assertIn([line["why"] for line in lines].count("expired"), (1, 2, 3))


class BehindAProxy(unittest.IsolatedAsyncioTestCase):
    """Development mode believes every name, so it believes nobody who is not on this host."""

    FAR = [{"X-Forwarded-For": "203.0.113.7"}, {"X-Real-IP": "10.1.2.3"}, {"Forwarded": "for=203.0.113.7"},
           {"Via": "1.1 proxy"}, {"X-Forwarded-For": "127.0.0.1, 203.0.113.7"}]
    NEAR = [{"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": 'for="[::1]:80"'}, {"Via": "1.1 dev", "X-Forwarded-For": "::1"}]

    async def ask(self, node, headers):
        """The statuses of every endpoint."""
        statuses = [(await http.post(node.port, "hi", "room", user="ann", headers=headers)).status]
        for path, more in (("/v1/conversations", {}), (http.updates_path("room"), {"Accept": "text/event-stream"}),
                           ("/graphql?query={me{userId}}", {}), ("/v1/cluster", {}), ("/graphql", UPGRADE),
                           (http.updates_path("room"), UPGRADE)):
            statuses.append(await status_of(node.port, path, {**headers, **more}))
        metadata = to_metadata("ann") + [(name.lower(), value) for name, value in headers.items()]
        with contextlib.suppress(AssertionError):
            statuses.append(await refusal(Channel(node.grpc).unary(READ, {1: "room"}, metadata)))
        return statuses

    async def test_only_callers_on_this_host_are_let_in(self):
        async with running(size=1, settings=GRPC) as cluster:
            node = cluster.nodes[0]
            for headers in self.FAR:
                told = await self.ask(node, headers)
                self.assertEqual(told[:-1], [403] * 7, headers)
                self.assertEqual(told[-1][0], "PERMISSION_DENIED", headers)
                answer = await http.post(node.port, "hi", "room", user="ann", headers=headers)
                self.assertEqual(answer.json()["errorCode"], "development-behind-proxy")
            for headers in self.NEAR:
                self.assertEqual(await self.ask(node, headers), [201, 200, 200, 200, 200, 101, 101], headers)
            with open(os.path.join(cluster.directory, "node-1.log"), encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
            self.assertEqual([line["level"] for line in lines if line["event"] == "auth.development"], ["warn"])

    async def test_with_signed_tokens_a_proxy_is_welcome(self):
        key = KeyFile()
        self.addCleanup(key.remove)
        async with running(size=1, settings=tokens.settings(key.path)) as cluster:
            for headers in self.FAR:
                answer = await http.post(cluster.nodes[0].port, "hi", "room", user=token(claims()), headers=headers)
                self.assertEqual(answer.status, 201, headers)


UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "graphql-transport-ws"}


async def status_of(port, path, headers):
    """Of an answer that may go on for ever."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Authorization: Bearer ann"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.close()
    return int(head.split(b" ")[1])
