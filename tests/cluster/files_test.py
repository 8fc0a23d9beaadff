"""The database file: one name, one owner, one set of nodes; and what commands leave behind."""

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time
import unittest

from harness import http
from harness.cluster import running
from harness.command import danwad
from harness.node import Node, clean_environment
from harness.paths import DANWAD
from harness.waiting import stands, until

F_OFD_SETLK = 37
NOBODY = 65534
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 4096, 16384, 1 << 18


def mode(path):
    return os.stat(path).st_mode & 0o777


def settings(path):
    return {"http.listen": "127.0.0.1:0", "database.master": f"sqlite:{path}", "auth.mode": "development",
            "bus": "none", "log.format": "json"}


class Folder:
    """A folder of its own with nodes on files in it."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="danwa-test-")
        self.path = self.temporary.name
        self.nodes = []

    def file(self, name):
        return os.path.join(self.path, name)

    def node(self, path, **more):
        number = len(self.nodes) + 1
        self.nodes.append(Node(f"node-{number}", {**settings(path), **more}, self.file(f"node-{number}.log")))
        return self.nodes[-1]

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        for node in self.nodes:
            if node.alive:
                node.kill()
        self.temporary.cleanup()


def in_a_mount_namespace(act):
    """For a child process: does `act` where its mounts are seen by itself alone."""
    libc = ctypes.CDLL(None, use_errno=True)

    def prepare():
        assert libc.unshare(CLONE_NEWNS) == 0
        assert libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) == 0
        act(lambda source, target: libc.mount(source.encode(), target.encode(), None, MS_BIND, None))

    return prepare


class OneName(unittest.IsolatedAsyncioTestCase):
    async def refused(self, folder, path, reason):
        with self.assertRaisesRegex(AssertionError, "ended with 1") as raised:
            await folder.node(path).start()
        self.assertIn(reason, str(raised.exception))
        self.assertIn("cannot use the database", str(raised.exception))

    async def test_a_file_of_two_names_is_refused_under_either(self):
        async with Folder() as folder:
            first = await folder.node(folder.file("a.db")).start()
            await http.post(first.port, "hello", "room")
            os.link(folder.file("a.db"), folder.file("b.db"))
            await self.refused(folder, folder.file("b.db"), "2 names")
            self.assertEqual(await first.terminate(), 0)
            await self.refused(folder, folder.file("a.db"), "2 names")
            os.unlink(folder.file("a.db"))
            again = await folder.node(folder.file("b.db")).start()
            self.assertEqual(len(await http.read_log(again.port, "room")), 1)

    async def test_a_file_that_was_renamed_under_a_running_node_is_refused(self):
        async with Folder() as folder:
            first = await folder.node(folder.file("a.db")).start()
            await http.post(first.port, "hello", "room")
            os.rename(folder.file("a.db"), folder.file("b.db"))
            await self.refused(folder, folder.file("b.db"), "another name")
            os.mkdir(folder.file("elsewhere"))
            os.rename(folder.file("b.db"), folder.file("elsewhere/a.db"))
            await self.refused(folder, folder.file("elsewhere/a.db"), "another name")
            first.kill()
            for name in ("-wal", "-shm"):
                if os.path.exists(folder.file("a.db" + name)):
                    os.rename(folder.file("a.db" + name), folder.file("elsewhere/a.db" + name))
            moved = await folder.node(folder.file("elsewhere/a.db")).start()
            self.assertEqual(len(await http.read_log(moved.port, "room")), 1)

    @unittest.skipIf(os.geteuid() != 0, "needs mounts")
    async def test_a_file_that_is_mounted_by_itself_is_refused_and_its_directory_is_not(self):
        async with Folder() as folder:
            first = await folder.node(folder.file("data.db")).start()
            await http.post(first.port, "hello", "room")
            for name in ("alone", "whole"):
                os.mkdir(folder.file(name))
            open(folder.file("alone/data.db"), "w").close()
            words = [str(DANWAD), "migrate", "--set"]

            def mount_file(bind):
                assert bind(folder.file("data.db"), folder.file("alone/data.db")) == 0

            def mount_folder(bind):
                assert bind(folder.path, folder.file("whole")) == 0

            def run(path, act):
                return subprocess.run([*words, f"database.master=sqlite:{path}"], capture_output=True, text=True,
                                      timeout=30, env=clean_environment(), check=False,
                                      preexec_fn=in_a_mount_namespace(act))

            alone = await asyncio.to_thread(run, folder.file("alone/data.db"), mount_file)
            self.assertEqual(alone.returncode, 1, alone.stderr)
            self.assertIn("mount its directory", alone.stderr)
            whole = await asyncio.to_thread(run, folder.file("whole/data.db"), mount_folder)
            self.assertEqual(whole.returncode, 0, whole.stderr)


class Private(unittest.IsolatedAsyncioTestCase):
    async def test_files_are_for_their_owner_alone_whatever_the_umask(self):
        async with Folder() as folder:
            node = folder.node(folder.file("a.db"))
            before = os.umask(0)
            try:
                await node.start()
            finally:
                os.umask(before)
            await http.post(node.port, "hello", "room")
            for name in ("a.db", "a.db-wal", "a.db-shm", "a.db.lock"):
                self.assertEqual(oct(mode(folder.file(name))), oct(0o600), name)
            status, text = danwad(f"sqlite:{folder.file('a.db')}", "backup", folder.file("copy.db"))
            self.assertEqual((status, mode(folder.file("copy.db"))), (0, 0o600), text)
            self.assertEqual(node.logged("database.readable-by-others"), [])

    async def test_bits_that_the_operator_has_set_stay_and_are_warned_about_and_the_lock_is_closed(self):
        async with Folder() as folder:
            path = folder.file("a.db")
            self.assertEqual(danwad(f"sqlite:{path}", "migrate")[0], 0)
            os.chmod(path, 0o644)
            os.chmod(path + ".lock", 0o666)
            node = await folder.node(path).start()
            self.assertEqual((mode(path), mode(path + ".lock")), (0o644, 0o600))
            told = node.logged("database.readable-by-others")
            self.assertEqual([line["mode"] for line in told], ["0644"])
            self.assertEqual(await node.terminate(), 0)
            os.chmod(path, 0o660)  # a group that shares the file may lock it, too
            await folder.node(path).start()
            self.assertEqual(mode(path + ".lock"), 0o660)

    async def test_keys_secrets_and_passwords_that_others_may_read_are_told_and_private_ones_are_not(self):
        async with Folder() as folder:
            wanted = []
            for name, text, bits in (("cluster", "a secret of the tests", 0o640), ("redis", "a password", 0o600),
                                     ("jwt", "k" * 32, 0o604)):
                with open(folder.file(name), "w") as file:
                    file.write(text)
                os.chmod(folder.file(name), bits)
                if bits & 0o077:
                    wanted.append((folder.file(name), f"{bits:04o}"))
            with open(folder.file("danwa.toml"), "w") as file:
                file.write(f'redis.password_file = "{folder.file("redis")}"\n')
            os.chmod(folder.file("danwa.toml"), 0o644)  # names a secret, and holds none
            node = folder.node(folder.file("a.db"), **{
                "auth.mode": "jwt", "auth.jwt.algorithm": "HS256", "auth.jwt.key_file": folder.file("jwt")})
            node.environment = {"DANWA_CLUSTER_SECRET_FILE": folder.file("cluster")}
            node.arguments = ["-c", folder.file("danwa.toml")]
            await node.start()
            told = [(line["path"], line["mode"]) for line in node.logged("file.readable-by-others")]
            self.assertEqual(sorted(told), sorted(wanted))

    @unittest.skipIf(os.geteuid() != 0, "needs another user")
    async def test_another_local_user_can_neither_read_it_nor_stop_posts(self):
        async with Folder() as folder:
            os.chmod(folder.path, 0o755)
            node = await folder.node(folder.file("a.db")).start()
            await http.post(node.port, "hello", "room")

            def attack():
                pid = os.fork()
                if pid == 0:
                    os.setresgid(NOBODY, NOBODY, NOBODY)
                    os.setresuid(NOBODY, NOBODY, NOBODY)
                    opened = 0
                    for name in ("a.db", "a.db-wal", "a.db-shm", "a.db.lock"):
                        try:
                            held = os.open(folder.file(name), os.O_RDONLY)
                            fcntl.fcntl(held, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 0, 0))
                            opened += 1
                        except PermissionError:
                            pass
                    if opened:
                        time.sleep(10)
                    os._exit(opened)
                return pid

            attacker = attack()
            try:
                start = time.monotonic()
                self.assertEqual((await http.post(node.port, "still", "room")).status, 201)
                self.assertLess(time.monotonic() - start, 1.5)
            finally:
                _, status = await asyncio.to_thread(os.waitpid, attacker, 0)
            self.assertEqual(os.waitstatus_to_exitcode(status), 0, "files that another user could open")


class Replica(unittest.IsolatedAsyncioTestCase):
    async def test_a_backup_named_as_replica_shows_no_history(self):
        async with running(size=1, bus="none") as cluster:
            node = cluster.nodes[0]
            for n in range(3):
                await http.post(node.port, f"{n}", "room")
            copy, other = (os.path.join(cluster.directory, name) for name in ("copy.db", "other.db"))
            self.assertEqual(danwad(node.settings["database.master"], "backup", copy)[0], 0)
            for n in range(3, 7):
                await http.post(node.port, f"{n}", "room")
            self.assertEqual(danwad(f"sqlite:{other}", "migrate")[0], 0)
            for replica, reason in ((copy, "behind"), (other, "another log")):
                self.assertEqual(await node.terminate(), 0)
                node.settings["database.replica"] = f"sqlite:{replica}"
                await node.start()
                self.assertEqual(len(await http.read_log(node.port, "room")), 7)
                answer = await http.request(node.port, "GET", "/v1/conversations/room/comments",
                                            headers=http.bearer("ann"))
                self.assertEqual(len(answer.json()["comments"]), 7)
                self.assertEqual([line["reason"] for line in node.logged("replica.left-out")][-1], reason)


class Commands(unittest.IsolatedAsyncioTestCase):
    async def test_a_source_that_somebody_has_open_is_not_copied_to_another_database(self):
        async with Folder() as folder:
            path = folder.file("a.db")
            node = await folder.node(path).start()
            await http.post(node.port, "hello", "room")
            target = "postgres://danwa@127.0.0.1:1/nobody-is-there"

            def copy():
                return danwad(target, "copy", "--from", f"sqlite:{path}")

            status, text = copy()
            self.assertEqual((status, "stop the nodes first" in text), (1, True), text)
            self.assertEqual(await node.terminate(), 0)
            with sqlite3.connect(path) as foreign:  # any other program
                foreign.execute("SELECT count(*) FROM comments").fetchone()
                status, text = copy()
                self.assertEqual((status, "stop the nodes first" in text), (1, True), text)
            foreign.close()
            status, text = copy()
            self.assertEqual((status, "stop the nodes first" in text), (1, False), text)

    async def test_a_signal_during_backup_or_restore_leaves_nothing(self):
        async with Folder() as folder:
            path = folder.file("a.db")
            await self.fill(folder, path, megabytes=24)
            url = f"sqlite:{path}"
            status, text = danwad(url, "backup", folder.file("whole.db"))
            self.assertEqual(status, 0, text)
            there = set(os.listdir(folder.path))
            backup = (["backup", folder.file("copy.db")], url)
            restore = (["restore", folder.file("whole.db")], f"sqlite:{folder.file('new.db')}")
            for number, (command, database) in ((signal.SIGTERM, backup), (signal.SIGINT, restore),
                                                (signal.SIGHUP, restore), (signal.SIGQUIT, backup)):
                status, text = await self.interrupted(folder, number, command, database)
                self.assertEqual(status, 1, text)
                self.assertIn("nothing is left", text)
                self.assertEqual(set(os.listdir(folder.path)), there)

    async def test_what_a_killed_one_left_is_removed_by_the_next_and_what_another_makes_is_not(self):
        async with Folder() as folder:
            path = folder.file("a.db")
            await self.fill(folder, path, megabytes=24)
            url, keep = f"sqlite:{path}", folder.file("a.db.backup")
            open(keep, "w").close()
            there = set(os.listdir(folder.path))
            await self.interrupted(folder, signal.SIGKILL, ["backup", folder.file("one.db")], url)
            self.assertNotEqual(set(os.listdir(folder.path)), there)
            stopped = await self.interrupted(folder, signal.SIGSTOP, ["backup", folder.file("two.db")], url)
            status, text = danwad(url, "backup", folder.file("three.db"))
            self.assertEqual(status, 0, text)
            left = {name for name in os.listdir(folder.path) if "danwad-part" in name}
            self.assertTrue(left and all(name.startswith("two.db.") for name in left), left)
            stopped.send_signal(signal.SIGCONT)
            self.assertEqual(await asyncio.to_thread(stopped.wait, 60), 0)
            self.assertEqual(set(os.listdir(folder.path)), there | {"two.db", "three.db"})

    async def fill(self, folder, path, megabytes):
        node = await folder.node(path).start()
        await http.post(node.port, "hello", "room")
        self.assertEqual(await node.terminate(), 0)
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE ballast(a)")
            database.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                             "INSERT INTO ballast SELECT randomblob(1048576) FROM n", (megabytes,))
            database.commit()

    async def interrupted(self, folder, number, command, database):
        """Sends the signal once the command writes; one that was faster than that is done again. Status and text; the
        process when it was stopped only."""
        target = command[1] if command[0] == "backup" else database.removeprefix("sqlite:")
        for _ in range(50):
            process = subprocess.Popen([str(DANWAD), *command, "--set", f"database.master={database}"], text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environment())
            while process.poll() is None and not self.is_written(folder, target):
                pass  # no pause: the command takes a tenth of a second
            process.send_signal(number)
            if number == signal.SIGSTOP and await self.stands(process):
                return process
            text, _ = await asyncio.to_thread(process.communicate, None, 60)
            if process.returncode != 0 and not os.path.exists(target):
                return process.returncode, text
            os.unlink(target)
        raise AssertionError("the command was always faster than the signal")

    def is_written(self, folder, target):
        name = os.path.basename(target) + "."
        return any(entry.name.startswith(name) and entry.name.endswith(".danwad-part") and entry.stat().st_size > 0
                   for entry in os.scandir(folder.path))

    async def stands(self, process):
        await until(lambda: stands(process.pid, process.pid), 5, "it stands")
        return process.poll() is None


if __name__ == "__main__":
    unittest.main()
