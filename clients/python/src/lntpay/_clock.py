"""The sleeps of both clients; the synchronous one is made from the other, with `sleep` for `async_sleep`."""

import asyncio
import time


def sleep(seconds: float) -> None:
    time.sleep(seconds)


async def async_sleep(seconds: float) -> None:
    await asyncio.sleep(seconds)
