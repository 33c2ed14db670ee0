"""Where the clock and the dashboard go in a file, and where nobody could tell."""

from pathlib import Path

import pytest
from herokuclock.check.findings import Site
from herokuclock.init import app_place, clock_source, mount, planning
from support.heroku_project import write

BLOCKING = "from apscheduler.schedulers.blocking import BlockingScheduler"
MADE = f"{BLOCKING}\nsched = BlockingScheduler()\n"
GUARD = 'if __name__ == "__main__":'
CLOCK = 'from clockdyno import Clock\nsched = Clock(timezone="UTC")\n'
START = f"{GUARD}\n    sched.start()\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\n"
MOUNTED = (
    "from clockdyno.dashboard import dashboard\nfrom flask import Flask\napp = Flask(__name__)\n"
    "app.register_blueprint(dashboard)\n"
)


@pytest.mark.parametrize(
    ("source", "result"),
    [
        (f"{MADE}sched.start()\n", f"{CLOCK}{GUARD}\n    sched.start()\n"),
        (f"{MADE}sched.start()", f"{CLOCK}{GUARD}\n    sched.start()"),
        (f"\ufeff{MADE}\r\nsched.start()", f"\ufeff{CLOCK}\r\n{GUARD}\r\n    sched.start()"),
        (f"{MADE}{GUARD}\n  sched.start()\n", f"{CLOCK}{GUARD}\n  sched.start()\n"),
        (
            f"{MADE}try:\n\tsched.start()\nfinally:\n\tprint('''a\nb''')\n",
            f"{CLOCK}{GUARD}\n\ttry:\n\t\tsched.start()\n\tfinally:\n\t\tprint('''a\nb''')\n",
        ),
        (
            f"{BLOCKING}\nsched: BlockingScheduler = BlockingScheduler()\n{START}",
            'from clockdyno import Clock\nsched: Clock = Clock(timezone="UTC")\n'
            f"{GUARD}\n    sched.start()\n",
        ),
        (
            f"{BLOCKING}\nimport Clock\nsched = BlockingScheduler(timezone='UTC')\nsched.start()\n",
            "from clockdyno import Clock as BlockingScheduler\nimport Clock\n"
            f"sched = BlockingScheduler(timezone='UTC')\n{GUARD}\n    sched.start()\n",
        ),
        (
            f"{MADE}sched.configure(timezone=ZONE)\nsched.start()\n",
            "from clockdyno import Clock\nsched = Clock()\nsched.configure(timezone=ZONE)\n"
            f"{GUARD}\n    sched.start()\n",
        ),
    ],
)
def test_a_blocking_scheduler_becomes_a_clock_and_no_other_byte_changes(
    source: str, result: str
) -> None:
    done = clock_source.convert(source, "clock.py", "UTC", None)
    assert done is not None
    assert (done.text, done.doubts) == (result, [])


@pytest.mark.parametrize(
    "source",
    [
        f"{MADE}x = 1; sched.start()\n",
        f"{MADE}sched.start()\ndef never():\n    pass\n",
        "import apscheduler.schedulers.blocking as b\nsched = b.BlockingScheduler()\nsched.start()",
        "from apscheduler.schedulers.blocking import (BlockingScheduler, Event)\n"
        "sched = BlockingScheduler()\nsched.start()\n",
        f"{MADE}other = BlockingScheduler()\nsched.start()\n",
        f"{MADE}sched.add_jobstore('sqlalchemy', url=URL)\nsched.start()\n",
        f"{BLOCKING}\nsched = BlockingScheduler(jobstores={{'default': {{'type': 'redis'}}}})\n",
        f"{BLOCKING}\nsched = BlockingScheduler(executors={{'x': ProcessPoolExecutor()}})\n",
    ],
)
def test_what_is_not_certain_is_left_to_its_owner(source: str) -> None:
    done = clock_source.convert(source, "clock.py", "UTC", None)
    assert done is not None
    assert done.doubts


