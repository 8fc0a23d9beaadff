"""A client that does not read gets no text that was removed meanwhile, but for what the kernel holds already."""

import asyncio
import json
import unittest

from harness import http
from harness.cluster import running
from harness.websocket import TEXT, Watcher, frame

COMMENTS = 80
TEXT_SIZE = 3_500
LITTLE = 4_096  # bytes of a kernel buffer: what it takes is a comment or two


async def stalled_websocket(node):
    """A watcher that reads nothing from now on; then how many texts it reads."""
    watcher = await Watcher(node.port, "room", receive_buffer=LITTLE, after=0).open()

    async def texts():
        frames = [await watcher.next() for _ in range(COMMENTS)]
        return sum(bool(frame["payload"].get("commentContent")) for frame in frames)

    return texts


async def stalled_graphql(node):
    watcher = Watcher(node.port, "", receive_buffer=LITTLE, headers={"Sec-WebSocket-Protocol": "graphql-transport-ws"})
    watcher.path = "/graphql"
    await watcher.open(expect_watching=False)
    query = 'subscription { onConversationUpdated(conversationKey: "room", after: "0") { type seq content } }'
    for message in ({"type": "connection_init"}, {"type": "subscribe", "id": "1", "payload": {"query": query}}):
        watcher.send(frame(TEXT, json.dumps(message).encode()))
    assert (await watcher.next())["type"] == "connection_ack"
    while (await watcher.next())["payload"]["data"]["onConversationUpdated"]["type"] != "watching":
        pass

    async def texts():
        found = 0
        for _ in range(COMMENTS):
            found += bool((await watcher.next())["payload"]["data"]["onConversationUpdated"]["content"])
        return found

    return texts


class Removal(unittest.IsolatedAsyncioTestCase):
    async def test_what_a_stalled_client_reads_later_has_lost_its_removed_texts(self):
        async with running(size=1, settings={"websocket.send_buffer": LITTLE}) as cluster:
            node = cluster.nodes[0]
            connection = await http.Connection(node.port).open()
            sent = []
            for i in range(COMMENTS):
                body = {"content": f"{i} ".ljust(TEXT_SIZE, "x"), "conversationKey": "room"}
                sent.append((await connection.request("POST", "/v1/comments", body, http.bearer("ann"))).json()["id"])
            other = await Watcher(node.port, "room", after=COMMENTS).open()
            stalled = [await stalled_websocket(node), await stalled_graphql(node)]
            for comment in sent:
                answer = await connection.request("DELETE", f"/v1/comments/{comment}", headers=http.bearer("ann"))
                self.assertEqual(answer.status, 204)
            await other.collect(2 * COMMENTS)
            by_websocket, by_graphql = await asyncio.gather(*(texts() for texts in stalled))
            self.assertLess(by_websocket, COMMENTS / 2, "most of it is not in the kernel")
            print(f"texts still read: {by_websocket} by WebSocket, {by_graphql} by GraphQL")
            self.assertLessEqual(by_graphql, by_websocket + 2, "of a few bytes more or less")
