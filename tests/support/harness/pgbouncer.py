"""A real PgBouncer on loopback, in front of a throwaway PostgreSQL server."""

import contextlib
import shutil
import subprocess
import tempfile

from .ports import free_port
from .postgres import DATABASE, USER, account, give_to_account
from .waiting import until


class PgBouncer:
    """One pgbouncer process, ended by its pid; it keeps its port over restarts."""

    def __init__(self, server):
        self.server = server
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="danwa-pgbouncer-")
        self.process = None

    @property
    def url(self):
        return f"postgres://{USER}@127.0.0.1:{self.port}/{DATABASE}"

    async def start(self, pool_mode, seconds=20, **options):
        with open(f"{self.directory}/users.txt", "w") as users:
            users.write(f'"{USER}" ""\n')
        with open(f"{self.directory}/pgbouncer.ini", "w") as settings:
            settings.write(f"[databases]\n{DATABASE} = host=127.0.0.1 port={self.server.port} dbname={DATABASE}\n"
                           f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
                           f"auth_type = trust\nauth_file = {self.directory}/users.txt\npool_mode = {pool_mode}\n")
            settings.writelines(f"{name} = {value}\n" for name, value in options.items())
        give_to_account(self.directory)
        log = open(f"{self.directory}/log", "ab")
        with log:
            self.process = subprocess.Popen(["/usr/sbin/pgbouncer", f"{self.directory}/pgbouncer.ini"], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, cwd="/", **account())

        def answers():
            command = ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", DATABASE]
            return self.process.poll() is not None or subprocess.run(command, timeout=10, check=False).returncode == 0

        await until(answers, seconds, "pgbouncer answers")
        if self.process.poll() is None:
            return self
        with open(f"{self.directory}/log") as lines:
            raise AssertionError("pgbouncer does not start (Debian's package pgbouncer): " + lines.read()[-2000:])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


@contextlib.asynccontextmanager
async def pooler(server, pool_mode, **options):
    """One in front of `server` for the length of a `with` block."""
    bouncer = PgBouncer(server)
    try:
        yield await bouncer.start(pool_mode, **options)
    finally:
        bouncer.stop()
        shutil.rmtree(bouncer.directory, ignore_errors=True)
