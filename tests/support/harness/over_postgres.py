"""Nodes over PostgreSQL."""

import contextlib

from .cluster import running
from .postgres import postgres_servers


@contextlib.asynccontextmanager
async def over_postgres(size=3, bus="caf", settings=None, per_node=None, **servers):
    """Nodes, and the servers that they share (as `postgres_servers` makes them)."""
    async with postgres_servers(**servers) as postgres:
        settings = {**postgres.settings, **(settings or {})}
        async with running(size=size, bus=bus, settings=settings, per_node=per_node) as cluster:
            yield cluster, postgres
