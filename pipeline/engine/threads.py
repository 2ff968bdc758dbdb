"""The loops of the producer and of an image worker. They hold no state of the run; they take orders and report."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import replace
from queue import SimpleQueue

from pipeline.engine.channel import Channel, Closed
from pipeline.engine.clock import GRACE_S, Clock, Stopped
from pipeline.engine.messages import Drawn, Finished, Message, ThreadEnded, WriteFailed, WriteOrder, Written
from pipeline.events import current_slide
from pipeline.records import Declined, Prompt

WriteStep = Callable[[WriteOrder], Prompt | Declined]
DrawStep = Callable[[Prompt], Drawn]
Mailbox = SimpleQueue[Message]

log = logging.getLogger(__name__)


def in_background(task: Callable[[], object]) -> None:
    """Do `task` beside what the caller does next; nobody waits for it. For loading what will be needed later."""
    threading.Thread(target=task, name="background", daemon=True).start()


def start_thread(name: str, loop: Callable[[], None], mailbox: Mailbox) -> None:
    """Run `loop` in a thread that tells `mailbox` when it ends, whatever ends it.

    The thread is a daemon: one that hangs in a call is left behind and must not keep the process.
    """

    def body() -> None:
        crash: BaseException | None = None
        try:
            loop()
        except (Closed, Stopped):
            pass  # the orderly end of a loop
        except BaseException as error:  # noqa: BLE001 - the owner is told and ends the run
            crash = error
        finally:
            mailbox.put(ThreadEnded(name=name, crash=crash))

    # As whoever starts it: what it logs belongs to the same run.
    threading.Thread(target=copy_context().run, args=(body,), name=name, daemon=True).start()


def produce(orders: Channel[WriteOrder], prompts: Channel[Prompt], write: WriteStep, mailbox: Mailbox) -> None:
    """Write prompts one after the other and queue each as soon as it is ready. Ends with Closed or Stopped."""
    while True:
        order = orders.get()
        current_slide.set(order.slide_number)
        try:
            answer = write(order)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - one slide's failure is reported, not the thread's end
            log.warning("no prompt: %s", error)
            _report_failure(mailbox, WriteFailed(slide_number=order.slide_number, error=error))
            continue
        if isinstance(answer, Declined):
            log.info("declined: %s", answer.reason)
            mailbox.put(answer)
        else:
            log.info("prompt: %s", answer.text)
            prompt = replace(answer, is_last=bool(order.milder_than))
            mailbox.put(Written(prompt=prompt))
            prompts.put(prompt)


def work(prompts: Channel[Prompt], draw: DrawStep, mailbox: Mailbox, clock: Clock) -> None:
    """Make one picture after the other. Ends with Closed or Stopped."""
    name = threading.current_thread().name
    before: Finished | None = None
    while True:
        prompt = prompts.get()
        current_slide.set(prompt.slide_number)
        started = clock.monotonic()
        result: Drawn | Exception
        try:
            result = draw(prompt)
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - one slide's failure is reported, not the thread's end
            result = error
        finished = Finished(worker=name, busy_s=clock.monotonic() - started, prompt=prompt, result=result)
        if isinstance(result, Drawn):
            log.info("picture after %.1f s and %d calls: %s", finished.busy_s, result.attempts, result.image)
            if before is not None:  # no worker is two pictures ahead of the owner: they wait in memory
                before.heard.wait(GRACE_S)
            mailbox.put(finished)
            before = finished
        else:
            log.warning("no picture after %.1f s: %s", finished.busy_s, result)
            _report_failure(mailbox, finished)


def _report_failure(mailbox: Mailbox, message: WriteFailed | Finished) -> None:
    """Tell the owner and wait for it: after this failure perhaps no other call may begin."""
    mailbox.put(message)
    message.heard.wait(GRACE_S)
