"""Reads that carry a `Danwa-Position`, through every endpoint: each must show the write that told it."""

import asyncio
import json
import random

from . import http
from .websocket import Watcher

HEADER = "Danwa-Position"


def number(position):
    return int(position.rsplit(".", 1)[1])


class Reader:
    """The answer to a write in `room`: the seq and id of a comment, and its position. An endpoint answers (the number
    that it shows, of that seq or a later one; the position it tells, or None)."""

    def __init__(self, user, room, sent):
        self.user = user
        self.room = f"/v1/conversations/{room}"
        self.key = room
        self.told = sent.headers[HEADER.lower()]
        self.seq = sent.json()["seq"]
        self.id = sent.json().get("id")
        self.headers = {**http.bearer(user), HEADER: self.told}

    async def get(self, node, path, method="GET", body=None):
        answer = await http.request(node.port, method, path, body, self.headers)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json(), answer.headers[HEADER.lower()]

    async def comment(self, node):
        answer = await http.request(node.port, "GET", f"/v1/comments/{self.id}", headers=self.headers)
        assert answer.status in (200, 404), (answer.status, answer.body)
        return (self.seq, answer.headers[HEADER.lower()]) if answer.status == 200 else (0, None)

    async def history(self, node):
        page, told = await self.get(node, f"{self.room}/comments?limit=1")
        return page["headSeq"], told

    async def updates(self, node):
        page, told = await self.get(node, f"{self.room}/updates?after={self.seq - 1}&limit=1")
        return page["updates"][0]["payload"]["seq"] if page["updates"] else 0, told

    async def conversations(self, node):
        page, told = await self.get(node, "/v1/conversations?limit=200")
        return max((each["headSeq"] for each in page["conversations"] if each["conversationKey"] == self.key), default=0), told

    async def conversation(self, node):
        room, told = await self.get(node, self.room)
        return room["headSeq"], told

    async def query(self, node):
        text = f'{{ comments(conversationKey: "{self.key}", limit: 1) {{ headSeq }} }}'
        answer, told = await self.get(node, "/graphql", "POST", {"query": text})
        return answer["data"]["comments"]["headSeq"], told

    async def watch(self, node):
        watcher = await Watcher(node.port, self.key, self.user, position=self.told).open()
        cursor = watcher.watching["payload"]["cursor"]
        await watcher.close()
        return int(cursor.split(":")[1]), None

    async def events(self, node):
        reader, writer = await asyncio.open_connection("127.0.0.1", node.port)
        lines = [f"GET {self.room}/updates HTTP/1.1", f"Host: 127.0.0.1:{node.port}", "Accept: text/event-stream"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        try:
            while not (line := await asyncio.wait_for(reader.readline(), 10)).startswith(b"data: "):
                assert line, "the stream ended"
            watching = json.loads(line[6:])
            return int(watching["payload"]["cursor"].split(":")[1]), None
        finally:
            writer.close()

    async def members(self, node):
        """For a write that made `user` a member."""
        page, told = await self.get(node, f"{self.room}/members")
        return self.seq if any(each["userId"] == self.user for each in page["members"]) else 0, told

    def endpoints(self):
        return [self.comment, self.history, self.updates, self.conversations, self.conversation, self.query, self.watch,
                self.events]


class Stale(list):
    """What was shown too early a state; empty when all is well."""

    async def check(self, reader, endpoint, node):
        shown, told = await endpoint(node)
        if shown < reader.seq:
            self.append((node.name, endpoint.__name__, reader.seq, shown))
        if told and number(told) < number(reader.told):
            self.append((node.name, endpoint.__name__, reader.told, told))


async def send(nodes, user, room, text):
    """A comment, through any of the nodes; how it reads."""
    sent = await http.post(random.choice(nodes).port, text, room, user)
    assert sent.status == 201, (sent.status, sent.body)
    return Reader(user, room, sent)


async def join(nodes, user, room):
    """`user` becomes a member; how that reads."""
    path = f"/v1/conversations/{room}/members/{user}"
    joined = await http.request(random.choice(nodes).port, "PUT", path, headers=http.bearer(user))
    assert joined.status == 201, (joined.status, joined.body)
    return Reader(user, room, joined)
