"""The real `openai` SDK talks to Azure on loopback, both ways there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from tests.fakes import AzureServer, azure_faults
from tests.fakes.answers import bytes_of, opened
from tests.fakes.faults import Fault

VERSION = "2026-06-01"


@pytest.fixture(scope="module")
def running() -> Iterator[AzureServer]:
    with AzureServer(deployments={"pictures": "gpt-image-2.6-flare", "words": "gpt-6.2-sol"}) as server:
        yield server


@pytest.fixture
def server(running: AzureServer) -> AzureServer:
    running.faults.clear()
    return running


@pytest.fixture(params=["v1", "classic"])
def client(request: pytest.FixtureRequest, server: AzureServer, http: httpx2.Client) -> openai.OpenAI:
    common: dict[str, Any] = {"api_key": server.api_key, "max_retries": 0, "timeout": 5, "http_client": http}
    if request.param == "v1":
        return openai.OpenAI(base_url=server.base_url, **common)
    return openai.AzureOpenAI(azure_endpoint=server.origin, api_version=VERSION, **common)


def test_a_deployment_draws_and_another_writes(client: openai.OpenAI) -> None:
    drawn = client.images.generate(prompt="Sea", model="pictures", size="1536x864")
    assert opened(bytes_of(drawn)).size == (1536, 864)
    written = client.chat.completions.create(model="words", messages=[{"role": "user", "content": "Slide 3"}])
    assert written.choices[0].message.content
    assert written.model == "gpt-6.2-sol"


def test_the_model_is_not_the_deployment(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.images.generate(prompt="Sea", model="gpt-image-2.6-flare")
    assert caught.value.code == "DeploymentNotFound"


def test_a_key_can_be_tried_for_nothing(client: openai.OpenAI) -> None:
    assert "gpt-image-2.6-flare" in [model.id for model in client.models.list()]
    with pytest.raises(openai.AuthenticationError) as caught:
        client.with_options(api_key="wrong").models.list()
    assert caught.value.code == "401"


def test_the_key_can_come_in_the_header_of_the_azure_portal(server: AzureServer, http: httpx2.Client) -> None:
    def draw(path: str, **headers: str) -> int:
        body = {"prompt": "Sea", "model": "pictures"}
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return http.post(f"{server.origin}{path}", json=body, headers=names).status_code

    current, classic = "/openai/v1/images/generations", "/openai/deployments/pictures/images/generations"
    assert draw(current, api_key=server.api_key) == 200
    assert draw(current, api_key="wrong", authorization=f"Bearer {server.api_key}") == 401
    assert draw(f"{classic}?api-version={VERSION}", api_key=server.api_key) == 200
    assert draw(classic, api_key=server.api_key) == 404
    assert draw("/v1/images/generations", api_key=server.api_key) == 404


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (azure_faults.bad_key(), 401, "401"),
        (azure_faults.forbidden(), 403, "AccessDenied"),
        (azure_faults.no_credit(), 429, "insufficient_quota"),
        (azure_faults.rate_limited(2.5), 429, "429"),
        (azure_faults.policy_refusal(), 400, "content_policy_violation"),
        (azure_faults.content_filter(), 400, "contentFilter"),
        (azure_faults.bad_parameter(), 400, "invalid_value"),
        (azure_faults.retired_model(), 404, "DeploymentNotFound"),
        (azure_faults.server_error(), 500, "500"),
    ],
)
def test_an_error_has_its_status_and_code(
    server: AzureServer, client: openai.OpenAI, fault: Fault, status: int, code: str
) -> None:
    server.faults.always(fault)
    with pytest.raises(openai.APIStatusError) as caught:
        client.images.generate(prompt="Sea", model="pictures")
    assert (caught.value.status_code, caught.value.code) == (status, code)


def test_a_rate_limit_names_its_wait(server: AzureServer, client: openai.OpenAI) -> None:
    server.faults.always(azure_faults.rate_limited(2.5))
    with pytest.raises(openai.RateLimitError) as caught:
        client.images.generate(prompt="Sea", model="pictures")
    headers = caught.value.response.headers
    assert (headers["retry-after"], headers["retry-after-ms"]) == ("3", "2500")


@pytest.mark.parametrize("fault", [azure_faults.policy_refusal(), azure_faults.content_filter()])
def test_a_content_filter_says_what_it_found(server: AzureServer, client: openai.OpenAI, fault: Fault) -> None:
    server.faults.always(fault)
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.generate(prompt="Sea", model="pictures")
    body: Any = caught.value.body
    assert body["innererror"]["code"] == "ResponsibleAIPolicyViolation"
    assert body["innererror"]["content_filter_results"]["violence"] == {"filtered": True, "severity": "high"}
