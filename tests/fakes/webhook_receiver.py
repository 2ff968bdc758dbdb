"""Who is told: a receiver of Standard Webhooks that checks each message with that standard's own library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.fakes.faults import Fault
from tests.fakes.http_server import FakeService
from tests.fakes.wire import Json, Reply, Request

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"


class WebhookReceiver(FakeService):
    """Takes what is signed with `secret` and answers 204, refuses the rest with 401. `secret` None: takes all.

    `messages` are those it took, by id; one that comes again is the same one.
    """

    def __init__(self, *, secret: str | None = SECRET) -> None:
        super().__init__(api_key="")
        self.messages: dict[str, Any] = {}
        self._webhook = Webhook(secret) if secret else None
        self._raw: dict[int, bytes] = {}

    @property
    def url(self) -> str:
        return f"{self.origin}/hooks/tell?token=hush-token"

    def taken(self, path: str, headers: Mapping[str, str], raw: bytes) -> Request:
        request = super().taken(path, headers, raw)
        self._raw[request.number] = raw
        return request

    def answer(self, request: Request) -> Reply:
        if self._webhook is not None:
            try:
                self._webhook.verify(self._raw[request.number], dict(request.headers))
            except WebhookVerificationError as error:
                return Reply.of_json(self.error_body(401, str(error)), status=401)
        self.messages[request.headers["webhook-id"]] = request.body
        return Reply(status=204)

    def error_body(self, status: int, message: str) -> Json:
        return {"status": status, "error": message}


def refusing(status: int, **headers: str) -> Fault:
    """Takes nothing, and says so."""
    lines = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Reply(status=status, headers=lines)
