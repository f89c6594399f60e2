"""How the official OpenAI client is made and probed, for the model and the voice alike."""

from __future__ import annotations

from typing import Any, Final

from voxelle.providers.remote import RemoteServer, api_root

_NO_LIST: Final = frozenset({403, 404, 405, 501})
"""Servers without a list of models, and keys that may chat but not look around: they do answer."""


def make_client(sdk: Any, server: RemoteServer, key: str, http: Any) -> Any:
    """Make an `AsyncOpenAI` that retries nothing by itself and takes nothing from the environment."""
    without = {"OpenAI-Organization": sdk.Omit(), "OpenAI-Project": sdk.Omit()}
    if not key:
        # The client insists on a key; what is sent is ours to decide.
        http.event_hooks = {"request": [_leave_key_out]}
    return sdk.AsyncOpenAI(
        api_key=key or "none",
        base_url=api_root(server.base_url),
        default_headers=without,
        http_client=http,
        max_retries=0,
    )


async def _leave_key_out(request: Any) -> None:
    request.headers.pop("Authorization", None)


async def probe_models(client: Any) -> None:
    """Ask for `/v1/models`; a server that has no such list is alive as well."""
    from openai import APIStatusError

    try:
        await client.models.list()
    except APIStatusError as error:
        if error.status_code not in _NO_LIST:
            raise
