"""Ports of loopback that nobody has, and that stay free while whoever serves there is down."""

import random
import socket

given = set()


def free_port():
    """One outside of what the kernel gives to connections that go out, so that none of these takes it between
    two lives of a server; never twice in this process."""
    while True:
        port = random.choice(served_ports())
        if port in given:
            continue
        given.add(port)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def served_ports():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first, last = map(int, file.read().split())
    return range(10_000, first) if first > 11_000 else range(last + 1, 65_536)
