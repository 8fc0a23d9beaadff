"""Nodes whose clocks disagree: the log decides what comes first."""

import unittest

from harness import http
from harness.cluster import running

# As the command faketime does it, which would stand between us and the node's process.
CLOCK = ["env", "LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1", "DONT_FAKE_MONOTONIC=1"]


async def listed(port):
    """Keys and times of the list of conversations, page by page."""
    found, behind = [], ""
    while True:
        page = (await http.request(port, "GET", "/v1/conversations?limit=2" + behind)).json()
        found += [(summary["conversationKey"], summary["lastActivity"]) for summary in page["conversations"]]
        if "next" not in page:
            return found
        behind = "&before=" + page["next"]


class Clocks(unittest.IsolatedAsyncioTestCase):
    async def test_that_are_behind_turn_no_list_round_and_no_time_back(self):
        async with running(size=2, bus="none", prefixes={1: [*CLOCK, "FAKETIME=-1h"]}) as cluster:
            right, behind = (node.port for node in cluster.nodes)
            posts = [(right, "a"), (behind, "b"), (right, "c"), (behind, "a"), (behind, "d"), (right, "b")]
            shown = {}
            order = []
            for port, key in posts:
                made = await http.post(port, "text", key)
                self.assertEqual(made.status, 201)
                time = made.json()["createdAt"]
                order = [key] + [other for other in order if other != key]
                shown[key] = max(shown.get(key, ""), time)
                for node in (right, behind):
                    self.assertEqual(await listed(node), [(key, shown[key]) for key in order])
            first, second = (await http.read_log(right, "a"))[:2]
            self.assertGreater(first["payload"]["occurredAt"], second["payload"]["occurredAt"])


if __name__ == "__main__":
    unittest.main()