@pytest.mark.parametrize(
    ("files", "reference"),
    [
        ({"Procfile": "web: gunicorn app:app\n", "app.py": FLASK}, "app:app"),
        ({"Procfile": "web: gunicorn app\n", "app.py": f"{FLASK}application = app\n"},
         "app:application"),
        ({"Procfile": "web: flask run -h 0.0.0.0 -p $PORT\n", "app.py": FLASK}, "app:app"),
        ({"Procfile": "web: python app.py\n", "app.py": f"{FLASK}{GUARD}\n    app.run()\n"},
         "app:app"),
        ({"Procfile": "clock: python clock.py\n", "site_/__init__.py": FLASK}, "site_:app"),
        ({"wsgi.py": "import site_\napp = site_.app\n", "site_/__init__.py": FLASK,
          "Procfile": "web: gunicorn wsgi:app\n"}, "wsgi:app"),
        # The app, but no way for the clock to have it.
        ({"Procfile": "web: python app.py\n", "app.py": f"{FLASK}app.run()\n"}, None),
        ({"Procfile": "web: gunicorn --chdir src app:app\n", "src/app.py": FLASK}, None),
        ({"Procfile": "web: gunicorn 'app:make(1)'\n",
          "app.py": "import flask\ndef make(x):\n    app = flask.Flask('x')\n    return app\n"},
         None),
    ],
)  # fmt: skip
def test_the_app_is_found_where_the_web_line_leads(
    lonely: Path, files: dict[str, str], reference: str | None
) -> None:
    write(lonely, files)
    place = app_place.find(Site(lonely))
    assert place is not None
    assert place.reference == reference


@pytest.mark.parametrize(
    "files",
    [
        {"Procfile": "web: gunicorn app:app\n", "app.py": "app = make()\n"},
        {"Procfile": "web: gunicorn app:app\n",
         "app.py": f"import dash\n{FLASK.replace('app', 'server')}app = dash.Dash()\n"},
        {"Procfile": "clock: python c.py\n", "one.py": FLASK, "two.py": FLASK},
        {"Procfile": "web: gunicorn app:app\n",
         "app.py": f"{FLASK.replace('app', 'a')}if X:\n    app = a\nelse:\n    app = Flask('b')\n"},
    ],
)  # fmt: skip
def test_an_app_that_could_be_several_is_none(lonely: Path, files: dict[str, str]) -> None:
    write(lonely, files)
    assert app_place.find(Site(lonely)) is None


@pytest.mark.parametrize(
    ("source", "result"),
    [
        (FLASK, MOUNTED),
        (FLASK.removesuffix("\n"), MOUNTED.removesuffix("\n")),
        (FLASK.replace("\n", "\r\n"), MOUNTED.replace("\n", "\r\n")),
        (f"#!python\n# \u00e9\n{FLASK}x = 1\n", f"#!python\n# \u00e9\n{MOUNTED}x = 1\n"),
        (
            f"{FLASK}def f():\n    dashboard = 1\n",
            MOUNTED.replace("import dashboard", "import dashboard as clock_dashboard").replace(
                "(dashboard)", "(clock_dashboard)"
            )
            + "def f():\n    dashboard = 1\n",
        ),
    ],
)
def test_the_dashboard_is_an_import_and_a_line(lonely: Path, source: str, result: str) -> None:
    write(lonely, {"Procfile": "web: gunicorn app:app\n", "app.py": FLASK})
    (lonely / "app.py").write_bytes(source.encode())
    place = app_place.find(Site(lonely))
    assert place is not None
    assert mount.mounted(source, place) == result


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("@app.get('/clock')\ndef clock():\n    return 'x'\n", 'url_prefix="/runs"'),
        ("from flask import Blueprint\nb = Blueprint('clock', __name__)\n", 'name="runs"'),
        ("from flask_wtf import CSRFProtect\ncsrf = CSRFProtect(app)\n", "csrf.exempt(dashboard)"),
    ],
)
def test_what_would_be_in_the_dashboards_way_is_told(lonely: Path, more: str, line: str) -> None:
    write(lonely, {"Procfile": "web: gunicorn app:app\n", "app.py": FLASK + more})
    told = [line for paste in planning.make(lonely, None).pastes for line in paste.lines]
    assert line in "\n".join(told)
