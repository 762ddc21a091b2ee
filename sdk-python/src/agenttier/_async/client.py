"""The client: sandboxes of a cluster."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from agenttier import _paths
from agenttier._async.sandbox import AsyncSandbox
from agenttier._async.transport import AsyncTransport
from agenttier._auth import Auth, find_access
from agenttier._errors import APIError, NotFoundError
from agenttier._models import CurrentUser, SandboxSummary, Template
from agenttier._requests import sandbox_object
from agenttier._retry import RetryConfig
from agenttier._small_file import read_small

_PAGE = "500"
_NAMESPACED = "SandboxTemplate"
_CLUSTER = "ClusterSandboxTemplate"


class AsyncAgentTierClient:
    """Sandboxes of one cluster under one identity: ``auth``, else the kubeconfig, else the pod's own account.

    :param api_url: address of kube-apiserver, instead of the one of the kubeconfig
    :param timeout: seconds that each step of a call may take (connecting, a piece of an answer)
    :param verify: False trusts any server; a path names a PEM file with the authorities to trust
    :param retry: repeating of calls, none by default; streams and transfers go on by themselves anyway
    :param kubeconfig: file, by default those of ``KUBECONFIG``, else ``~/.kube/config``
    :param context: of the kubeconfig, by default its current one
    :param namespace: where sandboxes are unless a call says otherwise; by default that of the context
    :param transport: takes the place of the network, for tests
    """

    def __init__(
        self,
        api_url: str | None = None,
        auth: Auth | None = None,
        timeout: float = 30.0,
        verify: bool | str | os.PathLike[str] = True,
        retry: RetryConfig | None = None,
        kubeconfig: str | os.PathLike[str] | None = None,
        context: str | None = None,
        namespace: str | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        access = find_access(api_url, auth, kubeconfig, context)
        if verify is False:
            access = dataclasses.replace(access, verify=False, authority=b"")
        elif verify is not True:
            access = dataclasses.replace(access, verify=True, authority=read_small(Path(verify), "verify"))
        self.namespace = _paths.checked_label("namespace", namespace or access.namespace)
        self._transport = AsyncTransport(access, timeout=timeout, retry=retry, transport=transport)

    async def __aenter__(self) -> AsyncAgentTierClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._transport.aclose()

    async def create_sandbox(
        self,
        template: str | None = None,
        name: str | None = None,
        namespace: str | None = None,
        timeout: str | None = None,
        idle_timeout: str | None = None,
        storage_size: str | None = None,
        *,
        image: str | None = None,
        mode: str | None = None,
        ephemeral: bool | None = None,
        env: Mapping[str, str] | None = None,
        resources: Mapping[str, Mapping[str, str]] | None = None,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> AsyncSandbox:
        """Makes a sandbox and returns at once; ``wait_until_running`` waits for it.

        :param template: a SandboxTemplate of the namespace, else a ClusterSandboxTemplate
        :param name: by default one that the server chooses
        :param mode: ``agent`` for one that is configured and invoked; by default that of the template, else ``code``
        :param timeout: run time after which it stops, as in Go: ``8h``, ``1h30m``, ``0`` for none; also ``idle_timeout``
        :param storage_size: of the workspace, such as ``20Gi``
        :param resources: ``{"requests": {"cpu": "500m"}, "limits": {"memory": "1Gi"}}``
        """
        where = namespace or self.namespace
        kind = await self._template_kind(template, where) if template is not None else ""
        sandbox = sandbox_object(
            namespace=where,
            name=name,
            template=template,
            template_kind=kind,
            image=image,
            mode=mode,
            timeout=timeout,
            idle_timeout=idle_timeout,
            storage_size=storage_size,
            ephemeral=ephemeral,
            env=env,
            resources=resources,
            labels=labels,
            annotations=annotations,
        )
        query = {"fieldManager": "agenttier-sdk", "fieldValidation": "Strict"}
        made = await self._transport.json("POST", _paths.sandboxes(where), query=query, body=sandbox)
        return AsyncSandbox(self._transport, SandboxSummary.from_object(made))

    async def get_sandbox(self, name: str, namespace: str | None = None) -> AsyncSandbox:
        """One that exists."""
        found = await self._transport.json("GET", _paths.sandbox(namespace or self.namespace, name))
        return AsyncSandbox(self._transport, SandboxSummary.from_object(found))

    async def list_sandboxes(self, namespace: str | None = None, *, label_selector: str = "") -> list[SandboxSummary]:
        """Those of a namespace; ``label_selector`` is Kubernetes' own, such as ``team=a``."""
        path = _paths.sandboxes(namespace or self.namespace)
        return [SandboxSummary.from_object(item) for item in await self._list(path, label_selector)]

    async def list_templates(self, namespace: str | None = None) -> list[Template]:
        """Those of a namespace, then those of the cluster."""
        own = await self._list(_paths.templates(namespace or self.namespace))
        shared = await self._list(_paths.cluster_templates())
        return [Template.from_object(item, _NAMESPACED) for item in own] + [
            Template.from_object(item, _CLUSTER) for item in shared
        ]

    async def get_template(self, name: str, namespace: str | None = None) -> Template:
        """The one that ``create_sandbox`` would take."""
        where = namespace or self.namespace
        return Template.from_object(*await self._template(name, where))

    async def current_user(self) -> CurrentUser:
        """Who we are for Kubernetes."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = await self._transport.json("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=review)
        return CurrentUser.model_validate((answer.get("status") or {}).get("userInfo") or {})

    async def _template_kind(self, name: str, namespace: str) -> str:
        _, kind = await self._template(name, namespace)
        return kind

    async def _template(self, name: str, namespace: str) -> tuple[dict[str, Any], str]:
        checked = _paths.checked_subdomain("template", name)
        try:
            return await self._transport.json("GET", f"{_paths.templates(namespace)}/{checked}"), _NAMESPACED
        except NotFoundError:
            pass
        try:
            return await self._transport.json("GET", f"{_paths.cluster_templates()}/{checked}"), _CLUSTER
        except NotFoundError as e:
            raise NotFoundError(
                f"template {name!r} not found: there is no SandboxTemplate of that name in namespace {namespace!r} "
                "and no ClusterSandboxTemplate",
                status_code=404,
                body=e.body,
                reason=e.reason,
            ) from e

    async def _list(self, path: str, label_selector: str = "") -> list[dict[str, Any]]:
        """All pages; from the beginning when the server has forgotten where we were."""
        items: list[dict[str, Any]] = []
        resume = ""
        while True:
            query = {"limit": _PAGE}
            if label_selector:
                query["labelSelector"] = label_selector
            if resume:
                query["continue"] = resume
            try:
                page = await self._transport.json("GET", path, query=query)
            except APIError as e:
                if e.status_code != 410 or not resume:
                    raise
                items, resume = [], ""
                continue
            items += page.get("items") or ()
            resume = (page.get("metadata") or {}).get("continue") or ""
            if not resume:
                return items
