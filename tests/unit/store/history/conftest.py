"""A history of a test's own, in a file; and a PostgreSQL server on loopback for those that need one."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import create_engine, text

from tests.unit.store.history.support import Desk

PASSWORD = "s3cret: of/the@server%"
_SUPERUSER = "historian"
_NOBODY_RUNS_IT_AS_ROOT = "postgres"


@pytest.fixture
def desk(tmp_path):
    with Desk(tmp_path) as desk:
        yield desk


@pytest.fixture(scope="session")
def postgres_server():
    """The address of a server, without a database's name."""
    programs = _programs()
    if programs is None:
        missing = "PostgreSQL is not installed: apt-get install postgresql"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    # Where pytest keeps its folders nobody else may look, and the server does not run as root.
    folder = Path(tempfile.mkdtemp(prefix="history-postgres-"))
    user = _NOBODY_RUNS_IT_AS_ROOT if os.geteuid() == 0 else None
    try:
        yield from _served(programs, folder, user)
    finally:
        shutil.rmtree(folder)


def _programs():
    """The folder with initdb and postgres; Debian keeps them off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = found[-1] if found else shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _served(programs, folder, user):
    password_file = folder / "password"
    password_file.write_text(PASSWORD)
    for path in (folder, password_file):
        if user:
            shutil.chown(path, user)
    data = folder / "data"
    made = [programs / "initdb", "-D", data, "-U", _SUPERUSER, "--pwfile", password_file, "-A", "scram-sha-256"]
    subprocess.run([*made, "--no-sync", "-E", "UTF8", "--locale=C"], user=user, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    # A server may ask for more isolation than a sum under a lock can live with.
    set_so = ["-c", "default_transaction_isolation=serializable", "-c", "fsync=off"]
    command = [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", "", *set_so]
    with subprocess.Popen(command, user=user, stderr=subprocess.PIPE, text=True) as server:
        try:
            for line in server.stderr:
                if "ready to accept connections" in line:
                    break
            yield f"postgresql://{_SUPERUSER}:{quote(PASSWORD, safe='')}@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # the fast shutdown, which waits for no client
            server.stderr.read()


@pytest.fixture
def administrator(postgres_server):
    """Runs a statement on the server itself."""
    url = f"{postgres_server.replace('postgresql', 'postgresql+psycopg')}/postgres"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def run(statement):
        with engine.connect() as connection:
            return connection.execute(text(statement))

    yield run
    engine.dispose()


@pytest.fixture
def postgres_url(postgres_server, administrator):
    """The address of an empty database."""
    administrator("DROP DATABASE IF EXISTS history WITH (FORCE)")
    administrator("CREATE DATABASE history")
    return f"{postgres_server}/history"
