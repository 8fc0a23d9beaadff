"""nginx and HAProxy with their defaults in front of two nodes: what waits and what is silent lives on, and nobody else
notices. Proxies give up after 50 or 60 s without a byte; nginx then takes the whole node out for 10 s."""

import asyncio
import json
import pathlib
import tempfile
import time
import unittest

from harness import http, tokens
from harness.chat_rpc import Chat
from harness.cluster import running
from harness.proxies import proxy
from harness.waiting import ended
from harness.websocket import Watcher

SILENT_SECONDS = 90  # longer than any proxy waits by default


class EventStream:
    """Server-sent events of a conversation, through `port`."""

    def __init__(self, port, conversation, user):
        self.head = "\r\n".join([f"GET {http.updates_path(conversation)} HTTP/1.1", f"Host: 127.0.0.1:{port}",
                                 "Accept: text/event-stream", *(f"{k}: {v}" for k, v in http.bearer(user).items())])
        self.port = port
        self.reader = self.writer = None

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(self.head.encode() + b"\r\n\r\n")
        first = await self.next(10)
        assert first["type"] == "watching", first
        return self

    async def next(self, seconds):
        """The next frame; comments and the rest of the framing are passed over."""
        async def read():
            while True:
                line = await self.reader.readline()
                if not line:
                    raise AssertionError("the event stream ended")
                if line.startswith(b"data: "):
                    return json.loads(line[6:])

        return await asyncio.wait_for(read(), seconds)

    async def next_update(self, seconds):
        while (frame := await self.next(seconds))["type"] in ("presence-changed", "watching"):
            pass
        return frame["payload"]["commentContent"]


class Idle(unittest.IsolatedAsyncioTestCase):
    """Each kind is silent for longer than the proxy waits; then one comment comes to all of them."""

    mostly_waits = True

    async def asyncSetUp(self):
        directory = tempfile.TemporaryDirectory(prefix="danwa-proxies-")
        self.addCleanup(directory.cleanup)
        key = pathlib.Path(directory.name, "key")
        key.write_bytes(tokens.SECRET)
        key.chmod(0o600)
        self.settings = {**tokens.settings(str(key)), "grpc.listen": "127.0.0.1:0"}
        self.token = tokens.token(tokens.claims())

    async def poll(self, front, conversation):
        """A loop of long polls, as long as clients may ask for; the text that ends it, and how many there were."""
        polls, after = 0, 0
        while True:
            path = http.updates_path(conversation, after=after, wait=60)
            answer = await http.request(front.plain, "GET", path, headers=http.bearer(self.token), timeout=70)
            self.assertEqual(answer.status, 200, answer.body)
            polls += 1
            page = answer.json()
            if page["updates"]:
                return page["updates"][0]["payload"]["commentContent"], polls
            after = page["next"]

    async def event_stream(self, port, conversation, seconds):
        stream = await EventStream(port, conversation, self.token).open()
        return await stream.next_update(seconds)

    async def socket(self, front, conversation, seconds):
        watcher = await Watcher(front.upgrade, conversation, user=self.token).open()
        while (frame := await watcher.next(seconds))["type"] != "comment-added":
            pass
        return frame["payload"]["commentContent"]

    async def grpc_stream(self, front, conversation, seconds, **more):
        chat = await Chat(f"127.0.0.1:{front.grpc}", self.token, conversation, **more).open()
        while (told := await chat.next(seconds)).kind != "comment-added":
            pass
        return told.message

    async def others(self, front, until_time):
        """Posts and reads of everybody else, through the same proxy, all the time: none may fail."""
        count = 0
        while time.monotonic() < until_time:
            answer = await http.post(front.plain, f"text {count}", "others", user=self.token)
            self.assertEqual(answer.status, 201, answer.body)
            read = await http.request(front.upgrade, "GET", "/v1/conversations/others/comments?limit=1",
                                      headers=http.bearer(self.token))
            self.assertEqual(read.status, 200, read.body)
            count += 1
            await asyncio.sleep(0.1)
        return count

    async def survive(self, kind):
        async with running(size=2, settings=self.settings) as cluster, proxy(kind, cluster.nodes) as front:
            seconds = SILENT_SECONDS + 30
            waiting = [asyncio.create_task(task) for task in (
                self.poll(front, "silent"),
                self.event_stream(front.plain, "silent", seconds),
                self.event_stream(front.upgrade, "silent", seconds),
                self.socket(front, "silent", seconds),
                self.grpc_stream(front, "silent", seconds, danwa_heartbeat="20"),
                self.grpc_stream(front, "silent", seconds, watch={1: "silent", 4: 20}))]
            try:
                others = asyncio.create_task(self.others(front, time.monotonic() + SILENT_SECONDS))
                done, _ = await asyncio.wait([*waiting, others], return_when=asyncio.FIRST_COMPLETED)
                for early in done - {others}:
                    self.fail(f"ended before the comment came: {early.exception() or early.result()}")
                self.assertGreater(await others, SILENT_SECONDS)
                sent = await http.post(front.plain, "good morning", "silent", user=self.token)
                self.assertEqual(sent.status, 201, sent.body)
                (text, polls), *texts = await asyncio.wait_for(asyncio.gather(*waiting), 10)
                self.assertEqual([text, *texts], ["good morning"] * len(waiting))
                self.assertGreaterEqual(polls, SILENT_SECONDS // 60 + 1)
            finally:
                await ended(*waiting, others)

    async def test_what_is_silent_lives_on_behind_nginx_and_haproxy(self):
        await asyncio.gather(self.survive("nginx"), self.survive("haproxy"))
