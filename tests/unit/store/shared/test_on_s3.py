"""A depot in a bucket: what moto's S3 server keeps, and how s3fs behaves in threads, forks and bad weather."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("s3fs")

from fsspec import get_filesystem_class

from pipeline.errors import FileAccessError
from pipeline.store.shared.depot import Depot, download, listing, upload
from pipeline.store.shared.locks import SharedLocks
from pipeline.store.shared.presence import Presence
from pipeline.store.shared.store import SharedStore
from tests.unit.store.stores import ANSWER, NOW, PNG, digest, image, picture, question


class BadWeather(BaseHTTPRequestHandler):
    """Answers each request as the server's list `answers` says: a status, or None to break off."""

    protocol_version = "HTTP/1.1"  # bodies come only after it said "100 Continue"

    def do_HEAD(self):
        self._answer()

    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def _answer(self):
        status = self.server.answers.pop(0)
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def weather(monkeypatch):
    """What a server at s3:// answers, one after the other."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BadWeather) as server:
        server.answers = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key-id")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret-of-aws")
        get_filesystem_class("s3").clear_instance_cache()
        yield server.answers
        get_filesystem_class("s3").clear_instance_cache()
        server.shutdown()
        thread.join()


def test_what_was_put_is_there_until_it_is_deleted(bucket):
    depot = Depot(f"{bucket}/some/prefix/")
    assert depot.get("pictures/a.png") is None
    depot.delete("pictures/a.png")
    depot.put("pictures/a.png", b"old")
    depot.put("pictures/a.png", b"new")
    assert depot.get("pictures/a.png") == b"new"
    assert listing(bucket, "**") == [f"{bucket}/some/prefix/pictures/a.png"]
    depot.delete("pictures/a.png")
    assert depot.get("pictures/a.png") is None


def test_a_deck_goes_there_and_comes_back_whole(tmp_path, bucket):
    deck, url = tmp_path / "deck.pptx", f"{bucket}/decks/ä deck::v2 #3?.pptx"
    deck.write_bytes(os.urandom(100_000))
    upload(deck, url)
    assert listing(f"{bucket}/decks", "*.pptx") == [url]
    download(url, tmp_path / "back" / "deck.pptx")
    assert (tmp_path / "back" / "deck.pptx").read_bytes() == deck.read_bytes()


def test_a_bucket_that_is_not_there_is_told(tmp_path, bucket):
    nowhere = "s3://no-such-bucket-of-ours"
    with pytest.raises(FileAccessError, match=rf"{nowhere}/a: cannot be written: there is no such place"):
        Depot(nowhere).put("a", b"1")
    assert listing(nowhere, "*.pptx") == []
    assert listing(nowhere, "**/*.pptx") == []
    with pytest.raises(FileAccessError, match="there is no such file"):
        download(f"{nowhere}/deck.pptx", tmp_path / "deck.pptx")


def test_threads_and_forks_use_one_depot(bucket):
    depot = Depot(bucket)

    def work(number):
        depot.put(str(number), b"%d" % number * 10_000)
        return depot.get(str(number)) == b"%d" % number * 10_000

    def threads(first):
        with ThreadPoolExecutor(4) as pool:
            return all(pool.map(work, range(first, first + 8)))

    assert threads(0)
    child = os.fork()
    if child == 0:  # as a worker of Celery's, forked after its parent had used the depot
        os._exit(0 if threads(8) else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert depot.get("15") == b"15" * 10_000
    assert threads(0)


def test_two_homes_pay_once_and_take_nothing_that_is_cut_short(tmp_path, bucket, redis_client):
    def machine(name):
        presence = Presence(redis_client, lease_s=60.0, name=name)
        presence.begin()
        locks = SharedLocks(redis_client, presence)
        return SharedStore(tmp_path / name, owner=name, now=lambda: NOW, depot=Depot(f"{bucket}/paid"), locks=locks)

    ours, theirs = machine("ours"), machine("theirs")
    ours.keep_picture(picture(), image())
    ours.keep_picture(picture(2), image(PNG + b"2"))
    ours.keep_answer(question(), ANSWER)
    ours.keep_receipt(picture(3).key, b"{}")
    Depot(bucket).put(f"paid/pictures/{digest(PNG + b'2')}.png", PNG)
    assert theirs.find_picture(picture()).data == PNG
    assert theirs.find_picture(picture(2)) is None
    assert theirs.find_answer(question()) == ANSWER
    assert theirs.find_receipt(picture(3).key) == b"{}"
    theirs.discard_picture(picture())
    assert machine("third").find_picture(picture()) is None


def test_faults_that_pass_are_tried_again_by_one_layer_alone(weather):
    naps = []
    weather += [503, 500, None, None, 200]  # aiohttp makes a connection that was cut anew, once, before it says so
    Depot("s3://bucket", sleep=naps.append).put("a", b"1")
    assert weather == []
    assert len(naps) == 3


def test_faults_that_do_not_pass_are_told_at_once_and_others_after_five_tries(weather):
    naps = []
    depot = Depot("s3://bucket", sleep=naps.append)
    weather += [403]
    with pytest.raises(FileAccessError, match=r"^s3://bucket/a: cannot be written \(.+\); give this machine"):
        depot.put("a", b"1")
    assert (weather, naps) == ([], [])
    weather += [503] * 6
    with pytest.raises(
        FileAccessError, match=r"^s3://bucket/a: cannot be written \(.+\); look after that place"
    ) as told:
        depot.put("a", b"1")
    assert (weather, len(naps)) == ([503], 4)
    assert "\n" not in str(told.value)
    assert "s3cret" not in str(told.value)


def test_a_machine_without_credentials_is_told_so(weather, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(FileAccessError, match=r"NoCredentialsError\); give this machine an account that may"):
        Depot("s3://bucket").put("a", b"1")
