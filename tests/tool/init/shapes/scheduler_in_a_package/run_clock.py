import desk.jobs  # noqa: F401
from desk.extensions import scheduler

scheduler.start()
