"""Who is in /v1/cluster: those who leave are gone at once, those who are lost once somebody else is at their address."""

import unittest

from harness import http
from harness.cluster import running
from harness.waiting import until


async def members(node):
    """Names, and whether each is up, of all but the node itself."""
    answer = await http.request(node.port, "GET", "/v1/cluster", headers=http.bearer("ann"))
    assert answer.status == 200, answer.body
    return {one["name"]: one["state"] for one in answer.json()["members"] if one["name"] != node.name}


class Members(unittest.IsolatedAsyncioTestCase):
    async def all_see(self, nodes, wanted, seconds=10):
        async def seen():
            return all([await members(node) == {name: state for name, state in wanted.items() if name != node.name}
                        for node in nodes])

        await until(seen, seconds, f"{wanted} on every node")

    async def test_who_drains_is_gone_at_once_and_who_comes_again_is_back(self):
        async with running(size=5) as cluster:
            nodes = cluster.nodes
            await self.all_see(nodes, {node.name: "up" for node in nodes})
            for gone in (nodes[4], nodes[1]):
                gone.signal(15)
            stay = [nodes[0], nodes[2], nodes[3]]
            await self.all_see(stay, {node.name: "up" for node in stay}, 5)
            for gone in (nodes[4], nodes[1]):  # a second signal would end them at once
                await until(lambda gone=gone: not gone.alive, 20, f"{gone.name} has drained")
                self.assertEqual(gone.process.returncode, 0)
            await self.all_see(stay, {node.name: "up" for node in stay}, 5)
            await nodes[1].start()
            await self.all_see([*stay, nodes[1]], {node.name: "up" for node in [*stay, nodes[1]]})

    async def test_who_was_killed_is_down_until_another_node_answers_at_its_address(self):
        async with running(size=3) as cluster:
            nodes = cluster.nodes
            killed = nodes[2]
            killed.kill()
            await self.all_see(nodes[:2], {"node-1": "up", "node-2": "up", "node-3": "down"})
            killed.name = "node-9"
            await killed.start()
            await self.all_see(nodes, {"node-1": "up", "node-2": "up", "node-9": "up"})


if __name__ == "__main__":
    unittest.main()
