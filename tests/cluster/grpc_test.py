"""The gRPC endpoint: the same conversations as through every other endpoint, on every node."""

import asyncio
import contextlib
import os
import time
import unittest

from harness import http
from harness.chat_rpc import CHAT, READ, SEND, Channel, Chat, decode, encode, refusal, to_metadata
from harness.cluster import running
from harness.waiting import until
from harness.websocket import Watcher

GRPC = {"grpc.listen": "127.0.0.1:0", "http.drain_window_ms": "1000"}


@contextlib.asynccontextmanager
async def with_grpc(size=2, **settings):
    async with running(size=size, settings={**GRPC, **settings}) as cluster:
        yield cluster


async def streams(node):
    return (await node.metrics())["danwa_grpc_streams"]


class Chatting(unittest.IsolatedAsyncioTestCase):
    async def test_two_nodes_rest_and_websocket_tell_the_same(self):
        async with with_grpc() as cluster:
            one, two = cluster.nodes
            ann = await Chat(one.grpc, "ann", "room").open()
            bob = await Chat(two.grpc, "bob", "room").open()
            watcher = await Watcher(two.port, "room", user="cid").open()
            for i in range(20):
                await (ann if i % 2 else bob).send(f"text {i}", client_ref=f"ref {i}")
            await until_head(one, "room", 20)
            self.assertEqual((await http.post(one.port, "over REST", "room", user="dan")).status, 201)
            told = [[await chat.next_update() for _ in range(21)] for chat in (ann, bob)]
            self.assertEqual([t.seq for t in told[0]], list(range(1, 22)))
            for name in ("seq", "message", "author", "comment_id", "sent_at", "client_ref", "cursor"):
                self.assertEqual([getattr(t, name) for t in told[0]], [getattr(t, name) for t in told[1]], name)
            self.assertEqual({t.author for t in told[0]}, {"ann", "bob", "dan"})
            self.assertEqual(told[0][-1].message, "over REST")
            frames = []
            while len(frames) < 21:
                frame = await watcher.next(5)
                if frame["type"] == "comment-added":
                    frames.append(frame)
            self.assertEqual([f["payload"]["commentContent"] for f in frames], [t.message for t in told[0]])

    async def test_a_client_that_knows_the_message_alone_chats_with_everybody(self):
        async with with_grpc(size=2) as cluster:
            one, two = cluster.nodes
            hello = Chat(one.grpc, "ann", path="/hello.ChatRoom/Chat")
            bare = Chat(two.grpc, "bob", path="/ChatRoom/Chat")
            full = await Chat(two.grpc, "cid").open()
            for minimal in (hello, bare):
                await minimal.call.initial_metadata()
            await hello.write(encode({1: "hi all"}))
            for chat in (hello, bare, full):
                told = await chat.next_update()
                self.assertEqual((told.message, told.conversation_key), ("hi all", "lobby"))
            await bare.write(encode({1: "hi ann"}))
            self.assertEqual((await hello.next()).message, "hi ann")
            self.assertEqual((await full.next_update()).message, "hi ann")
            await full.send("", conversation_key="elsewhere")
            told = await full.next()
            while told.kind != "watching":
                told = await full.next()
            self.assertEqual(told.conversation_key, "elsewhere")

    async def test_without_a_token_one_watches_and_a_guest_chats(self):
        async with running(size=2, settings=GRPC, per_node={1: {"grpc.guest": "guest"}}) as cluster:
            nobody = await Chat(cluster.nodes[0].grpc, None).open()
            await nobody.send("may I")
            self.assertEqual((await nobody.next_update()).errors, ["token-required"])
            guest = await Chat(cluster.nodes[1].grpc, None).open()
            await guest.send("hello")
            self.assertEqual((await guest.next_update()).author, "guest")
            self.assertEqual((await nobody.next_update()).message, "hello")

    async def test_a_comment_is_saved_once_per_key_on_any_node_and_pages_tell_it(self):
        async with with_grpc() as cluster:
            answers = []
            for node in cluster.nodes:
                channel = Channel(node.grpc)
                answers.append(await channel.unary(SEND, {1: "once", 2: "room", 4: "key-1"}, to_metadata("ann")))
            self.assertEqual(answers[0][1], answers[1][1])
            self.assertEqual([a.get(10) for a in answers], [None, [1]])
            page = await channel.unary(READ, {1: "room"}, to_metadata("bob"))
            self.assertEqual(page[2], [1])
            self.assertEqual(decode(page[1][0])[1], [b"once"])


