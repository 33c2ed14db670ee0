"""What jobs do with Python itself: await, exit, fork, start threads, close streams."""

import signal

import pytest
from support.calls import AT_STOP, ONCE
from support.rows import rows
from support.site import Site

CRUNCHED = """
def crunched():
    context = multiprocessing.get_context("fork")
    sleeper = context.Process(target=time.sleep, args=(1000,))
    sleeper.start()
    sleeper.terminate()
    sleeper.join()
    with context.Pool(2) as pool:
        return pool.map(square, [1, 2, 3]), sleeper.exitcode
"""
ENDS = """
@once(timeout=30)
async def fetches():
    await asyncio.sleep(0.01)
    note("fetched")

@once(timeout=30)
def lazy():
    return (note("never") for _ in "a")

@once(retries=2)
def done():
    note("done")
    sys.exit(0)

@once(timeout=30)
def done_in_child():
    sys.exit()

@once(timeout=30)
def refuses():
    sys.exit("no luck")

@once(timeout=30)
def dies():
    if os.fork():
        os._exit(0)
    time.sleep(1000)

def mail():
    time.sleep(0.3)
    note("mail sent")

@once(timeout=30)
def reminds():
    atexit.register(note, "tidied")
    multiprocessing.util.Finalize(None, note, ("finalized",), exitpriority=1)
    threading.Thread(target=mail).start()

@once(timeout=0.5)
def hangs():
    threading.Thread(target=time.sleep, args=(1000,)).start()

@once(timeout=30)
def crunches_in_child():
    note("child", crunched()[0])

@once
def forks():
    if os.fork() == 0:
        note("forked")
        sys.exit(0)
    os.wait()
"""


def test_each_run_has_its_true_end_however_its_function_ends(on_postgres: Site) -> None:
    site = on_postgres
    site.write(ONCE + CRUNCHED + ENDS)
    clock = site.start()
    rows = site.until(lambda: len(r := site.rows("finished_at IS NOT NULL")) == 10 and r)
    assert site.stop(clock) == 0

    assert {row.job_id: (row.state, row.reason) for row in rows} == {
        **dict.fromkeys(("fetches", "done", "done_in_child", "reminds"), ("succeeded", None)),
        **dict.fromkeys(("crunches_in_child", "forks"), ("succeeded", None)),
        **dict.fromkeys(("lazy", "refuses"), ("failed", "error")),
        "dies": ("failed", "died"),
        "hangs": ("failed", "timeout"),
    }
    effects = ["child [1, 4, 9]", "done", "fetched", "finalized", "forked", "mail sent", "tidied"]
    assert sorted(site.effects()) == effects
    assert [e for e in site.effects() if e in ("mail sent", "tidied", "finalized")] == [
        *("mail sent", "tidied", "finalized")
    ]
    errors = {row.job_id: row.error for row in rows}
    assert errors["refuses"].endswith("SystemExit: no luck")
    assert "nothing has run yet" in errors["lazy"]


POOL = """
@once
def crunches():
    squares, code = crunched()
    note(*squares, code)
"""


def test_processes_that_a_job_forks_end_when_told_and_print_nothing_of_ours(
    on_sqlite: Site,
) -> None:
    on_sqlite.write(ONCE + CRUNCHED + POOL)
    clock = on_sqlite.start()
    (row,) = on_sqlite.until(lambda: on_sqlite.rows("finished_at IS NOT NULL"))
    log = on_sqlite.log()
    assert on_sqlite.stop(clock) == 0

    assert (row.state, on_sqlite.effects()) == ("succeeded", [f"1 4 9 {-signal.SIGTERM}"])
    assert "at=stop" not in log and "ignored" not in log and "Error" not in log


IMPORTS = """
note("imported", os.getpid())
atexit.register(note, "never in a child")
print("printed once", end=" ")

@sched.scheduled_job("interval", seconds=1, timeout=30)
def tick():
    note("tick", os.getppid())
"""


