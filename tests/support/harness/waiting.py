"""Waiting for conditions, never for time."""

import asyncio
import os
import signal
import time


async def until(condition, seconds, what):
    """Polls `condition` (a function or coroutine function) until it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(0.02)


def stop_whole(pid):
    """SIGSTOP, and waits until every thread stands: on a busy machine some run on for milliseconds after the signal."""
    os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + 5
    while not all(stands(pid, thread) for thread in os.listdir(f"/proc/{pid}/task")):
        if time.monotonic() > deadline:
            raise AssertionError(f"process {pid} does not stop within 5 s")
        time.sleep(0.001)


def stands(pid, thread):
    """Whether the thread is stopped or has ended. The first thread of a process has the number of the process."""
    try:
        with open(f"/proc/{pid}/task/{thread}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] in "TZX"
    except FileNotFoundError:
        return True  # it has ended


async def ended(*tasks):
    """Cancels `tasks` and waits until they are done. Python 3.11's `wait_for` may swallow a cancellation that
    comes in the moment in which what it waits for is there: so they are asked until they go."""
    going = [task for task in tasks if not task.done()]
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=0.1)
