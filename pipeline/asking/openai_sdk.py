"""OpenAI's SDK as it is used for pictures and for prompts, by OpenAI and by all who copy its API."""

from __future__ import annotations

import openai

from pipeline.asking.headers import headers_of
from pipeline.asking.tls import tls_context
from pipeline.config.credentials import Access

# The SDK does not start without a key; what is sent is said by `headers_for`.
_NO_KEY = "none"
# The one service whose account OPENAI_ORG_ID and OPENAI_PROJECT_ID are about; the SDK would tell them to all.
_OPENAI = "openai"
_ITS_ACCOUNT = ("OpenAI-Organization", "OpenAI-Project")


def client_for(access: Access) -> openai.OpenAI:
    """A client that tries nothing again and follows no redirect: a key in a header of its own would go along.

    Raises CredentialsError where nothing says where the service is.
    """
    return openai.OpenAI(
        api_key=access.key.get_secret_value() if access.key else _NO_KEY,
        base_url=access.address,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(verify=tls_context(), follow_redirects=False),
    )


def headers_for(access: Access) -> dict[str, str | openai.Omit]:
    """The `extra_headers` of every call: the service's own and the key in place of what the SDK would send.

    Given with the call, they also win over OPENAI_CUSTOM_HEADERS.
    """
    account = () if access.service.service == _OPENAI else _ITS_ACCOUNT
    return {**dict.fromkeys(("Authorization", *account), openai.Omit()), **headers_of(access)}