async def until_head(node, conversation, head):
    async def reached():
        answer = await http.request(node.port, "GET", f"/v1/conversations/{conversation}/updates?limit=1",
                                    headers=http.bearer("ann"))
        return answer.json()["headSeq"] >= head

    await until(reached, 10, f"{conversation} has {head} updates")


class SlowReaders(unittest.IsolatedAsyncioTestCase):
    async def stop_and_go(self, delivery):
        async with with_grpc(size=1) as cluster:
            node = cluster.nodes[0]
            slow = await Chat(node.grpc, "slow", watch={1: "room", 3: delivery}).open()
            connection = await http.Connection(node.port).open()
            for i in range(1500):
                body = {"content": f"{i} " + "x" * 3000, "conversationKey": "room"}
                answer = await connection.request("POST", "/v1/comments", body, http.bearer("ann"))
                self.assertEqual(answer.status, 201)
            figures = await node.metrics()
            self.assertLess(figures["danwa_grpc_messages_out_total"], 500)  # the rest is nowhere but in the log
            self.assertGreater(figures["danwa_ring_drops_total"], 500)
            seen, missed = [], 0
            while len(seen) + missed < 1500:
                told = await slow.next_update(20)
                if told.kind == "updates-missed":
                    self.assertEqual(told.from_seq, len(seen) + missed + 1)
                    missed += told.seq - told.from_seq + 1
                else:
                    seen.append(told.seq)
                    self.assertEqual(told.seq, len(seen) + missed)
            return missed

    async def test_a_stream_that_stops_reading_gets_everything_later(self):
        self.assertEqual(await self.stop_and_go("complete"), 0)

    async def test_or_is_told_what_it_missed(self):
        self.assertGreater(await self.stop_and_go("latest"), 100)


