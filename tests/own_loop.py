"""Coroutines run to their end in a thread of their own: a browser of other tests may have its loop in this one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def run(coroutine, seconds=120):
    """What it returns; its error is raised here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, asyncio.wait_for(coroutine, seconds)).result()
