"""How gunicorn serves app.py: two small workers fit a dyno of 512 MB."""

import gc
import os

# gunicorn itself listens on $PORT, and on 127.0.0.1:8000 where there is none.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4

# Heroku's router gives up after 30 s, and so does a dyno that has been told to stop.
timeout = 25
graceful_timeout = 25

# Longer than the router keeps an idle connection (90 s), so that it is never cut from our side.
keepalive = 95

# A dyno's disk may stall; the workers' heartbeat files belong in memory.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None

# Nobody steers gunicorn on a dyno, so it needs no socket for that.
control_socket_disable = True


def post_worker_init(worker):
    """Take what is loaded for good out of the search for garbage, which holds requests up."""
    gc.freeze()
