"""Checks of worker dynos: switched on as a whole, there to do the runs, and few enough."""

from collections.abc import Iterator

from herokuclock import packages
from herokuclock.check import installed
from herokuclock.check.findings import Finding, Site
from herokuclock.errors import HerokuclockError
from herokuclock.heroku.live import Live
from herokuclock.jobs.clock_call import has_workers
from herokuclock.workers import edits

# https://devcenter.heroku.com/articles/heroku-postgres-plans
CONNECTIONS = {"essential-0": 20, "essential-1": 20, "essential-2": 40}
STANDARD = 120
# A deploy doubles the clock for a moment; gunicorn has two processes on a small dyno.
EACH = {"clock": 2 * 2, "web": 2 * 2, "worker": 2}


def whole(site: Site) -> Iterator[Finding]:
    """The Procfile, the clock and the requirements agree on where jobs run."""
    signs = {
        "the Procfile": edits.is_on(site.root),
        site.clock: _hands_over(site.text(site.clock)),
    }
    found = installed.of(site)
    if found:
        signs[packages.of(site.root).lock] = "procrastinate" in found.names
    # Procrastinate may be there for other ends, where the clock itself says nothing.
    if len(set(signs.values())) > 1 and (signs[site.clock] or signs["the Procfile"]):
        names = [name for name, says in signs.items() if not says]
        yield Finding(
            "workers",
            f"Worker dynos are half switched on: {' and '.join(names)} knows nothing of them.",
            "herokuclock workers on (or off)",
        )


def _hands_over(source: str) -> bool:
    try:
        return has_workers(source)
    except HerokuclockError:
        return False


def dynos(site: Live) -> Iterator[Finding]:
    """There is a worker, where runs wait for one."""
    found = next((p for p in site.formation if p.type == "worker"), None)
    if found and not found.quantity:
        problem = "The workers are scaled to 0: runs wait for one and are missed."
        yield Finding("workers", problem, f"heroku ps:scale worker=1 --app {site.name}")


def connections(site: Live) -> Iterator[Finding]:
    """The database has connections enough for all dynos."""
    if not any(p.type == "worker" for p in site.formation):
        return
    plan = next((a.plan for a in site.app.addons if a.is_database), "").rpartition(":")[2]
    if not plan or not plan.startswith(("essential", "standard")):
        return
    limit = CONNECTIONS.get(plan, STANDARD)
    count = {p.type: p.quantity * EACH.get(p.type, 0) for p in site.formation}
    if sum(count.values()) > limit:
        parts = ", ".join(f"{type} {number}" for type, number in count.items() if number)
        yield Finding(
            "connections",
            f"All dynos together take {sum(count.values())} connections ({parts}), "
            f"and {plan} has {limit}.",
            f"Fewer workers, or a bigger plan: heroku ps:scale worker=1 --app {site.name}",
        )
