"""PostgreSQL behind TLS, as `sslmode` asks: everything works as without, and nothing goes in the clear."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import unittest

from harness import http
from harness.bench import bench
from harness.cluster import running
from harness.command import danwad
from harness.load import Load
from harness.postgres import account, postgres_servers
from harness.websocket import Watcher

ONLY_TLS = "hostssl all all 127.0.0.1/32 trust\nhostssl replication all 127.0.0.1/32 trust\n"


def make_certificate(folder, name):
    """A key and a certificate of its own authority for 127.0.0.1; their paths."""
    key, certificate = f"{folder}/{name}.key", f"{folder}/{name}.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "1", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                    "-out", certificate], check=True, capture_output=True, timeout=30)
    return key, certificate


@contextlib.asynccontextmanager
async def behind_tls():
    """A server that takes nobody in the clear, the certificate of its authority, and that of another."""
    async with postgres_servers() as postgres:
        server = postgres.primary
        key, certificate = make_certificate(server.directory, "db")
        _, other = make_certificate(server.directory, "other")
        os.chmod(server.directory, 0o755)
        for path, name in ((key, "server.key"), (certificate, "server.crt")):
            shutil.copy(path, f"{server.data}/{name}")
            if account():
                os.chown(f"{server.data}/{name}", account()["user"], account()["group"])
        os.chmod(f"{server.data}/server.key", 0o600)
        await server.set("ssl", "on")
        with open(f"{server.data}/pg_hba.conf", "w") as rules:
            rules.write(ONLY_TLS)
        await server.ask("SELECT pg_reload_conf()")  # its own connection was let in before
        yield postgres, certificate, other


def over_tls(postgres, certificate):
    return f"{postgres.url}?sslmode=verify-full&sslrootcert={certificate}"


class Tls(unittest.IsolatedAsyncioTestCase):
    async def test_posts_watches_and_reads_go_through_it_and_it_is_found_again(self):
        async with behind_tls() as (postgres, certificate, _):
            url = over_tls(postgres, certificate)
            async with running(size=2, settings={"database.master": url, "database.replica": ""}) as cluster:
                watchers = [await Watcher(node.port, "room").open() for node in cluster.nodes]
                status, result = bench(cluster.nodes, "--watchers", "20", "--conversations", "4", "--posters", "8",
                                       "--posts", "2000")
                self.assertEqual((status, result["violations"]["lost"], result["failures"]), (0, 0, 0), result)
                rows = await postgres.primary.ask(
                    "SELECT ssl, count(*) > 0 FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE datname = "
                    "'danwa' AND pid <> pg_backend_pid() GROUP BY ssl")
                self.assertEqual(rows, "t|t")

                postgres.primary.stop()
                self.assertEqual((await http.post(cluster.nodes[0].port, "lost", "room")).status, 503)
                await postgres.primary.start()
                texts = [f"{i}/" + "x" * 250 for i in range(200)]  # read as a page, more than one TLS record holds
                load = Load(cluster.nodes, ["room"])
                for text in texts:
                    await asyncio.wait_for(load.post_until_answered(text, "room", 0), 30)
                for watcher in watchers:
                    seen = [frame["payload"]["commentContent"] for frame in await watcher.collect(len(texts), 10)]
                    self.assertEqual(seen, texts)
                self.assertEqual(len(await http.read_log(cluster.nodes[1].port, "room")), len(texts))

    async def test_who_is_not_the_server_or_talks_in_the_clear_is_told_apart(self):
        async with behind_tls() as (postgres, certificate, other):
            for query, part in ((f"sslmode=verify-full&sslrootcert={other}", "certificate verify failed"),
                                ("sslmode=disable", "no encryption"),
                                ("sslmode=verify-full&sslrootcert=/no/such/file", "does not exist"),
                                ("sslmode=sometimes", "sslmode")):
                status, said = danwad(f"{postgres.url}?{query}", "migrate")
                self.assertEqual((status, part in said), (1, True), (query, said))
            status, said = danwad(over_tls(postgres, certificate), "migrate")
            self.assertEqual(status, 0, said)


if __name__ == "__main__":
    unittest.main()