class Draining(unittest.IsolatedAsyncioTestCase):
    async def test_a_drain_says_when_to_come_back_and_nothing_is_missed_elsewhere(self):
        async with with_grpc() as cluster:
            one, two = cluster.nodes
            chats = [await Chat(one.grpc, f"user-{i}", "room").open() for i in range(5)]
            health = Channel(one.grpc)
            for i in range(10):
                await http.post(two.port, f"text {i}", "room")
            for chat in chats:
                self.assertEqual([(await chat.next_update()).seq for _ in range(10)], list(range(1, 11)))
            ending = asyncio.create_task(one.terminate())
            ends = [await chat.ended() for chat in chats]
            self.assertEqual({end.code().name for end in ends}, {"UNAVAILABLE"})
            for end in ends:
                self.assertIn(("grpc-retry-pushback-ms", "1000"), list(end.trailing_metadata()))
            self.assertEqual(await ending, 0)
            await health.close()
            for i in range(10, 20):
                await http.post(two.port, f"text {i}", "room")
            for old in chats:
                again = await Chat(two.grpc, "ann", "room", after=old.cursor).open()
                self.assertEqual([(await again.next_update()).seq for _ in range(10)], list(range(11, 21)))

    async def test_health_says_so_and_reflection_names_the_service(self):
        async with with_grpc(size=1) as cluster:
            node = cluster.nodes[0]
            channel = Channel(node.grpc)
            check = "/grpc.health.v1.Health/Check"
            for service in ("", "chat.v1.ChatRoom"):
                self.assertEqual(await channel.unary(check, {1: service}), {1: [1]})
            self.assertEqual((await refusal(channel.unary(check, {1: "no.such"})))[0], "NOT_FOUND")
            reflect = Chat(node.grpc, path="/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
            await reflect.write(encode({7: ""}))
            listed = decode(decode(await reflect.call.read())[6][0])[1]
            self.assertIn(b"chat.v1.ChatRoom", [decode(service)[1][0] for service in listed])
            await reflect.write(encode({4: "chat.v1.ChatRoom"}))
            self.assertIn(b"WatchUpdates", decode(decode(await reflect.call.read())[4][0])[1][0])
            held = [await Chat(node.grpc, "ann").open() for _ in range(5)]  # they end one after another
            ending = asyncio.create_task(node.terminate())

            async def not_serving():
                return await channel.unary(check, {1: "chat.v1.ChatRoom"}) == {1: [2]}

            await until(not_serving, 2, "NOT_SERVING while it drains")
            for chat in held:
                await chat.ended()
            self.assertEqual(await ending, 0)


PAUSE = 3 if os.environ.get("DANWA_TEST_LONG", "0") == "1" else 0.3  # between what one says, 20 times, in a storm


class Storm(unittest.IsolatedAsyncioTestCase):
    async def test_streams_that_come_and_go_take_nothing_from_twenty_that_chat(self):
        async with with_grpc() as cluster:
            chats = [await Chat(cluster.nodes[i % 2].grpc, f"user-{i}", "room").open() for i in range(20)]
            opened = 0
            over = False

            async def storm(number):
                nonlocal opened
                channel = Channel(cluster.nodes[number % 2].grpc)
                make = channel.channel.stream_stream(CHAT, request_serializer=bytes, response_deserializer=bytes)
                while not over:
                    call = make(metadata=to_metadata("storm", "room"))
                    if (opened + number) % 3 == 0:
                        await call.read()
                    if (opened + number) % 4 == 0:
                        await call.done_writing()
                    call.cancel()
                    opened += 1
                    await asyncio.sleep(0.005)

            async def chat(one, count):
                for i in range(count):
                    await one.send(f"text {i}")
                    await asyncio.sleep(PAUSE)

            async def collect(one, count):
                return [(await one.next_update(30)).seq for _ in range(count)]

            storms = [asyncio.create_task(storm(i)) for i in range(8)]
            readers = [asyncio.create_task(collect(one, 20 * 20)) for one in chats]
            await asyncio.gather(*(chat(one, 20) for one in chats))
            for reader in readers:
                self.assertEqual(await reader, list(range(1, 401)))
            over = True
            await asyncio.gather(*storms)
            self.assertGreater(opened, 200)
            print(f"streams opened and dropped: {opened}")
            for one in chats:
                await one.close()
            for node in cluster.nodes:
                async def all_gone(node=node):
                    return await streams(node) == 0

                await until(all_gone, 10, "no stream is left")


class BadInput(unittest.IsolatedAsyncioTestCase):
    async def test_every_bad_call_gets_its_status(self):
        async with with_grpc(size=1) as cluster:
            node = cluster.nodes[0]
            channel = Channel(node.grpc)
            ann = to_metadata("ann")

            async def code(path, fields, metadata=ann):
                return (await refusal(channel.unary(path, fields, metadata)))[0]

            self.assertEqual(await code("/chat.v1.ChatRoom/NoSuch", {}), "UNIMPLEMENTED")
            self.assertEqual(await code(SEND, {1: "x"}, []), "UNAUTHENTICATED")
            self.assertEqual(await code(SEND, {1: "x"}, [("authorization", "Basic YTpi")]), "UNAUTHENTICATED")
            self.assertEqual(await code(SEND, b"\x0a\x7fshort"), "INVALID_ARGUMENT")
            self.assertEqual(await code(SEND, b"\x0a\x02\xff\xfe"), "INVALID_ARGUMENT")
            self.assertEqual(await code(SEND, {1: "x" * 70_000}), "RESOURCE_EXHAUSTED")
            self.assertEqual(await code(READ, {2: "not a cursor"}), "INVALID_ARGUMENT")
            self.assertEqual(await code(READ, {3: 1001}), "INVALID_ARGUMENT")
            name, text = await refusal(channel.unary(SEND, {1: "", 2: "k" * 300, 3: "r" * 65}, ann))
            self.assertEqual(name, "INVALID_ARGUMENT")
            for failure in ("content-empty", "conversationKey-too-long", "clientRef-too-long"):
                self.assertIn(failure, text)
            stream = await Chat(node.grpc, "ann").open()
            await stream.write(b"\x0a\x7fshort")
            self.assertEqual((await stream.next_update()).errors, ["request-unreadable"])
            await stream.send("y" * 5000, client_ref="mine")
            told = await stream.next_update()
            self.assertEqual((told.errors, told.client_ref), (["content-too-long"], "mine"))
            await stream.send("fine")
            self.assertEqual((await stream.next_update()).message, "fine")

    async def test_more_streams_than_allowed_are_refused(self):
        async with with_grpc(size=1, **{"grpc.max_streams": "3"}) as cluster:
            node = cluster.nodes[0]
            held = [await Chat(node.grpc, "ann").open() for _ in range(3)]
            self.assertEqual((await Chat(node.grpc, "ann").ended()).code().name, "RESOURCE_EXHAUSTED")
            await held[0].close()

            async def room_again():
                return await streams(node) == 2

            await until(room_again, 5, "a place is free")
            await Chat(node.grpc, "ann").open()

    async def test_a_connection_that_says_nothing_is_closed_within_8_s(self):
        async with with_grpc(size=1) as cluster:
            port = int(cluster.nodes[0].grpc.rsplit(":", 1)[1])
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.wait_for(reader.read(), 8)  # to its end
            writer.close()

    async def test_bytes_that_are_no_grpc_harm_nobody(self):
        async with with_grpc(size=1) as cluster:
            node = cluster.nodes[0]
            port = int(node.grpc.rsplit(":", 1)[1])
            chat = await Chat(node.grpc, "ann").open()
            for attack in ATTACKS:
                await attack(port)
                begin = time.monotonic()
                await chat.send("still here")
                self.assertEqual((await chat.next_update()).message, "still here")
                self.assertLess(time.monotonic() - begin, 2, attack.__name__)
            self.assertTrue(node.alive)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


def http2(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name, value):
    """A header of HPACK, not indexed."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


async def throw(port, data, seconds=1):
    """Sends `data` whatever the server does, and reads what it says to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
        writer.write(data)
        await asyncio.wait_for(writer.drain(), seconds)
        await asyncio.wait_for(reader.read(), seconds)
    writer.close()


async def http_1(port):
    await throw(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


async def garbage(port):
    await throw(port, bytes(range(256)) * 400)


async def preface_only(port):
    await throw(port, PREFACE)


async def settings_flood(port):
    await throw(port, PREFACE + SETTINGS * 5000)


async def ping_flood(port):
    await throw(port, PREFACE + SETTINGS + http2(6, 0, 0, b"12345678") * 5000)


async def rapid_reset(port):
    head = b"".join(literal(*pair) for pair in (
        (b":method", b"POST"), (b":scheme", b"http"), (b":path", CHAT.encode()), (b":authority", b"x"),
        (b"te", b"trailers"), (b"content-type", b"application/grpc"), (b"authorization", b"Bearer storm")))
    frames = b"".join(http2(1, 4, i, head) + http2(3, 0, i, b"\x00\x00\x00\x08") for i in range(1, 6000, 2))
    await throw(port, PREFACE + SETTINGS + frames, 3)


async def endless_headers(port):
    await throw(port, PREFACE + SETTINGS + http2(1, 0, 1, literal(b"a", b"b")) +
                http2(9, 0, 1, literal(b"x" * 100, b"y" * 100) * 50) * 20)


async def a_message_cut_short(port):
    head = b"".join(literal(*pair) for pair in (
        (b":method", b"POST"), (b":scheme", b"http"), (b":path", SEND.encode()), (b":authority", b"x"),
        (b"te", b"trailers"), (b"content-type", b"application/grpc")))
    await throw(port, PREFACE + SETTINGS + http2(1, 4, 1, head) + http2(0, 1, 1, b"\x00\x00\x00\x00\x64only this"))


ATTACKS = (http_1, garbage, preface_only, settings_flood, ping_flood, rapid_reset, endless_headers, a_message_cut_short)
