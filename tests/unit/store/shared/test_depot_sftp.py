"""A depot on an SFTP server: whole files by rename, connections that break, servers nobody has met."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("paramiko")

from fsspec import get_filesystem_class

from pipeline.errors import FileAccessError
from pipeline.store.shared.depot import Depot, listing
from tests.unit.store.shared.sftp_server import PASSWORD, SftpServer


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with SftpServer() as server:
        known_hosts = Path("~/.ssh/known_hosts").expanduser()
        known_hosts.parent.mkdir(parents=True)
        known_hosts.write_text(server.known_hosts_line())
        yield server
        get_filesystem_class("sftp").clear_instance_cache()


@pytest.fixture
def naps():
    return []


@pytest.fixture
def depot(server, tmp_path, naps):
    return Depot(f"{server.url}{tmp_path}/depot", sleep=naps.append)


def test_what_was_put_is_there_until_it_is_deleted(tmp_path, server, depot):
    assert depot.get("pictures/a.png") is None
    depot.put("pictures/a.png", b"old")
    depot.put("pictures/a.png", b"new" * 50_000)
    assert depot.get("pictures/a.png") == b"new" * 50_000
    assert [path.name for path in (tmp_path / "depot" / "pictures").iterdir()] == ["a.png"]
    assert listing(f"{server.url}{tmp_path}/depot", "**/*.png") == [f"{server.url}{tmp_path}/depot/pictures/a.png"]
    depot.delete("pictures/a.png")
    depot.delete("pictures/a.png")
    assert depot.get("pictures/a.png") is None
    assert server.connections == 1


def test_a_connection_that_broke_is_made_anew(server, depot, naps):
    depot.put("a", b"1")
    server.cut()
    assert depot.get("a") == b"1"
    assert len(naps) == 1
    assert server.connections == 2


def test_threads_do_not_hear_each_others_answers(depot):
    together = threading.Barrier(4)

    def work(number):
        together.wait(10)
        for turn in range(3):
            depot.put(f"{number}/{turn}", b"%d" % number * 1000)
            assert depot.get(f"{number}/{turn}") == b"%d" % number * 1000
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4)))


def test_a_server_that_was_never_met_gets_no_password(server, depot, naps):
    Path("~/.ssh/known_hosts").expanduser().write_text("")
    with pytest.raises(FileAccessError, match=r"^sftp://127.*cannot be read \(the server's key is not in .*ssh there"):
        depot.get("a")
    assert naps == []


def test_a_password_that_is_refused_is_told_without_it(server, tmp_path):
    url = server.url.replace(PASSWORD, "another-s3cret") + str(tmp_path)
    with pytest.raises(FileAccessError, match=r"AuthenticationException\); give this machine an account") as caught:
        Depot(url).put("a", b"1")
    assert "s3cret" not in str(caught.value)


def test_a_server_that_is_gone_is_told_after_several_tries(server, depot, naps):
    server.stop()
    with pytest.raises(FileAccessError, match=r"cannot be written \(.*\); look after that place"):
        depot.put("a", b"1")
    assert len(naps) == 4
