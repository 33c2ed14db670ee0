"""Jobs that run once, as soon as they can, and some that await at a stop."""

from support.site import NOBODY_DIES

ONCE = f"""
{NOBODY_DIES}
import asyncio, atexit, io, multiprocessing, signal, subprocess, threading

def once(function=None, **options):
    if function is None:
        return lambda function: once(function, **options)
    when = datetime.now()
    return sched.scheduled_job("interval", days=365, next_run_time=when, **options)(function)

def square(n):
    return n * n
"""
AT_STOP = """
from clockdyno.clock.process import executor
from clockdyno.clock.run import calling
executor.STOP_SECONDS, calling.FAREWELL = 1, 60
atexit.register(note, "at exit")
signal.signal(signal.SIGTERM, lambda number, frame: (note("handler", number), sys.exit(3)))

@once
async def waits():
    await cleans("thread")

@once(timeout=60)
async def waits_in_child():
    await cleans("child")

async def cleans(where):
    try:
        note(where, "begins")
        await asyncio.sleep(1000)
    finally:
        note(where, "cleans up")
"""
