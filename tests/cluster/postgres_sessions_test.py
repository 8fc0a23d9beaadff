"""What comes between a node and its PostgreSQL server: the environment, and a pooler."""

import unittest

from harness import http
from harness.cluster import running
from harness.command import danwad
from harness.pgbouncer import pooler
from harness.postgres import postgres_servers
from harness.waiting import until

ENVIRONMENT = {"PGCLIENTENCODING": "LATIN1", "PGTZ": "Pacific/Kiritimati", "PGDATESTYLE": "SQL, DMY",
               "PGTARGETSESSIONATTRS": "standby", "PGAPPNAME": "NULL", "PGHOSTADDR": "127.9.9.9",
               "PGOPTIONS": "-c array_nulls=off -c standard_conforming_strings=off -c search_path=nowhere "
                            "-c default_transaction_read_only=on -c synchronous_commit=off"}
TEXT = "h\u00e9 \U0001F600 \\ ' NULL"
CURE = "set its pool_mode to session"


def log_of(node):
    with open(node.log_path, errors="replace") as lines:
        return lines.read()


class Environment(unittest.IsolatedAsyncioTestCase):
    async def test_of_one_node_changes_nothing_for_the_others(self):
        hostile = ["env", *(f"{name}={value}" for name, value in ENVIRONMENT.items())]
        async with postgres_servers() as postgres:
            settings = {"database.master": postgres.url, "database.replica": postgres.url}
            async with running(size=1, bus="none", settings=settings, prefix=hostile) as strange, \
                    running(size=1, bus="none", settings=settings) as plain:
                ports = [strange.nodes[0].port, plain.nodes[0].port]
                for port in ports:
                    for _ in range(2):
                        self.assertEqual((await http.post(port, TEXT, "room \u00e9")).status, 201)
                logs = [await http.read_log(port, "room \u00e9") for port in ports]
                self.assertEqual([update["payload"]["commentContent"] for update in logs[0]], [TEXT] * 4)
                self.assertEqual(logs[0], logs[1])
                self.assertNotIn("clientRef", logs[0][0]["payload"])
                stored = await postgres.primary.ask("SELECT DISTINCT key FROM channels")
                self.assertEqual(stored, "room \u00e9")


class Pooler(unittest.IsolatedAsyncioTestCase):
    async def test_that_shares_sessions_is_refused_at_the_start_with_the_cure(self):
        async with postgres_servers() as postgres:
            for pool_mode, options in (("transaction", {}), ("statement", {}),
                                       ("transaction", {"server_round_robin": 1, "min_pool_size": 3}),
                                       ("transaction", {"server_reset_query_always": 1}),
                                       ("transaction", {"default_pool_size": 1})):
                async with pooler(postgres.primary, pool_mode, **options) as bouncer:
                    status, said = danwad(bouncer.url, "migrate")
                    self.assertEqual((status, CURE in said), (1, True), (pool_mode, options, said))
            self.assertEqual(await postgres.primary.ask("SELECT to_regclass('channels') IS NULL"), "t")

    async def test_that_keeps_sessions_is_as_good_as_none_and_one_that_comes_later_is_told(self):
        async with postgres_servers() as postgres, pooler(postgres.primary, "session") as bouncer:
            settings = {"database.master": bouncer.url, "database.replica": ""}
            async with running(size=1, bus="none", settings=settings) as cluster:
                node = cluster.nodes[0]
                acknowledged = []

                async def post():
                    text = f"text {len(acknowledged)}"
                    status = (await http.post(node.port, text, "room")).status
                    if status == 201:
                        acknowledged.append(text)
                    return status

                for _ in range(20):
                    self.assertEqual(await post(), 201)

                bouncer.stop()
                await bouncer.start("transaction")

                async def told():  # one connection alone may go on
                    return 503 in (await post(), 200 if await node.ready() else 503) and CURE in log_of(node)

                await until(told, 20, "the cure is told")
                self.assertNotIn("database.action-failed", log_of(node))

                bouncer.stop()
                await bouncer.start("session")

                async def posted():
                    return await post() == 201

                await until(posted, 20, "the node goes on")
                texts = [update["payload"]["commentContent"] for update in await http.read_log(node.port, "room")]
                self.assertEqual(texts, acknowledged)


if __name__ == "__main__":
    unittest.main()
