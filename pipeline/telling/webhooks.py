"""Messages over HTTP: signed, sent again while that can help, by Standard Webhooks 1.0.0 (standardwebhooks.com)."""

from __future__ import annotations

import random

import httpx2
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from pipeline.asking.hints import retry_after_s
from pipeline.asking.timing import Timing
from pipeline.asking.tls import tls_context
from pipeline.config.settings import Webhook as WebhookSettings
from pipeline.telling.addresses import address_of, shown
from pipeline.telling.messages import Message, UntoldError
from pipeline.telling.signing import Signer, read_signer

MAX_ATTEMPTS = 4
FIRST_WAIT_S = 1.0
# Decks wait for their messages: who wants to be asked again later than this is not.
LONGEST_WAIT_S = 30.0
_GONE, _TOO_MANY = 410, 429


class _FailedError(UntoldError):
    """One attempt failed; `retry_after_s` is the other side's hint, None where it gave none."""

    def __init__(self, why: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class _PassingError(_FailedError):
    """The same may go well later."""


class Webhook:
    """One address, for many threads.

    After a message that could not be delivered the next gets one attempt, until one goes well.
    `is_gone` once the address has answered 410: it is to be left alone for good.
    """

    def __init__(self, url: str, settings: WebhookSettings, timing: Timing, rng: random.Random) -> None:
        """Raises UsageError and FileAccessError for the address and for the file with the key."""
        self._address = address_of("webhook.url", url)
        self._signer: Signer | None = read_signer(settings.secret_file) if settings.secret_file else None
        self._timing = timing
        self._rng = rng
        self._is_reachable = True
        self.is_gone = False
        self._client = httpx2.Client(verify=tls_context(), timeout=settings.timeout_s, follow_redirects=False)

    def send(self, message: Message) -> None:
        """Deliver `message`, with its id each time. Raises UntoldError, once nothing more is tried."""
        retrying = Retrying(
            retry=retry_if_exception_type(_PassingError),
            wait=self._wait_s,
            stop=self._is_enough,
            sleep=self._timing.sleep,
            reraise=True,
        )
        try:
            retrying(self._attempt, message)
        except _FailedError as error:
            self._is_reachable = False
            raise UntoldError(f"webhook.url: {shown(self._address)}: {error}") from error
        self._is_reachable = True

    def close(self) -> None:
        self._client.close()

    def _attempt(self, message: Message) -> None:
        body = message.body
        try:
            # Nothing of the answer is read but its head: whatever it says, and however long, is no concern of ours.
            with self._client.stream("POST", self._address, content=body, headers=self._headers(message, body)) as told:
                self._judge(told)
        except httpx2.TimeoutException as error:
            raise _PassingError("no answer in time") from error
        except httpx2.HTTPError as error:
            # Its words tell which name or certificate is wrong; those of other errors may quote what was sent.
            reason = str(error) if isinstance(error, httpx2.ConnectError) else type(error).__name__
            raise _PassingError(f"the connection failed: {reason}") from error

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        seconds = int(self._timing.now().timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": "deck-illustrator",
            "webhook-id": message.id,
            "webhook-timestamp": str(seconds),
        }
        if self._signer is not None:
            headers["webhook-signature"] = self._signer.signature(message.id, seconds, body)
        return headers

    def _judge(self, answer: httpx2.Response) -> None:
        """Whether it was taken; the standard's "Delivery success and failure"."""
        status = answer.status_code
        if answer.is_success:
            return
        if status == _GONE:
            self.is_gone = True
            raise _FailedError("it answers 410, that it wants no messages any more; no more are sent to it")
        if status == _TOO_MANY or answer.is_server_error:
            raise _PassingError(f"it answers {status}", retry_after_s=retry_after_s(answer.headers, self._timing.now()))
        if answer.is_redirect:
            raise _FailedError(f"it answers {status}, and redirects are not followed; set the address they lead to")
        raise _FailedError(f"it answers {status}")

    def _wait_s(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _PassingError) and error.retry_after_s is not None:
            return error.retry_after_s
        longest = FIRST_WAIT_S * 2 ** (state.attempt_number - 1)
        return self._rng.uniform(longest / 2, longest)

    def _is_enough(self, state: RetryCallState) -> bool:
        attempts = MAX_ATTEMPTS if self._is_reachable else 1
        return state.attempt_number >= attempts or state.upcoming_sleep > LONGEST_WAIT_S
