"""Crowds and floods at the gRPC port: they cost the node next to nothing, and the other ports go on."""

import asyncio
import contextlib
import os
import resource
import sys
import tempfile
import time
import unittest

if __name__ != "__main__":
    from harness import chat_rpc, http
    from harness.node import Node
    from harness.waiting import until

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
BUSY = 2  # a share of CPU may be exceeded by that factor, for the machine is shared


def http2(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


START = PREFACE + http2(4, 0, 0)
HEADERS = http2(1, 0, 1, b"\x83\x86\xff")  # its last byte begins a number


def resets():
    first = 1
    while True:
        yield b"".join(http2(1, 4, i, b"\x83\x86\x04\x02/x\x01\x01x") + http2(3, 0, i, b"\0\0\0\x08")
                       for i in range(first, first + 400, 2))
        first += 400


def repeat(frame):
    while True:
        yield frame * (16_384 // len(frame) + 1)


# What a client sends that asks for nothing but work: name -> pieces of bytes without end.
FLOODS = {
    "zeros in a number of HPACK": lambda: repeat(http2(9, 0, 1, b"\x80" * 16_000)),
    "a literal of 200 MB": lambda: repeat(http2(9, 0, 1, b"x" * 16_000)),
    "empty CONTINUATION frames": lambda: repeat(http2(9, 0, 1)),
    "calls that are reset at once": resets,
    "SETTINGS": lambda: repeat(http2(4, 0, 0)),
    "PING": lambda: repeat(http2(6, 0, 0, b"12345678")),
    "PRIORITY": lambda: repeat(http2(2, 0, 1, b"\0\0\0\0\0")),
    "WINDOW_UPDATE": lambda: repeat(http2(8, 0, 0, b"\0\0\0\1")),
}
FIRST = {"a literal of 200 MB": http2(1, 0, 1, b"\x40\x01x\x7f\x80\x84\xaf\x5f"), "calls that are reset at once": b"",
         "SETTINGS": b"", "PING": b"", "PRIORITY": b"", "WINDOW_UPDATE": b""}


async def attack(port, name, seconds):
    """Sends a flood, at about 8 MB a second, over connections that it opens again whenever one ends."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(START + FIRST.get(name, HEADERS))
            for piece in FLOODS[name]():
                if time.monotonic() > end:
                    break
                writer.write(piece)
                await asyncio.wait_for(writer.drain(), max(0.01, end - time.monotonic()))
                await asyncio.sleep(0.002)
        except (OSError, asyncio.TimeoutError):
            pass
        finally:
            with contextlib.suppress(UnboundLocalError):
                writer.transport.abort()


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def node_with_grpc(handles=4096, **more):
    with tempfile.TemporaryDirectory(prefix="danwa-test-") as directory:
        settings = {"http.listen": "127.0.0.1:0", "grpc.listen": "127.0.0.1:0", "auth.mode": "development",
                    "database.master": f"sqlite:{directory}/danwa.db", "log.format": "json", **more}
        node = Node("node-1", settings, os.path.join(directory, "node.log"), prefix=["prlimit", f"--nofile={handles}"])
        await node.start()
        try:
            yield node
        finally:
            node.kill()


def grpc_port(node):
    return int(node.grpc.rsplit(":", 1)[1])


async def crowd(port, first, count=700):
    """Connections that send `first` and then nothing; those that the node takes."""
    held = []
    for _ in range(count):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        held.append((reader, writer))
    return held


def disperse(held):
    for _, writer in held:
        writer.transport.abort()


async def slow_post(node):
    """Seconds that 9 of 10 posts are quicker than; all must be saved."""
    connection = await http.Connection(node.port).open()
    took = []
    for i in range(60):
        begin = time.monotonic()
        answer = await connection.request("POST", "/v1/comments", {"content": f"{i}", "conversationKey": "room"},
                                          http.bearer("ann"))
        assert answer.status == 201, answer
        took.append(time.monotonic() - begin)
    connection.close()
    return sorted(took)[54]


async def status_of_post(node):
    try:
        return (await http.post(node.port, "still served", "room", timeout=5)).status
    except (OSError, http.Closed, asyncio.TimeoutError) as error:
        return repr(error)


class Floods(unittest.IsolatedAsyncioTestCase):
    async def flood(self, names):
        async with node_with_grpc() as node:
            quiet = await slow_post(node)
            attackers = await asyncio.create_subprocess_exec(sys.executable, __file__, str(grpc_port(node)), *names)
            await asyncio.sleep(1)  # they begin
            spent, begin = cpu_seconds(node.pid), time.monotonic()
            await asyncio.sleep(2)  # the time over which the CPU is measured
            share = (cpu_seconds(node.pid) - spent) / (time.monotonic() - begin)
            self.assertLess(share, 0.05 * BUSY, names)
            flooded = await slow_post(node)
            print(f"share of a core: {share:.3f}, posts: {quiet * 1000:.0f} ms alone, {flooded * 1000:.0f} ms in the flood")
            self.assertLess(flooded, BUSY * quiet + 0.05)
            self.assertIsNone(attackers.returncode, "the flood is over")
            chat = await chat_rpc.Chat(node.grpc, "ann", "elsewhere").open()
            await chat.send("hello")
            self.assertEqual((await chat.next_update()).message, "hello")
            attackers.terminate()
            await attackers.wait()

    async def test_four_that_never_end_their_headers_cost_next_to_nothing(self):
        await self.flood(["zeros in a number of HPACK"] * 4)

    async def test_nor_does_any_other_flood(self):
        await self.flood(list(FLOODS))


class Descriptors(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    async def test_700_grpc_connections_without_a_call_take_nothing_from_http(self):
        async with node_with_grpc(handles=512) as node:
            held = await crowd(grpc_port(node), START)
            statuses = []
            begin = time.monotonic()
            while time.monotonic() - begin < 3:  # the time over which posts are watched
                statuses.append(await status_of_post(node))
            self.assertEqual(set(statuses), {201})
            self.assertGreater(len(statuses), 20)
            disperse(held)

            async def chats():
                try:
                    await (await asyncio.wait_for(chat_rpc.Chat(node.grpc, "ann").open(), 2)).close()
                except (asyncio.TimeoutError, AssertionError, chat_rpc.grpc.RpcError):
                    return False
                return True

            await until(chats, 10, "gRPC when the crowd has gone")

    async def test_700_http_connections_take_nothing_from_grpc_and_the_cluster(self):
        secret = {"cluster.listen": "127.0.0.1:0", "cluster.secret": "s" * 32}
        async with node_with_grpc(handles=512, **secret) as node:
            open_before = await http.Connection(node.port).open()
            held = await crowd(node.port, b"")
            chat = await chat_rpc.Chat(node.grpc, "ann", "room").open()
            await chat.send("hello")
            self.assertEqual((await chat.next_update()).message, "hello")
            second = Node("node-2", {**node.settings, **{key: "127.0.0.1:0" for key in (
                "http.listen", "grpc.listen", "cluster.listen")}, "cluster.seeds": node.cluster}, node.log_path + "-2")
            await second.start()
            try:
                async def joined():
                    answer = await open_before.request("GET", "/v1/cluster", headers=http.bearer("ann"))
                    return answer.status == 200 and b"node-2" in answer.body

                await until(joined, 10, "node-2 in the cluster")
                self.assertEqual((await http.post(second.port, "from node-2", "room")).status, 201)
                self.assertEqual((await chat.next_update()).message, "from node-2")
            finally:
                second.kill()
            disperse(held)


async def attack_with(port, names):
    await asyncio.gather(*(attack(port, name, 60) for name in names))


if __name__ == "__main__":  # the attackers: a process of their own, so that posts are timed without them
    asyncio.run(attack_with(int(sys.argv[1]), sys.argv[2:]))
