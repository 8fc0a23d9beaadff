"""`/readyz` tells that writes fail, although nobody posts, and that they work again."""

import os
import sqlite3
import time
import unittest

from harness.cluster import OVER_POSTGRES, running
from harness.postgres import postgres_servers
from harness.waiting import until


class Readiness(unittest.IsolatedAsyncioTestCase):
    @unittest.skipIf(OVER_POSTGRES, "takes the lock of a SQLite file")
    async def test_a_file_that_another_process_holds(self):
        async with running(size=2) as cluster:
            with_lock = sqlite3.connect(os.path.join(cluster.directory, "danwa.db"), isolation_level=None)
            with_lock.execute("BEGIN IMMEDIATE")
            held = time.monotonic()
            await self.becomes(cluster, False, 10)
            self.assertGreater(time.monotonic() - held, 1.9)
            with_lock.execute("ROLLBACK")
            with_lock.close()
            await self.becomes(cluster, True, 5)

    async def test_a_primary_that_refuses_writes(self):
        async with postgres_servers() as postgres:
            primary = postgres.primary
            urls = {"database.master": primary.url, "database.replica": primary.url}
            async with running(size=1, bus="none", settings=urls) as cluster:
                await primary.ask("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql "
                                  "AS $$ BEGIN RAISE 'no space left'; END $$; "
                                  "CREATE TRIGGER refuse BEFORE UPDATE ON channels EXECUTE FUNCTION refuse()")
                await self.becomes(cluster, False, 10)
                await primary.ask("DROP TRIGGER refuse ON channels")
                await self.becomes(cluster, True, 5)

    async def becomes(self, cluster, ready, seconds):
        async def all_are():
            return all([await node.ready() == ready for node in cluster.nodes])
        await until(all_are, seconds, "ready" if ready else "not ready")
