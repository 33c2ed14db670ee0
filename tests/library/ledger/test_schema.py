"""The ledger's tables stand apart from those of the app: its migrations do not see them."""

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from clockdyno import host
from clockdyno.ledger import claims, database, tables
from support import forks
from support.postgres import Postgres
from support.site import Site
from support.workers import WorkerSite

APP = """
import os
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
url = os.environ["DATABASE_URL"]
app.config["SQLALCHEMY_DATABASE_URI"] = url.replace("postgresql:", "postgresql+psycopg:")
db = SQLAlchemy(app)
Migrate(app, db)

class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
"""


def first_migration(site: Site, folder: Path) -> str:
    """Run `flask db migrate` in an app on the same database, and return what it proposes."""
    folder.mkdir()
    (folder / "app.py").write_text(APP)
    for step in ("init", "migrate"):
        done = forks.run(["-m", "flask", "db", step], cwd=folder, env=site.env())
        assert done.returncode == 0, done.stderr
    (script,) = (folder / "migrations" / "versions").glob("*.py")
    return script.read_text()


@pytest.mark.parametrize("kind", ["on_sqlite", "workers"])
def test_the_apps_first_migration_leaves_the_ledger_alone(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    site = request.getfixturevalue(kind)
    assert site.command("setup").returncode == 0

    proposed = first_migration(site, tmp_path / "app")

    upgrade, downgrade = proposed.split("def downgrade")
    assert "create_table('user'" in upgrade and "drop" not in upgrade
    assert "create" not in downgrade


def test_on_sqlite_the_ledger_is_a_file_beside_the_apps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, file in (
        ("sqlite:///app.db", os.path.abspath("app.clock.sqlite3")),
        (f"sqlite:///{tmp_path}/my.app.sqlite3", str(tmp_path / "my.app.clock.sqlite3")),
        ("sqlite:///file:app.db?mode=ro&uri=true", os.path.abspath("app.clock.sqlite3")),
        ("sqlite://", None),
        ("", str(host.ledger_file())),
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        assert database.connect().url.database == file


def test_tables_from_before_the_schema_move_into_it_with_their_rows(on_postgres: Site) -> None:
    engine = on_postgres.engine
    database.set_up(engine)
    clock = claims.Ledger(engine)
    clock.register(paused=False)
    for table in tables.metadata.sorted_tables:
        on_postgres.execute(f"ALTER TABLE clockdyno.{table.name} RENAME TO clock_{table.name}")
        on_postgres.execute(f"ALTER TABLE clockdyno.clock_{table.name} SET SCHEMA public")
    on_postgres.execute("DROP SCHEMA clockdyno")

    for _ in range(2):
        database.set_up(engine)

    assert clock.beat()
    assert not sa.inspect(engine).get_table_names()


def a_role_of(postgres: Postgres, *rights: str) -> sa.URL:
    """Return the address of a new database for a role that has no rights in it but these."""
    url = sa.make_url(postgres.create())
    role = f"role_{url.database}"
    owner = database.connect(url.render_as_string(hide_password=False))
    with owner.begin() as db:
        db.execute(sa.text(f"CREATE ROLE {role} LOGIN PASSWORD 'x'"))
        for right in rights:
            db.execute(sa.text(right.format(role=role, database=url.database)))
    owner.dispose()
    return url.set(username=role, password="x")


def test_a_role_that_may_not_make_a_schema_is_told_what_its_owner_can_do(
    on_postgres: Site, postgres: Postgres
) -> None:
    url = a_role_of(postgres)
    told = on_postgres.command("setup", DATABASE_URL=url.render_as_string(hide_password=False))

    assert told.returncode == 1
    assert f'CREATE SCHEMA clockdyno AUTHORIZATION "{url.username}"' in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    "right",
    [
        "GRANT CREATE ON DATABASE {database} TO {role}",
        "CREATE SCHEMA clockdyno AUTHORIZATION {role}",
    ],
)
def test_a_role_that_may_make_a_schema_or_was_given_it_needs_no_more(
    workers: WorkerSite, postgres: Postgres, right: str
) -> None:
    url = a_role_of(postgres, right).render_as_string(hide_password=False)

    for _ in range(2):
        told = workers.command("setup", DATABASE_URL=url)
        assert (told.returncode, told.stderr) == (0, "")
