"""The live endpoints, each as a watch that notes what it sees: `seen` is [((place, seq), type)]."""

import asyncio
import json
import time
from urllib.parse import quote

from harness import http
from harness.waiting import ended
from harness.websocket import TEXT, Ended, Refused, Watcher, frame


class Watch:
    """`opened_at`: place -> head of its log when it is opened; `expected`: whether it may be opened; `after`: from
    there on, else from now on."""

    def __init__(self, port, person, room, opened_at, expected, after=None):
        self.port, self.person, self.room, self.after = port, person, room, after
        self.opened_at, self.expected = opened_at, expected
        self.seen = []
        self.texts = {}
        self.said = []  # (room, seq, text, when): of updates of comments
        self.writer = None
        self.ended = None  # why
        self.ended_at = None  # time.time()
        self.until = person.until  # the end of its credential; None: not while the test runs
        self.closed_by_us = False
        self.task = None

    def __str__(self):
        return f"{type(self).__name__} of {self.person.user} at {self.person.company}, {self.room or 'inboxes'}"

    def path(self):
        if self.room is None:
            return "/v1/notifications/updates"
        return f"/v1/conversations/{quote(self.room)}/updates" + ("" if self.after is None else f"?after={self.after}")

    def take(self, update):
        payload = update["payload"]
        if payload.get("seq") is None:
            return  # `watching`, presence
        place = self.room
        if place is None:
            (kind, name), = payload["to"].items()
            place = (kind, name)
        self.seen.append(((place, payload["seq"]), update["type"]))
        if update["type"] in ("comment-added", "comment-updated"):
            self.said.append((place, payload["seq"], payload["commentContent"], time.monotonic()))
        text = payload.get("text") or payload.get("commentContent")
        if text:
            self.texts.setdefault(update["type"], []).append(text)

    def run(self, reading):
        async def guarded():
            try:
                await reading()
            except (Ended, http.Closed, asyncio.IncompleteReadError, ConnectionError) as end:
                self.ended = self.ended or f"{type(end).__name__} {end}"
            self.ended_at = time.time()

        self.task = asyncio.create_task(guarded())

    async def close(self):
        self.closed_by_us = True
        if self.task:
            await ended(self.task)
        self.ended = self.ended or "closed"
        if self.writer:
            self.writer.close()


class WebSocketWatch(Watch):
    async def open(self):
        watcher = Watcher(self.port, "", user=self.person.token)
        watcher.path = self.path()
        try:
            await watcher.open()
        except Refused as refused:
            assert refused.answer.status == 403, refused.answer
            return False
        self.writer = watcher.writer

        async def reading():
            while True:
                self.take(await watcher.next(3600))

        self.run(reading)
        return True


class SseWatch(Watch):
    async def open(self):
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write((f"GET {self.path()} HTTP/1.0\r\nHost: 127.0.0.1:{self.port}\r\n"
                           f"Authorization: Bearer {self.person.token}\r\nAccept: text/event-stream\r\n\r\n").encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        if b" 200 " not in head.split(b"\r\n")[0]:
            assert b" 403 " in head.split(b"\r\n")[0], head
            return False
        while not (await asyncio.wait_for(reader.readline(), 10)).startswith(b"data: "):
            pass  # `watching` is the first event

        async def reading():
            while line := await reader.readline():
                if line.startswith(b"data: "):
                    self.take(json.loads(line[6:]))
            self.ended = "the stream ended"

        self.run(reading)
        return True


class GraphqlWatch(Watch):
    """graphql-transport-ws. No frame tells that a subscription has begun, so it names where it begins."""

    SUBSCRIPTION = ("subscription($room: String!, $after: String!) {"
                    " onConversationUpdated(conversationKey: $room, after: $after) { type seq content } }")

    async def open(self):
        if self.room is None:
            return await WebSocketWatch.open(self)  # onNotificationReceived shows no seqs
        headers = {"Sec-WebSocket-Protocol": "graphql-transport-ws"}
        watcher = Watcher(self.port, "", user=self.person.token, headers=headers)
        watcher.path = "/graphql"
        await watcher.open(expect_watching=False)
        self.writer = watcher.writer
        self.say({"type": "connection_init"})
        assert (await watcher.next())["type"] == "connection_ack"
        variables = {"room": self.room, "after": str(self.opened_at[self.room])}
        self.say({"id": "1", "type": "subscribe", "payload": {"query": self.SUBSCRIPTION, "variables": variables}})
        if not self.expected:
            message = await watcher.next()
            assert message["type"] == "error", message
            return False

        async def reading():
            while True:
                message = await watcher.next(3600)
                if message["type"] in ("error", "complete"):
                    self.ended = json.dumps(message)
                    return
                if message["type"] == "next":
                    update = message["payload"]["data"]["onConversationUpdated"]
                    payload = {"seq": update["seq"], "commentContent": update["content"]}
                    self.take({"type": update["type"], "payload": payload})

        self.run(reading)
        return True

    def say(self, message):
        self.writer.write(frame(TEXT, json.dumps(message).encode()))
