"""How long a crowd takes to come back: a time, so it is measured with nothing beside it."""

import asyncio
import unittest

from harness.bench import crowd_that_comes_back
from harness.cluster import running


class Crowd(unittest.IsolatedAsyncioTestCase):
    async def test_of_10000_watchers_who_come_back_99_percent_wait_less_than_250_ms(self):
        async with running(size=1) as cluster:
            status, result = await asyncio.to_thread(crowd_that_comes_back, cluster.nodes)
            self.assertEqual(status, 0, result)
            self.assertLess(result["reconnect"]["until_resumed_us"]["p99"], 250_000)
