"""Ten minutes of full load from three nodes: the WAL stays bounded and no node starves."""

import asyncio
import json
import os
import subprocess
import unittest

from harness.cluster import running
from harness.paths import DANWA

SECONDS = int(os.environ.get("DANWA_TEST_SOAK_SECONDS", "600"))
WAL_LIMIT = 256 * 1024 * 1024


async def bench_one(node, number):
    command = [str(DANWA), "bench", "--node", node.http, "--posters", "8", "--watchers", "4", "--conversations", "2",
               "--prefix", f"soak-{number}-", "--seconds", str(SECONDS), "--settle", "30"]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    output, _ = await process.communicate()
    return process.returncode, json.loads(output[output.index(b"{"):])


class Soak(unittest.IsolatedAsyncioTestCase):
    async def test_the_wal_stays_under_256_mib_and_posts_are_fair(self):
        async with running() as cluster:
            largest = 0
            runs = asyncio.gather(*(bench_one(node, i) for i, node in enumerate(cluster.nodes)))
            while not runs.done():
                wal = os.path.join(cluster.directory, "danwa.db-wal")
                largest = max(largest, os.path.getsize(wal) if os.path.exists(wal) else 0)
                await asyncio.sleep(0.5)
            results = await runs
            for status, result in results:
                print(json.dumps(result))
                self.assertEqual(status, 0)
            p99 = [result["posts"]["latency_us"]["p99"] for _, result in results]
            print(f"largest WAL {largest >> 20} MiB, post p99 of the nodes {p99} us")
            self.assertLess(largest, WAL_LIMIT)
            self.assertLess(max(p99), 3 * min(p99))
