"""Jobs in the context of a Flask app: made when a job of it runs, once in a process."""

import pickle
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from clockdyno.clock.run.app import App
from clockdyno.errors import AppError
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from support.runs import run_once
from support.site import Site
from support.workers import WorkerSite

db = SQLAlchemy()
made, apps = list[str](), list[Flask]()


@pytest.fixture(autouse=True)
def _none_made() -> Iterator[None]:
    made.clear()
    yield
    for each in apps:
        with each.app_context():
            db.engine.dispose()


def create_app(name: str = "shop") -> Flask:
    app = Flask(name)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    made.append(name)
    apps.append(app)
    return app


def wants_a_name(name: str) -> Flask:
    return create_app(name)


def fails() -> Flask:
    raise KeyError("SECRET_KEY")


def leaves() -> None:
    sys.exit("no SECRET_KEY")


def returns_nothing() -> None: ...


app = create_app()


def test_a_job_runs_in_the_context_of_an_app_that_is_made_by_its_first_run() -> None:
    ours = App(create_app)
    assert made == []

    for _ in range(2):
        with ours.context():
            assert current_app.name == "shop"

    assert made == ["shop"] and not current_app


@pytest.mark.parametrize("kind", ["returns", "fails", "awaits"])
def test_the_session_of_flask_sqlalchemy_is_removed_after_each_run(
    on_sqlite: Site, kind: str
) -> None:
    sessions = db.session.registry.registry
    seen = list[int]()

    def job() -> None:
        db.session.execute(db.text("SELECT 1"))
        seen.append(len(sessions))
        assert kind != "fails"

    async def awaits() -> None:
        job()

    row = run_once(on_sqlite, awaits if kind == "awaits" else job, app=create_app)

    assert row.state == ("failed" if kind == "fails" else "succeeded")
    assert seen == [1] and len(sessions) == 0


@pytest.mark.parametrize(
    "given",
    [
        app,
        create_app,
        partial(wants_a_name, "shop"),
        f"{__name__}:create_app",
        f"{__name__}:create_app()",
        f" {__name__}:app",
    ],
    ids=["app", "factory", "partial", "name", "called", "name of app"],
)
def test_the_app_is_found_here_and_in_a_child_however_it_is_given(given: Any) -> None:
    for found in (App(given), pickle.loads(pickle.dumps(App(given)))):
        with found.context():
            assert current_app.name == "shop"


@pytest.mark.parametrize("given", ["app", "app:", ":app", "app:create app", "a:b('c')", 7, []])
def test_what_can_be_no_app_is_refused_at_once(given: Any) -> None:
    with pytest.raises(ValueError, match='app="app:create_app"'):
        App(given)


NO_APPS: list[tuple[Any, str]] = [
    (
        "nowhere:create_app",
        "app='nowhere:create_app' cannot be loaded: ModuleNotFoundError: No mod",
    ),
    (f"{__name__}:creat_app", "has no attribute 'creat_app'"),
    (f"{__name__}:made", "made is a list, and no Flask app"),
    (
        wants_a_name,
        r"missing a required argument: 'name'\). Give them: app=functools.partial\(want",
    ),
    (fails, "fails could not make the app: KeyError: 'SECRET_KEY'"),
    (leaves, "leaves could not make the app: SystemExit: no SECRET_KEY"),
    (returns_nothing, "returns_nothing returned a NoneType, and no Flask app"),
]


@pytest.mark.parametrize(("given", "why"), NO_APPS)
def test_a_run_without_an_app_fails_in_words(given: Any, why: str) -> None:
    with pytest.raises(AppError, match=why):
        App(given).context()


def test_the_run_whose_app_fails_is_a_row_and_the_next_one_tries_again(on_sqlite: Site) -> None:
    tries = list[int]()

    def second_time_lucky() -> Flask:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the vault is closed")
        return create_app()

    ours = App(second_time_lucky)
    row = run_once(on_sqlite, lambda: None, app=lambda: ours.context() and Flask("never"))

    assert row.state == "failed"
    assert "AppError: second_time_lucky could not make the app: OSError: the vault" in row.error
    with ours.context():
        assert current_app.name == "shop"


@pytest.mark.parametrize("given", [lambda: Flask("x"), Flask("nameless")])
def test_an_app_that_a_child_cannot_find_is_said(given: Callable[[], Flask]) -> None:
    with pytest.raises(AppError, match="no name to be found by there"):
        pickle.dumps(App(given))


APP = """
import os
from flask import Flask

def create_app():
    with open("made", "a") as file:
        file.write(f"{os.getpid()}\\n")
    return Flask("shop")
"""
JOBS = """
note("flask" in sys.modules)

@sched.scheduled_job("interval", seconds=1)
def here():
    from flask import current_app
    note("here", current_app.name, os.getpid())

@sched.scheduled_job("interval", seconds=1, timeout=30)
def in_child():
    from flask import current_app
    note("child", current_app.name, os.getpid())
"""


def test_jobs_run_in_the_app_on_workers_and_in_children(workers: WorkerSite) -> None:
    workers.clock = 'Clock(timezone="UTC", workers=True, app="shop:create_app")'
    workers.write(JOBS)
    (workers.folder / "shop.py").write_text(APP)
    clock, worker = workers.start(), workers.work()
    for kind in ("here", "child"):
        workers.until(lambda kind=kind: sum(kind in one for one in workers.effects()) >= 2)
    assert (workers.stop(worker), workers.stop(clock)) == (0, 0)

    ran = [line.split() for line in workers.effects() if " " in line]
    loaded = [line for line in workers.effects() if " " not in line]
    makers = (workers.folder / "made").read_text().split()
    assert {name for _, name, _ in ran} == {"shop"}
    assert {pid for kind, _, pid in ran if kind == "here"} == {str(worker.pid)}
    # The worker once, each child once, and the clock, which runs nothing, never.
    assert len(makers) == len(set(makers)) and str(clock.pid) not in makers
    assert set(loaded) == {"False"}
