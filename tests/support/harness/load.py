"""Load under faults: posters that are never content without an answer, watchers that move to another node, and what
must be true of the log afterwards."""

import asyncio
import collections
import random

from . import http
from .websocket import Ended, Refused, Watcher


class Load:
    """Posts from several connections; remembers what was acknowledged. No answer means unknown: the post is tried
    again, with its key, on another node."""

    def __init__(self, nodes, conversations, connections=8, pause=0):
        self.nodes = nodes
        self.conversations = conversations
        self.pause = pause  # seconds behind an answer
        self.connections = [{} for _ in range(connections)]
        self.acknowledged = {}  # text -> (conversation, id, seq)
        self.failed = collections.Counter()  # attempts: by status, or "no answer"
        self.stopping = False

    async def poster(self, number):
        count = 0
        while not self.stopping:
            count += 1
            text = f"{number}/{count}/{random.getrandbits(48)}"
            await self.post_until_answered(text, random.choice(self.conversations), number)
            if self.pause:
                await asyncio.sleep(self.pause)

    async def post_until_answered(self, text, conversation, number):
        key = {"Idempotency-Key": text}
        body = {"content": text, "conversationKey": conversation}
        while True:
            node = random.choice(self.nodes)
            connection = self.connections[number].get(node.name)
            try:
                if connection is None:
                    connection = self.connections[number][node.name] = await http.Connection(node.port).open()
                answer = await connection.request("POST", "/v1/comments", body, {**http.bearer("u"), **key})
            except (OSError, http.Closed, asyncio.TimeoutError, asyncio.IncompleteReadError):
                if connection is not None:
                    connection.close()
                self.connections[number].pop(node.name, None)
                self.failed["no answer"] += 1
                await asyncio.sleep(0.005)
                continue
            if answer.status == 503:
                self.failed[503] += 1
                await asyncio.sleep(0.05)
                continue
            assert answer.status == 201, (answer.status, answer.body)
            comment = answer.json()
            self.acknowledged[text] = (conversation, comment["id"], comment["seq"])
            return

    async def run(self, until):
        posters = [asyncio.create_task(self.poster(i)) for i in range(len(self.connections))]
        try:
            await until()
        finally:
            self.stopping = True
            await asyncio.gather(*posters)
            for connections in self.connections:
                for connection in connections.values():
                    connection.close()


class MovingWatcher:
    """Watches a conversation on some node; when the stream ends, goes on at another with `after=`."""

    def __init__(self, nodes, conversation):
        self.nodes = nodes
        self.conversation = conversation
        self.seqs = []
        self.texts = []
        self.moves = -1

    async def run(self):
        cursor = "0"
        while True:
            node = random.choice([node for node in self.nodes if node.alive])
            try:
                watcher = await Watcher(node.port, self.conversation, after=cursor).open()
                self.moves += 1
                epoch = watcher.watching["payload"]["cursor"].split(":")[0]
                while True:
                    frame = await watcher.next(3600)
                    if frame["type"] == "presence-changed":
                        continue
                    self.seqs.append(frame["payload"]["seq"])
                    self.texts.append(frame["payload"]["commentContent"])
                    cursor = f"{epoch}:{self.seqs[-1]}"
            except Refused as refused:
                if refused.answer.status != 503:  # a draining node says so: go elsewhere
                    raise
                await asyncio.sleep(0.01)
            except (OSError, Ended, http.Closed, asyncio.TimeoutError):
                await asyncio.sleep(0.01)

    async def saw_all(self, total, seconds=10):
        """Every update of a log of `total`, in order and once, at the latest after `seconds`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while len(self.seqs) < total and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        assert self.seqs == list(range(1, total + 1)), f"moved {self.moves} times: {self.seqs}"


async def acknowledged(load, count, tasks, seconds):
    """Waits until the load has that many answers, and fails when one of `tasks` does."""
    async def wait():
        while len(load.acknowledged) < count:
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.002)

    await asyncio.wait_for(wait(), seconds)


async def check_log(test, port, load, conversation):
    """The log of the conversation has no hole, and each acknowledged comment once, as answered. Returns its length."""
    updates = await http.read_log(port, conversation)
    test.assertEqual([update["payload"]["seq"] for update in updates], list(range(1, len(updates) + 1)))
    logged = {}
    for update in updates:
        text = update["payload"]["commentContent"]
        test.assertNotIn(text, logged, "in the log twice")
        logged[text] = (conversation, update["payload"]["commentId"], update["payload"]["seq"])
    for text, entry in load.acknowledged.items():
        if entry[0] == conversation:
            test.assertEqual(logged.get(text), entry, "acknowledged, and not in the log as answered")
    return len(updates)
