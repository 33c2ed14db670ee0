"""Where this process runs: all that is read of a host's environment, and what it means without.

Heroku and Dokku set DYNO. The other hosts are told by a variable that each of them documents; what
sets none of these is taken for somebody's own machine.
"""

import os
import sys
from functools import cache
from pathlib import Path
from urllib.parse import quote

HOSTS = (
    "DYNO",  # Heroku, Dokku
    "RENDER",
    "FLY_APP_NAME",
    "RAILWAY_ENVIRONMENT_NAME",
    "CONTAINER_VERSION",  # Scalingo
    *("K_SERVICE", "CLOUD_RUN_WORKER_POOL"),  # Cloud Run
    "KUBERNETES_SERVICE_HOST",
    "WEBSITE_INSTANCE_ID",  # Azure App Service
    "ECS_CONTAINER_METADATA_URI_V4",  # Amazon ECS, and Fargate
)
STOP_SECONDS = 30.0  # that Heroku gives a dyno between SIGTERM and SIGKILL
SQLITE_FILE = "clock.sqlite3"
NOT_SHARED = "no shared database: what ran is forgotten at each restart"
ADD_DATABASE = "heroku addons:create heroku-postgresql:essential-0"


def is_dyno() -> bool:
    """Say whether this is a dyno: Heroku's, or that of a host that does as Heroku does."""
    return "DYNO" in os.environ


def is_hosted() -> bool:
    """Say whether this is a host's machine, whose files are gone after a restart."""
    return any(os.environ.get(name) for name in HOSTS)


def dyno() -> str | None:
    """Return the name of this dyno, e.g. clock.1."""
    return os.environ.get("DYNO") or os.environ.get("CONTAINER")


def release() -> str | None:
    """Return the release that runs, e.g. v12."""
    return os.environ.get("HEROKU_RELEASE_VERSION") or os.environ.get("CONTAINER_VERSION")


def app_name() -> str:
    """Return what the app is called, for those who are told of its runs."""
    return os.environ.get("HEROKU_APP_NAME") or os.environ.get("APP") or "clock"


def dashboard_url() -> str | None:
    """Return where people find the dashboard: DASHBOARD_URL, or what Heroku's metadata say."""
    url = os.environ.get("DASHBOARD_URL", "").strip().rstrip("/")
    domain = os.environ.get("HEROKU_APP_DEFAULT_DOMAIN_NAME")
    return url or (f"https://{domain}/clock" if domain else None)


def run_page(run: int) -> str | None:
    """Return the address of a run's page, if that is known."""
    base = dashboard_url()
    return base and f"{base}/runs/{run}"


def job_page(job: str) -> str | None:
    """Return the address of a job's page, if that is known."""
    base = dashboard_url()
    return base and f"{base}/jobs/{quote(job, errors='backslashreplace')}"


def schedules_page(task: str) -> str | None:
    """Return the address of the list of a task's schedules, if that is known."""
    base = dashboard_url()
    return base and f"{base}/schedules?task={quote(task, safe='', errors='backslashreplace')}"


def database_url() -> str | None:
    """Return the address of the app's database, which the ledger lives in."""
    return os.environ.get("DATABASE_URL")


def ledger_file() -> Path:
    """Return the file that is the ledger where there is no such database."""
    return project() / SQLITE_FILE


def has_shared_database() -> bool:
    """Say whether the ledger outlives this process's machine; on a laptop a file is enough."""
    return bool(database_url()) or not is_hosted()


def add_database() -> str:
    """Return what to do for a database that outlives this process's machine."""
    return command(ADD_DATABASE, "set DATABASE_URL to the address of a PostgreSQL database")


def stop_seconds() -> float:
    """Return the seconds that the host gives between SIGTERM and SIGKILL: CLOCK_STOP_SECONDS.

    Heroku gives 30, which holds where nothing is said; at least 5, at most an hour.
    """
    try:
        return min(max(5.0, float(os.environ.get("CLOCK_STOP_SECONDS") or STOP_SECONDS)), 3600.0)
    except ValueError:
        return STOP_SECONDS


def run_seconds() -> float:
    """Return the part of them that is for what is under way; the rest is for the last words."""
    return max(stop_seconds() - 6, stop_seconds() * 0.4)


def foreman() -> int | None:
    """Return the parent's pid where a process manager started us through a shell.

    `heroku local` ends that shell and leaves us running: who has no parent any more must stop.
    """
    return os.getppid() if "FOREMAN_WORKER_NAME" in os.environ else None


@cache
def project() -> Path:
    """Return the project's folder: the nearest one with a Procfile around the running script.

    Around the current folder for a program that is not the project's own (gunicorn, `python -m`);
    where there is no Procfile it is the script's folder, or the current one.
    """
    here = Path.cwd()
    script = Path(getattr(sys.modules["__main__"], "__file__", None) or here / "-")
    inside = "site-packages" not in script.parts and script.suffix == ".py"
    start = script.absolute().parent if inside and script.name != "__main__.py" else here
    return next((f for f in (start, *start.parents) if (f / "Procfile").is_file()), start)


def command(on_dyno: str, elsewhere: str) -> str:
    """Return what to do here: on a dyno with Heroku's command, elsewhere with another."""
    return on_dyno if is_dyno() else elsewhere
