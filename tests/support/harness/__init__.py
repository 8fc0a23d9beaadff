"""Drives real danwad processes on loopback: nodes, HTTP, WebSocket, history checks.

Every wait is for a condition with a deadline; every process that is ended was started here.
"""
