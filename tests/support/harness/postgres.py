"""Throwaway PostgreSQL servers on loopback: a primary and, where wanted, a streaming standby."""

import asyncio
import atexit
import contextlib
import functools
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from .ports import free_port
from .waiting import stop_whole, until

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
USER = "danwa"
DATABASE = "danwa"
CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 64MB
wal_keep_size = 512MB
wal_retrieve_retry_interval = 100ms
wal_receiver_status_interval = 1s
log_line_prefix = '%m [%p] '
"""


def account():
    """How to run a program that refuses root: as Debian's user of the server, when we are root."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def run(program, *arguments):
    """Runs a program of the server to its end."""
    command = [str(PROGRAMS / program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", check=False, **account())
    assert done.returncode == 0, f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}"


def give_to_account(directory):
    """The whole tree, as the server wants it: its own, and nobody else's."""
    os.chmod(directory, 0o700)
    if not account():
        return
    for folder, _, files in os.walk(directory):
        for path in [folder, *(os.path.join(folder, file) for file in files)]:
            os.chown(path, account()["user"], account()["group"])


def memory_or_disk(room=2 << 30):
    """Where files are in memory, if there is room; else None, where all temporary files are."""
    memory = "/dev/shm"
    try:
        space = os.statvfs(memory)
    except OSError:
        return None
    return memory if space.f_bavail * space.f_frsize >= room else None


@functools.cache
def empty_server():
    """The data directory of a server that was never started, made once: a copy is five times as fast."""
    folder = tempfile.mkdtemp(prefix="danwa-postgres-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    give_to_account(folder)
    run("initdb", "-D", f"{folder}/data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    return f"{folder}/data"


class Server:
    """One server process in `directory`, ended by its pid; it keeps its port over restarts."""

    def __init__(self, directory, durable=False, configuration=""):
        self.directory = directory
        self.data = f"{directory}/data"
        self.log_path = f"{directory}/server.log"
        self.durable = durable
        self.configuration = configuration  # more lines of it
        self.port = free_port()
        self.process = None
        os.mkdir(directory, 0o700)
        if account():
            os.chown(directory, account()["user"], account()["group"])

    @property
    def url(self):
        return f"postgres://{USER}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def create(self):
        """A new, empty server. With `durable` as it would be in earnest; without, it survives no power cut."""
        shutil.copytree(empty_server(), self.data, copy_function=shutil.copy)
        give_to_account(self.data)
        with open(f"{self.data}/postgresql.conf", "a") as settings:
            settings.write(CONFIGURATION + ("" if self.durable else "fsync = off\nautovacuum = off\n") + self.configuration)

    def copy(self, primary):
        """Becomes a standby of `primary`."""
        source = f"host=127.0.0.1 port={primary.port} user={USER} application_name=standby"
        run("pg_basebackup", "-D", self.data, "-d", source, "-R", "-X", "stream", "-c", "fast", "--no-sync")

    async def start(self, seconds=30):
        command = [str(PROGRAMS / "postgres"), "-D", self.data, "-c", f"port={self.port}"]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/",
                                            **account())

        async def answers():
            return self.process.poll() is not None or await self.answers()

        await until(answers, seconds, "the PostgreSQL server answers")
        if self.process.poll() is None:
            return self
        raise AssertionError("the PostgreSQL server does not start: " + pathlib.Path(self.log_path).read_text()[-2000:])

    async def answers(self):
        try:
            return await self.ask("SELECT 1", "postgres") == "1"
        except AssertionError:
            return False

    async def ask(self, sql, database=DATABASE):
        """What psql prints: rows by lines, columns by bars."""
        process = await asyncio.create_subprocess_exec(
            *self.psql(database), "-c", sql, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, f"{sql}: {errors.decode()}"
        return output.decode().strip()

    def psql(self, database=DATABASE):
        return [str(PROGRAMS / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database,
                "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1"]

    async def set(self, name, value):
        await self.ask(f"ALTER SYSTEM SET {name} = '{value}'")
        await self.ask("SELECT pg_reload_conf()")

        async def is_set():
            return await self.ask(f"SHOW {name}") == value

        await until(is_set, 10, f"{name} is {value}")

    async def pause_replay(self):
        await self.ask("SELECT pg_wal_replay_pause()")

        async def paused():
            return await self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused"

        await until(paused, 10, "the standby replays no more")

    async def resume_replay(self):
        await self.ask("SELECT pg_wal_replay_resume()")

    @contextlib.asynccontextmanager
    async def deaf(self):
        """The standby receives nothing for the length of a `with` block."""
        pid = int(await self.ask("SELECT pid FROM pg_stat_wal_receiver"))
        stop_whole(pid)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    async def promote(self):
        """The standby becomes a primary that takes writes."""
        assert await self.ask("SELECT pg_promote(true, 60)") == "t"

        async def takes_writes():
            return await self.ask("SELECT pg_is_in_recovery()") == "f"

        await until(takes_writes, 10, "the standby is promoted")

    async def backends(self):
        """Process ids of the backends that serve danwa."""
        rows = await self.ask("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = "
                              f"'{DATABASE}' AND pid <> pg_backend_pid()")
        return [int(row) for row in rows.split()]

    async def kill_backend(self, pid):
        """SIGKILL to one backend: the server then ends all the others, and recovers."""
        assert pid in await self.backends(), f"{pid} is no backend"
        os.kill(pid, signal.SIGKILL)

    @contextlib.asynccontextmanager
    async def foreign_transaction(self):
        """A write transaction of somebody else, open for the length of a `with` block, and then rolled back."""
        process = await asyncio.create_subprocess_exec(
            *self.psql(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        try:
            process.stdin.write(b"BEGIN; CREATE TABLE foreign_work(id int); INSERT INTO foreign_work VALUES (1);\n"
                                b"SELECT 'open';\n")
            assert await asyncio.wait_for(process.stdout.readline(), 10) == b"open\n"
            yield
            process.stdin.write(b"ROLLBACK;\nSELECT 'closed';\n")
            assert await asyncio.wait_for(process.stdout.readline(), 10) == b"closed\n"
        finally:
            if process.returncode is None:
                process.stdin.close()
                await asyncio.wait_for(process.wait(), 10)

    def stop(self):
        """Immediately, without a checkpoint: as after a crash of all its processes."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)


class Servers:
    """A primary and at most one standby."""

    def __init__(self, primary, standby=None):
        self.primary = primary
        self.standby = standby

    @property
    def url(self):
        """Of whichever is the primary."""
        hosts = ",".join(server.address for server in (self.primary, self.standby) if server)
        return f"postgres://{USER}@{hosts}/{DATABASE}"

    @property
    def settings(self):
        """A node's."""
        return {"database.master": self.url, "database.replica": self.standby.url if self.standby else ""}

    async def caught_up(self, seconds=30):
        """The standby has replayed what the primary has written until now."""
        position = await self.primary.ask("SELECT pg_current_wal_flush_lsn()")

        async def replayed():
            return await self.standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn") == "t"

        await until(replayed, seconds, "the standby has caught up")

    async def fail_over(self):
        """The primary is gone at once, the standby takes its place."""
        self.primary.stop()
        await self.standby.promote()


@contextlib.asynccontextmanager
async def postgres_servers(standby=False, synchronous=False, durable=False, directory=None, configuration=""):
    """Servers with an empty database `danwa` for the length of a `with` block. `synchronous`: a commit is answered when
    the standby has it. `configuration`: more lines of postgresql.conf."""
    if directory is None and not durable:
        directory = memory_or_disk()
    folder = tempfile.mkdtemp(prefix="danwa-postgres-", dir=directory)
    os.chmod(folder, 0o755)
    started = []
    try:
        primary = Server(f"{folder}/primary", durable, configuration)
        primary.create()
        started.append(await primary.start())
        await primary.ask(f"CREATE DATABASE {DATABASE}", "postgres")
        servers = Servers(primary)
        if standby:
            servers.standby = Server(f"{folder}/standby", durable)
            servers.standby.copy(primary)
            started.append(await servers.standby.start())
            await servers.caught_up()
        if synchronous:
            await primary.set("synchronous_standby_names", "*")
        yield servers
    finally:
        for server in reversed(started):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
