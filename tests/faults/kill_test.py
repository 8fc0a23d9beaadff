"""kill -9 under load: what was acknowledged is in the log, once; watchers that move miss nothing."""

import asyncio
import random
import unittest

from harness import http
from harness.cluster import running
from harness.waiting import ended
from harness.websocket import Ended, Refused, Watcher

ROUNDS = 20
CONNECTIONS = 8
ACKNOWLEDGED = 1000  # at least, a round
CONVERSATIONS = 4


class Load:
    """Posts from several connections; remembers what was acknowledged. No answer means unknown: the
    post is tried again, with its key, on another node."""

    def __init__(self, nodes, conversations):
        self.nodes = nodes
        self.conversations = conversations
        self.acknowledged = {}  # text -> (conversation, id, seq)
        self.stopping = False

    async def poster(self, number):
        count = 0
        while not self.stopping:
            count += 1
            text = f"{number}/{count}/{random.getrandbits(48)}"
            await self.post_until_answered(text, random.choice(self.conversations), number)

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
                await asyncio.sleep(0.005)
                continue
            if answer.status == 503:
                await asyncio.sleep(0.05)
                continue
            assert answer.status == 201, (answer.status, answer.body)
            comment = answer.json()
            self.acknowledged[text] = (conversation, comment["id"], comment["seq"])
            return

    async def run(self, until):
        self.connections = [{} for _ in range(CONNECTIONS)]
        posters = [asyncio.create_task(self.poster(i)) for i in range(CONNECTIONS)]
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
                    self.seqs.append(frame["payload"]["seq"])
                    self.texts.append(frame["payload"]["commentContent"])
                    cursor = f"{epoch}:{self.seqs[-1]}"
            except Refused as refused:
                if refused.answer.status != 503:  # a draining node says so: go elsewhere
                    raise
                await asyncio.sleep(0.01)
            except (OSError, Ended, http.Closed, asyncio.TimeoutError):
                await asyncio.sleep(0.01)


class KillNine(unittest.IsolatedAsyncioTestCase):
    async def check_log(self, port, load, conversation):
        updates = await http.read_log(port, conversation)
        self.assertEqual([update["payload"]["seq"] for update in updates], list(range(1, len(updates) + 1)))
        logged = {}
        for update in updates:
            text = update["payload"]["commentContent"]
            self.assertNotIn(text, logged, "in the log twice")
            logged[text] = (conversation, update["payload"]["commentId"], update["payload"]["seq"])
        for text, entry in load.acknowledged.items():
            if entry[0] == conversation:
                self.assertEqual(logged.get(text), entry, "acknowledged, and not in the log as answered")
        return len(updates)

    async def one_round(self, cluster, number):
        conversations = [f"round-{number}-{i}" for i in range(CONVERSATIONS)]
        load = Load(cluster.nodes, conversations)
        watchers = [MovingWatcher(cluster.nodes, conversation) for conversation in conversations for _ in range(2)]
        tasks = [asyncio.create_task(watcher.run()) for watcher in watchers]
        victim = random.choice(cluster.nodes)
        kill_at = random.randint(50, ACKNOWLEDGED - 50)

        async def acknowledged(count):
            while len(load.acknowledged) < count:
                for task in tasks:
                    if task.done():
                        task.result()
                await asyncio.sleep(0.002)

        async def script():
            await asyncio.wait_for(acknowledged(kill_at), 60)
            victim.kill()
            await asyncio.wait_for(acknowledged(kill_at + 50), 60)
            await victim.start()
            await asyncio.wait_for(acknowledged(ACKNOWLEDGED), 120)

        await load.run(script)
        for watcher in watchers:
            total = await self.check_log(cluster.nodes[0].port, load, watcher.conversation)
            deadline = asyncio.get_running_loop().time() + 10
            while len(watcher.seqs) < total and asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(0.02)
            self.assertEqual(watcher.seqs, list(range(1, total + 1)), f"moved {watcher.moves} times")
        await ended(*tasks)
        return len(load.acknowledged)

    async def test_20_rounds_lose_and_repeat_nothing(self):
        async with running() as cluster:
            total = 0
            for number in range(ROUNDS):
                total += await self.one_round(cluster, number)
                await cluster.meshed()
            print(f"{total} acknowledged over {ROUNDS} rounds")
