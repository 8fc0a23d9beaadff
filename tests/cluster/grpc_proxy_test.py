"""gRPC through HAProxy, which ends a stream that is silent for `timeout server`."""

import unittest

from harness.chat_rpc import Chat
from harness.cluster import running
from harness.proxies import proxy

SILENCE = 2  # seconds; HAProxy's usual ones are 50


class SilentStreams(unittest.IsolatedAsyncioTestCase):
    async def test_a_stream_that_asks_for_heartbeats_outlives_the_proxys_patience(self):
        async with running(size=1, settings={"grpc.listen": "127.0.0.1:0"}) as cluster:
            async with proxy("haproxy", cluster.nodes, SILENCE) as front:
                address = f"127.0.0.1:{front.grpc}"
                silent = await Chat(address, "ann", "room").open()
                beating = await Chat(address, "bob", "room", danwa_heartbeat="1").open()
                watching = await Chat(address, "cid", watch={1: "room", 4: 1}).open()
                self.assertIsNotNone(await silent.ended(2 * SILENCE + 2), "HAProxy has no patience")
                for chat in (beating, watching):
                    for _ in range(SILENCE + 1):
                        told = await chat.next(3)
                        while told.kind == "presence-changed":
                            told = await chat.next(3)
                        self.assertEqual(told.kind, "heartbeat")
                await beating.send("still here")
                for chat in (beating, watching):
                    told = await chat.next(3)
                    while told.kind in ("heartbeat", "presence-changed"):
                        told = await chat.next(3)
                    self.assertEqual(told.message, "still here")

    async def test_a_heartbeat_that_is_no_number_of_seconds_is_refused(self):
        async with running(size=1, settings={"grpc.listen": "127.0.0.1:0"}) as cluster:
            for wrong in ("0", "often", "3601"):
                end = await Chat(cluster.nodes[0].grpc, "ann", danwa_heartbeat=wrong).ended()
                self.assertEqual(end.code().name, "INVALID_ARGUMENT")
                self.assertIn("heartbeat-invalid", end.details())


if __name__ == "__main__":
    unittest.main()
