"""A channel keeps order and bound, and closing it wakes whoever waits."""

from __future__ import annotations

import threading

import pytest

from pipeline.engine.channel import Channel, Closed


def test_first_in_first_out_except_what_is_put_in_front():
    channel = Channel()
    channel.put(1)
    channel.put(2)
    channel.put_first(0)
    assert [channel.get() for _ in range(3)] == [0, 1, 2]


def test_a_full_channel_holds_the_sender_until_there_is_room():
    channel = Channel(1)
    channel.put(1)
    sent = threading.Event()
    sender = threading.Thread(target=lambda: (channel.put(2), sent.set()))
    sender.start()
    assert not sent.wait(0.05)
    assert channel.get() == 1
    assert sent.wait(5)
    sender.join()
    assert channel.get() == 2


@pytest.mark.parametrize("prepare", [lambda c: None, lambda c: c.put(1)], ids=["empty", "full"])
def test_closing_wakes_a_waiting_thread(prepare):
    channel = Channel(1)
    prepare(channel)
    ended = []

    def wait():
        try:
            channel.put(2) if channel._items else channel.get()
        except Closed:
            ended.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    channel.close()
    thread.join(5)
    assert ended == [True]


@pytest.mark.parametrize("use", [lambda c: c.put(1), lambda c: c.put_first(1), lambda c: c.get()])
def test_a_closed_channel_takes_and_gives_nothing(use):
    channel = Channel()
    channel.put(0)
    channel.close()
    with pytest.raises(Closed):
        use(channel)
