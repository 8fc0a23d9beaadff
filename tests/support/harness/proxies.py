"""Real reverse proxies on loopback, configured as people find them: nginx and HAProxy of Debian."""

import asyncio
import contextlib
import pathlib
import subprocess
import tempfile

from .ports import free_port
from .waiting import until

# nginx with its defaults (`plain`: HTTP/1.0 upstream, buffered, 60 s), and with the lines that every guide gives for
# WebSockets (`upgrade`).
NGINX = """
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log info;
worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  upstream danwa {{ {http_servers} }}
  upstream danwa_grpc {{ {grpc_servers} }}
  server {{
    listen 127.0.0.1:{plain};
    location / {{ proxy_pass http://danwa; }}
  }}
  server {{
    listen 127.0.0.1:{upgrade};
    location / {{
      proxy_pass http://danwa;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }}
  }}
  server {{
    listen 127.0.0.1:{grpc} http2;
    location / {{ grpc_pass grpc://danwa_grpc; }}
  }}
}}
"""

# As Debian's haproxy.cfg, where 50 s without a byte end a connection.
HAPROXY = """
defaults
  mode http
  option dontlognull
  timeout connect 5000
  timeout client  {silence}s
  timeout server  {silence}s
frontend plain
  bind 127.0.0.1:{plain}
  default_backend danwa
frontend upgrade
  bind 127.0.0.1:{upgrade}
  default_backend danwa
backend danwa
  {http_servers}
frontend grpc
  bind 127.0.0.1:{grpc} proto h2
  default_backend danwa_grpc
backend danwa_grpc
  {grpc_servers}
"""


class Proxy:
    """A proxy process before some nodes; ports: `plain`, `upgrade` (HTTP), `grpc`."""

    def __init__(self, kind, nodes, silence):
        self.kind = kind
        self.nodes = nodes
        self.silence = silence
        self.plain, self.upgrade, self.grpc = free_port(), free_port(), free_port()
        self.directory = tempfile.TemporaryDirectory(prefix=f"danwa-{kind}-")
        self.process = None

    def _configuration(self):
        ports = {"plain": self.plain, "upgrade": self.upgrade, "grpc": self.grpc, "directory": self.directory.name}
        if self.kind == "nginx":
            return NGINX.format(http_servers=" ".join(f"server {node.http};" for node in self.nodes),
                                grpc_servers=" ".join(f"server {node.grpc};" for node in self.nodes), **ports)
        return HAPROXY.format(http_servers="\n  ".join(f"server {node.name} {node.http}" for node in self.nodes),
                              grpc_servers="\n  ".join(f"server {node.name} {node.grpc} proto h2" for node in self.nodes),
                              silence=self.silence, **ports)

    async def start(self):
        file = pathlib.Path(self.directory.name, "configuration")
        file.write_text(self._configuration())
        pathlib.Path(self.directory.name).chmod(0o755)  # nginx's worker is another user, when root starts it
        command = {"nginx": ["nginx", "-c", str(file), "-e", f"{self.directory.name}/error.log"],
                   "haproxy": ["haproxy", "-db", "-f", str(file)]}[self.kind]
        with open(f"{self.directory.name}/output", "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        await until(self._listens, 15, f"{self.kind} listens")
        return self

    async def _listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.kind} ended: {pathlib.Path(self.directory.name, 'output').read_text()}")
        for port in (self.plain, self.upgrade, self.grpc):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
            except OSError:
                return False
        return True

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.directory.cleanup()


@contextlib.asynccontextmanager
async def proxy(kind, nodes, silence=50):
    """`kind`: nginx or haproxy, before `nodes`, for the length of a `with` block. `silence`: seconds without a byte that
    HAProxy bears."""
    server = Proxy(kind, nodes, silence)
    try:
        yield await server.start()
    finally:
        server.stop()
