"""The tables, the migrations that lead to them, and databases of other versions."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from pipeline.errors import FileAccessError
from pipeline.store.history import migrating
from pipeline.store.history.schema import bring_up_to_date
from pipeline.store.history.tables import METADATA, VERSION, VERSIONS, version
from tests.unit.store.history.support import Desk, one_run_of_a_later_version, together

NEXT_STEP = '''
"""A step of the next version."""
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.add_column("runs", sa.Column("weather", sa.Text))
'''


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database(request, tmp_path):
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'history.sqlite'}")
    else:
        engine = create_engine(request.getfixturevalue("postgres_url").replace("postgresql", "postgresql+psycopg"))
    yield engine
    engine.dispose()


def test_the_migrations_lead_to_the_tables(empty_database):
    with empty_database.connect() as connection:
        migrating.migrate(connection)
        context = MigrationContext.configure(connection, opts={"version_table": version.name})
        assert compare_metadata(context, METADATA) == []


def test_tables_made_at_once_are_those_the_migrations_lead_to(tmp_path):
    def made(name, work):
        engine = create_engine(f"sqlite:///{tmp_path / name}")
        with engine.connect() as connection:
            work(connection)
            connection.commit()
        engine.dispose()
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            found = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        return [(kind, name, " ".join((sql or "").split()).replace(", )", " )")) for kind, name, sql in found]

    assert made("steps.sqlite", migrating.migrate) == made("once.sqlite", lambda made: bring_up_to_date(made, "once"))


def test_the_versions_are_those_of_the_migrations_in_their_order():
    config = Config()
    config.set_main_option("script_location", str(migrating.FOLDER))
    steps = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(step.revision for step in reversed(steps)) == VERSIONS
    assert VERSIONS[-1] == VERSION


def test_alembic_is_imported_only_where_a_migration_is_due(tmp_path):
    script = (
        "import sys; from pathlib import Path; from pipeline.store.history import *;"
        "history = open_history(None, Path(sys.argv[1]), now=lambda: None, warn=print); history.save;"
        "from pipeline.store.history.tables import METADATA;"
        "history._database.write(lambda connection: None); history.close();"
        "print([name for name in sys.modules if name.split('.')[0] in ('alembic', 'mako', 'psycopg')])"
    )
    ended = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
    assert (tmp_path / "history.sqlite").exists()


def test_processes_that_find_an_older_history_at_once_migrate_it_once(tmp_path):
    migrations = tmp_path / "100% migrations"
    shutil.copytree(migrating.FOLDER, migrations)
    (migrations / "versions" / "v0002_weather.py").write_text(NEXT_STEP)
    data = tmp_path / "data"
    with Desk(data) as desk:
        desk.begin_run("earlier")
    together(one_run_of_a_later_version, data, migrations)
    with closing(sqlite3.connect(data / "history.sqlite")) as connection:
        assert connection.execute("SELECT version_num FROM history_version").fetchall() == [("0002",)]
        assert connection.execute("SELECT count(weather), count(*) FROM runs").fetchall() == [(0, 5)]
    assert [path.name for path in data.iterdir()] == ["history.sqlite"]


def test_a_history_of_a_later_version_is_left_alone(tmp_path):
    file = tmp_path / "history.sqlite"
    with Desk(tmp_path) as desk:
        desk.begin_run()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE history_version SET version_num = '0007'")
        connection.commit()
    for deed in ("runs", "begin_run"):
        with Desk(tmp_path) as desk, pytest.raises(FileAccessError) as caught:
            desk.history.runs() if deed == "runs" else desk.begin_run("other")
        assert str(caught.value) == (
            f"{file}: the history was written by a later version of this program (0007); update this one, or name"
            " another place in history.url"
        )