def test_children_come_from_one_server_that_has_imported_jobs_once(on_sqlite: Site) -> None:
    on_sqlite.write(ONCE + IMPORTS)
    clock = on_sqlite.start(PYTHONUNBUFFERED="")
    on_sqlite.until(lambda: sum("tick" in line for line in on_sqlite.effects()) >= 3)
    on_sqlite.stop(clock)

    effects = on_sqlite.effects()
    server = {line.split()[1] for line in effects if line.startswith("tick")}
    imported = {line.split()[1] for line in effects if line.startswith("imported")}
    assert len(server) == 1 and imported == {str(clock.pid), *server}
    assert sum(line.startswith("imported") for line in effects) == 2
    assert effects.count("never in a child") == 1
    assert on_sqlite.log().count("printed once") == 2


SHARED = (
    "import socket\nours = socket.socketpair()\n",
    "threading.Thread(target=threading.Event().wait, daemon=True).start()\n",
)


@pytest.mark.parametrize("shared", rows(SHARED, SHARED[1:]))
def test_what_children_must_not_share_is_made_anew_in_each(on_sqlite: Site, shared: str) -> None:
    on_sqlite.write(ONCE + shared + IMPORTS)
    clock = on_sqlite.start()
    on_sqlite.until(lambda: sum("tick" in line for line in on_sqlite.effects()) >= 2)
    on_sqlite.stop(clock)

    effects = on_sqlite.effects()
    pids = [line.split()[1] for line in effects if line.startswith("imported")]
    assert len(pids) == len(set(pids)) >= 4
    assert "imports it anew" in on_sqlite.log()
    assert {row.state for row in on_sqlite.rows()} <= {"succeeded", "skipped", "lost"}


HARM = """
import io, logging
home = os.getcwd()

@sched.scheduled_job("interval", seconds=2)
def harms():
    os.chdir("/")
    {harm}

@sched.scheduled_job("interval", seconds=1)
def prints():
    time.sleep(0.3)
    print("still printed", flush=True)
    logging.getLogger("jobs").warning("still logged")
    with open(os.path.join(home, "effects"), "a") as file:
        file.write(os.getcwd() + "\\n")
"""


HARMS = (
    "sys.stdout.close(); sys.stderr.close()",
    "sys.stdout = io.StringIO(); sys.stderr = None",
    "sys.stdout = io.TextIOWrapper(sys.stdout.buffer)",
    "sys.stdout = io.TextIOWrapper(sys.stdout.detach())",
    "os.close(0); os.close(1); os.close(2)",
    "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)",
)


@pytest.mark.parametrize("harm", rows(HARMS, HARMS[:1]))
def test_a_job_that_breaks_what_is_shared_harms_only_itself(on_postgres: Site, harm: str) -> None:
    site = on_postgres
    site.write(HARM.format(harm=harm))
    clock = site.start()
    site.until(lambda: site.log().count("still printed") >= 2)
    site.until(lambda: str(site.folder) in site.effects())
    site.until(lambda: len(site.rows("job_id = 'harms' AND state = 'succeeded'")) >= 2)
    assert site.stop(clock) == 0

    assert [row.error for row in site.rows() if row.state in ("failed", "lost")] == []
    assert "still logged" in site.log() and "at=stop" in site.log()


def test_at_a_stop_what_is_awaited_cleans_up_and_the_owner_has_a_word(site: Site) -> None:
    site.write(ONCE + AT_STOP)
    clock = site.start()
    site.until(lambda: len(site.effects()) == 2)
    assert site.stop(clock) == 0

    assert site.effects()[2:3] == [f"handler {signal.SIGTERM:d}"]
    assert sorted(site.effects()[3:5]) == ["child cleans up", "thread cleans up"]
    assert site.effects()[5:] == ["at exit"]
    states = {row.job_id: (row.state, row.reason) for row in site.rows()}
    assert states == dict.fromkeys(("waits", "waits_in_child"), ("lost", "stopped"))
    assert "state=failed" not in site.log() and "ignored=" not in site.log()
