"""A process is alive for others as long as Redis hears of it, and so is what it holds."""

from __future__ import annotations

import pytest
import redis

from pipeline.errors import FileAccessError, UsageError
from pipeline.store.shared.connecting import open_redis
from pipeline.store.shared.presence import Presence
from tests.clocks import ManualClock
from tests.unit.store.shared.servers import PASSWORD

LEASE_S = 5.0


def presence_of(client, name="machine-1", lease_s=LEASE_S, **others):
    presence = Presence(client, lease_s=lease_s, name=name, **others)
    presence.begin()
    return presence


def alive(client):
    return sorted(key.decode().removeprefix("deck-illustrator:alive:") for key in client.keys("*alive*"))


def test_it_is_there_for_a_lease_and_a_beat_renews_it(redis_client):
    presence = presence_of(redis_client)
    assert alive(redis_client) == ["machine-1"]
    redis_client.pexpire("deck-illustrator:alive:machine-1", 100)
    presence.beat()
    assert LEASE_S * 900 < redis_client.pttl("deck-illustrator:alive:machine-1") <= LEASE_S * 1000
    presence.end()
    assert alive(redis_client) == []


def test_what_it_holds_is_alive_with_it_and_no_longer_than_it_is_held(redis_client):
    presence = presence_of(redis_client)
    claim = presence.new_claim()
    with presence.upheld(claim, pytest.fail):
        presence.beat()
        assert alive(redis_client) == ["machine-1", claim]
    redis_client.delete(f"deck-illustrator:alive:{claim}")
    presence.beat()
    assert alive(redis_client) == ["machine-1"]


def test_no_two_claims_are_the_same(redis_client):
    presence = presence_of(redis_client)
    assert len({presence.new_claim() for _ in range(100)}) == 100


def test_it_is_lost_when_redis_has_not_heard_it_for_a_lease(own_redis, caplog):
    caplog.set_level("INFO")
    clock = ManualClock()
    with redis.Redis.from_url(own_redis.url) as client:
        presence = presence_of(client, monotonic=clock.monotonic)
        own_redis.kill()
        clock.advance(LEASE_S)
        presence.beat()
        assert not presence.is_lost
        clock.advance(0.1)
        presence.beat()
        assert presence.is_lost
        own_redis.start()
        presence.beat()
        assert not presence.is_lost
    told = [record.message for record in caplog.records]
    assert len(told) == 3  # the first beat that was not heard, the new server, the first that was heard
    assert PASSWORD not in caplog.text


def test_it_is_lost_before_it_began(redis_client):
    assert Presence(redis_client, lease_s=LEASE_S, name="machine-1").is_lost


def test_a_redis_started_anew_gets_back_what_is_held_and_is_closed_meanwhile(own_redis):
    with redis.Redis.from_url(own_redis.url) as client:
        presence = presence_of(client)
        given = []
        claim = presence.new_claim()
        with presence.upheld(claim, lambda: given.append(claim)):
            presence.beat()
            assert given == []
            own_redis.kill()
            own_redis.start()
            presence.beat()
            assert given == [claim]
            assert alive(client) == ["machine-1", claim]
            assert LEASE_S * 900 < client.pttl("deck-illustrator:settling") <= LEASE_S * 1000
            presence.beat()
            assert given == [claim]


def test_what_could_not_be_put_back_is_at_the_next_beat(own_redis):
    with redis.Redis.from_url(own_redis.url) as client:
        presence = presence_of(client)
        tries = []

        def put_back():
            tries.append(1)
            if len(tries) == 1:
                raise redis.ConnectionError

        with presence.upheld(presence.new_claim(), put_back):
            own_redis.kill()
            own_redis.start()
            for _ in range(3):
                presence.beat()
    assert len(tries) == 2


def test_a_server_that_is_not_there_is_told_without_its_password(own_redis):
    client = open_redis(own_redis.url)
    own_redis.kill()
    with pytest.raises(FileAccessError, match=r"^fleet\.redis_url: .*ConnectionError") as caught:
        Presence(client, lease_s=LEASE_S, name="machine-1").begin()
    client.close()
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("localhost:6379", "not an address"),
        (f"redis://:{PASSWORD}/x@127.0.0.1:1/0", "not an address"),
        (f"redis://:{PASSWORD}@127.0.0.1:1/0", "ConnectionError"),
    ],
)
def test_an_address_where_no_server_is_is_a_usage_error(url, problem):
    with pytest.raises(UsageError, match=rf"^fleet\.redis_url: .*{problem}") as caught:
        open_redis(url)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_password_is_said_without_either(redis_server):
    with pytest.raises(UsageError, match="AuthenticationError") as caught:
        open_redis(redis_server.url.replace(PASSWORD, "another"))
    assert "another" not in str(caught.value)
