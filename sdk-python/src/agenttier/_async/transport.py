"""Calls to kube-apiserver: identity, TLS, limits, errors, repetition."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx

from agenttier._answers import MAX_BODY, refusal
from agenttier._auth import Access
from agenttier._credentials import ClientCertificate, Credential
from agenttier._errors import AgentTierError, APIError, UnreachableError
from agenttier._retry import RetryConfig
from agenttier._server import checked_server, with_query
from agenttier._tls import tls_context
from agenttier._waits import async_sleep, in_thread

MAX_DOCUMENT = 64 * 1024 * 1024
"""Bytes of one JSON answer."""

_JSON = "application/json"
_LIMITS = httpx.Limits(max_connections=256, max_keepalive_connections=32, keepalive_expiry=30.0)
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.ProxyError)


class _AsyncLane:
    """Connections of one client certificate, and how many calls use them."""

    def __init__(self, client: httpx.AsyncClient, certificate: ClientCertificate | None) -> None:
        self.client = client
        self.certificate = certificate
        self.users = 0


class AsyncTransport:
    """Connections to one cluster under one identity."""

    def __init__(
        self,
        access: Access,
        *,
        timeout: float,
        retry: RetryConfig | None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._access = access
        self._server = checked_server(access.server)
        self._timeout = timeout
        self.retry = retry
        self._transport = transport
        self._lock = threading.Lock()
        self._lane: _AsyncLane | None = None
        self._is_closed = False

    @property
    def namespace(self) -> str:
        """The namespace that is meant where none is named."""
        return self._access.namespace

    async def aclose(self) -> None:
        with self._lock:
            self._is_closed = True
            lane, self._lane = self._lane, None
        if lane is not None:
            await lane.client.aclose()

    async def json(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: object = None,
        content: bytes | None = None,
        silence: float | None = None,
    ) -> dict[str, Any]:
        """The JSON object that answers the call; an empty one if there is none.

        :param body: sent as JSON; or ``content``, sent as it is
        :param silence: seconds without a byte after which the connection counts as broken
        """
        tries = 0
        while True:
            call = self.stream(method, path, query=query, accept=_JSON, body=body, content=content, silence=silence)
            try:
                return await _document(call, f"{method} {path}")
            except (APIError, UnreachableError) as e:
                wait = None if self.retry is None else self.retry.wait(method, tries, e)
                if wait is None:
                    raise
                tries += 1
            await async_sleep(wait)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        accept: str,
        body: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        silence: float | None = None,
        allowed: frozenset[int] = frozenset(),
    ) -> AsyncIterator[httpx.Response]:
        """An answer whose body is read as it comes.

        :param silence: seconds without a byte after which the connection counts as broken
        :param allowed: refusals that are answers here
        :raises UnreachableError: also while the body is read
        :raises APIError: another status than 2xx and ``allowed``
        """
        sent = {"Accept": accept, "Accept-Encoding": "identity", **(headers or {})}
        if content is not None:
            sent.setdefault("Content-Type", "application/octet-stream")
        may_refresh = True
        while True:
            lane, credential = await in_thread(self._enter)
            try:
                request = lane.client.build_request(
                    method,
                    self._server + with_query(path, query or {}),
                    headers=[*sent.items(), *credential.headers, *self._access.impersonation],
                    json=body,
                    content=content,
                    timeout=httpx.Timeout(self._timeout, read=self._timeout if silence is None else silence),
                    extensions={"sni_hostname": self._access.tls_server_name} if self._access.tls_server_name else {},
                )
                response = await lane.client.send(request, stream=True)
                try:
                    refresh = response.status_code == 401 and may_refresh
                    if not refresh or not await in_thread(lambda c=credential: self._access.credentials.refused(c)):  # type: ignore[misc]
                        if not response.is_success and response.status_code not in allowed:
                            raise refusal(response.status_code, response.headers, await _beginning(response))
                        yield response
                        return
                    may_refresh = False
                finally:
                    await response.aclose()
            except httpx.HTTPError as e:
                raise _unreachable(self._server, e) from e
            finally:
                await self._leave(lane)

    def _enter(self) -> tuple[_AsyncLane, Credential]:
        """The lane of the present credential. Blocks on files and programs."""
        credential = self._access.credentials.current()
        with self._lock:
            if self._is_closed:
                raise AgentTierError("the client is closed")
            if self._lane is None or self._lane.certificate != credential.certificate:
                self._lane = _AsyncLane(self._connect(credential), credential.certificate)
            self._lane.users += 1
            return self._lane, credential

    async def _leave(self, lane: _AsyncLane) -> None:
        """The last user of a lane whose certificate was replaced closes it."""
        with self._lock:
            lane.users -= 1
            is_over = lane.users == 0 and lane is not self._lane
        if is_over:
            await lane.client.aclose()

    def _connect(self, credential: Credential) -> httpx.AsyncClient:
        if self._transport is not None:
            return httpx.AsyncClient(transport=self._transport, timeout=self._timeout)
        return httpx.AsyncClient(
            verify=tls_context(self._access, credential.certificate),
            proxy=self._access.proxy or None,
            timeout=self._timeout,
            limits=_LIMITS,
        )


async def _document(call: AbstractAsyncContextManager[httpx.Response], what: str) -> dict[str, Any]:
    document = bytearray()
    async with call as response:
        async for piece in response.aiter_bytes():
            document += piece
            if len(document) > MAX_DOCUMENT:
                raise AgentTierError(f"the answer to {what} has more than {MAX_DOCUMENT} bytes")
    if not document:
        return {}
    try:
        answer = json.loads(document)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise APIError(
            f"the answer to {what} is no JSON object",
            status_code=response.status_code,
            body=document[:MAX_BODY].decode("utf-8", "replace"),
        )
    return answer


async def _beginning(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) >= MAX_BODY:
            break
    return bytes(body[:MAX_BODY])


def _unreachable(server: str, error: httpx.HTTPError) -> UnreachableError:
    was_sent = not isinstance(error, _NOT_SENT)
    text = str(error) or type(error).__name__
    what = "the connection broke" if was_sent else "cannot connect"
    return UnreachableError(f"{what} ({server}): {text}", was_sent=was_sent)
