"""Jobs that raise what is hard to write down, beside some that are well."""

from support.site import Site

JOBS = """
import urllib.request

SOON = timedelta(seconds=1)

def at_once(function):
    sched.add_job(function, "interval", days=365, next_run_time=datetime.now() + SOON)
    return function

@at_once
def url():
    urllib.request.urlopen("http://127.0.0.1:9/")

@at_once
def nul():
    raise ValueError("bad \\0")

@at_once
def surrogate():
    raise ValueError("half \\ud83d")

def healthy():
    pass

for n in range(6):
    when = datetime.now() + SOON
    sched.add_job(healthy, "interval", days=365, next_run_time=when, id=f"healthy{n}")

sched.add_job(url, "interval", days=365, next_run_time=datetime.now(), id="child", timeout=9)

def swells():
    raise ValueError("x" * 10**7 + "\\ud83d")

sched.add_job(swells, "interval", days=365, next_run_time=datetime.now(), id="swells", timeout=9)
"""


def ends(site: Site) -> dict[str, str]:
    """Return how each job ended, once no run is under way."""
    site.until(lambda: len(site.rows("finished_at IS NOT NULL")) == 11)
    return {row.job_id: row.state for row in site.rows()}


WELL = {f"healthy{n}": "succeeded" for n in range(6)}
BADLY = dict.fromkeys(("url", "nul", "surrogate", "child", "swells"), "failed")
