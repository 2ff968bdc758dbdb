"""Azure OpenAI: the OpenAI API under a resource's own address, its models behind deployments with names of their own.

Wire facts: providers.md section 2, "Azure". Two ways lead to every operation: /openai/v1/{operation}, the deployment in
the body as the model, and the classic /openai/deployments/{deployment}/{operation}?api-version=.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from tests.fakes.openai_models import SHUTDOWNS
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.wire import Json, Request

CURRENT = "/openai/v1/"
CLASSIC = re.compile(r"/openai/deployments/([^/]+)/(.+)")
BAD_KEY = (
    "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
    "active subscription and use a correct regional API endpoint for your resource."
)
NO_DEPLOYMENT = (
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, "
    "please wait a moment and try again."
)


class AzureServer(OpenAIServer):
    """`openai.OpenAI(base_url=server.base_url)` and `openai.AzureOpenAI(azure_endpoint=server.origin)` talk to it.

    `deployments` names the model behind each; without it every model has a deployment of its own name.
    """

    def __init__(
        self,
        *,
        api_key: str = "azure-fake-key",
        latency_s: float = 0.0,
        deployments: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(api_key=api_key, latency_s=latency_s)
        self.batches.is_offered = False  # Azure's have an address and a shape of their own
        self.deployments = {model: model for model in SHUTDOWNS} if deployments is None else dict(deployments)

    @property
    def base_url(self) -> str:
        """What AZURE_OPENAI_BASE_URL is set to; the classic way starts from `origin`."""
        return f"{self.origin}/openai/v1"

    def error_body(self, status: int, message: str, param: str | None = None, code: str | None = None) -> Json:
        return super().error_body(status, message, param, code or str(status))

    def resolve(self, request: Request) -> tuple[str, Json]:
        url = urlsplit(request.path)
        if url.path == "/openai/models" and "api-version" in parse_qs(url.query):
            return "models", {}
        classic = CLASSIC.fullmatch(url.path)
        if classic is None:
            is_ours = url.path.startswith(CURRENT)
            operation = url.path.removeprefix(CURRENT) if is_ours else ""
            return operation, self._with_model(request, request.body.get("model")) if request.body else {}
        if "api-version" not in parse_qs(url.query):
            raise self.refuse(404, "Resource not found")
        deployment, operation = classic.groups()
        return operation, self._with_model(request, deployment)

    def check_key(self, request: Request) -> None:
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if request.headers.get("api-key", bearer if scheme == "Bearer" else "") != self.api_key:
            raise self.refuse(401, BAD_KEY)

    def _with_model(self, request: Request, deployment: object) -> Json:
        """The body with the model behind the deployment; the key is checked first, as Azure's gateway does."""
        self.check_key(request)
        if deployment not in self.deployments:
            raise self.refuse(404, NO_DEPLOYMENT, code="DeploymentNotFound")
        return request.body | {"model": self.deployments[str(deployment)]}
