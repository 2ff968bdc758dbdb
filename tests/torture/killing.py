"""One deck, its runs killed again and again and begun anew by the same command, until it is done."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.fakes import AnthropicServer, OpenAIServer
from tests.torture.calls import Watch
from tests.torture.decks import with_own_subject
from tests.torture.program import Ended, Place, Program, addresses
from tests.torture.timeline import Life, Moment, Phase
from tests.torture.watching import Observer

LOOK_S = 0.002
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is run, and the seconds a call takes. The deck's ballast makes saving it take a while too."""

    slides: int
    workers: int
    prompt_s: float
    image_s: float
    ballast_bytes: int = 40_000_000

    @property
    def config(self) -> str:
        return f"workers: {{image_workers: {self.workers}, prompt_delay_s: 0, image_delay_s: 0}}\n"

    @property
    def at_once(self) -> dict[str, int]:
        """Calls of each kind that are under way together at most."""
        return {"image": self.workers, "prompt": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """One kill: when, and what the run was found to be at. `elapsed_s` is how long it had lived."""

    at_s: float
    elapsed_s: float
    phase: Phase
    moment: Moment


class Victim:
    """One deck in a place of its own, with servers of its own, which are open while the block lasts."""

    def __init__(self, place: Place, load: Load) -> None:
        self.place = place
        self.load = load
        self.kills: list[Kill] = []
        self.processes = 0
        self._prompts = AnthropicServer(latency_s=load.prompt_s)
        self._prompts.faults.always(with_own_subject)
        self._images = OpenAIServer(latency_s=load.image_s)
        self.watch = Watch(self._prompts, self._images)

    def __enter__(self) -> Victim:
        self._prompts.start()
        self._images.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._prompts.stop()
        self._images.stop()

    def is_steady(self) -> bool:
        """True where the servers give the same answer to the same request."""
        return all(
            server.answer(request).json()[content] == server.answer(request).json()[content]
            for server, content in ((self._prompts, "content"), (self._images, "data"))
            for request in server.requests
        )

    def run(self, output: str = "out.pptx") -> Ended:
        """One run to its end, undisturbed."""
        self.processes += 1
        return Program(self.place, self._addresses, output=output).ended(PATIENCE_S)

    def lived(self) -> Life:
        """One run to its end, undisturbed, with what happened when."""
        program, observer = self._begun()
        while program.process.poll() is None and observer.delivered_s is None:
            observer.look()
            time.sleep(LOOK_S)
        ended = program.ended(PATIENCE_S)
        if ended.code or observer.delivered_s is None:
            raise SystemExit(f"the undisturbed run ended with code {ended.code}: {ended.err}")
        calls = self.watch.calls()
        saving_s = observer.saving_s or observer.delivered_s  # too short to be seen on a busy machine
        return Life(
            calls=tuple(call.begun_s - program.started for call in calls),
            last_prompt=max(call.answered_s for call in calls if call.kind == "prompt") - program.started,
            last_answer=max(call.answered_s for call in calls) - program.started,
            saving=saving_s - program.started,
            delivered=observer.delivered_s - program.started,
            exited=ended.seconds,
        )

    def killed(self, moment: Moment, life: Life) -> Ended | None:
        """One run, killed at `moment`: None. Where it ended before, what became of it."""
        program, observer = self._begun()
        while program.process.poll() is None and program.elapsed_s < PATIENCE_S:
            observer.look()
            due_s = observer.due_s(moment, life, program.started)
            if due_s is not None and time.monotonic() >= due_s:
                break
            time.sleep(LOOK_S)
        at_s = time.monotonic()
        program.kill()
        ended = program.ended(PATIENCE_S)
        if ended.code >= 0:
            return ended
        phase = observer.phase(life, program.started, at_s)
        self.kills.append(Kill(at_s=at_s, elapsed_s=at_s - program.started, phase=phase, moment=moment))
        return None

    def _begun(self) -> tuple[Program, Observer]:
        self.processes += 1
        observer = Observer(self.place, self.watch, self.load.slides)
        return Program(self.place, self._addresses), observer

    @property
    def _addresses(self) -> dict[str, str]:
        return addresses(self._prompts, self._images)
