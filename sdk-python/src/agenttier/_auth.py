"""From arguments, files and environment to one :class:`Access`: the cluster, who we are, and the namespace that is meant."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from agenttier._credentials import (
    ClientCertificate,
    Credential,
    CredentialSource,
    FixedCredential,
    TokenFile,
    basic,
    bearer,
)
from agenttier._entry import Entry
from agenttier._errors import ConfigurationError
from agenttier._exec_plugin import ExecCredential, ExecPlugin
from agenttier._kubeconfig import Kubeconfig, load_kubeconfig
from agenttier._small_file import read_small

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet mounts the account of a pod."""


@dataclass(frozen=True)
class Access:
    """All that a call needs to know.

    ``authority`` is PEM, empty for the authorities that the system trusts; ``verify`` False trusts anyone.
    ``impersonation`` are header fields.
    """

    server: str
    credentials: CredentialSource
    namespace: str = "default"
    authority: bytes = b""
    verify: bool = True
    tls_server_name: str = ""
    proxy: str = ""
    impersonation: tuple[tuple[str, str], ...] = ()


class Auth(Protocol):
    """A way to find the cluster and to prove who we are."""

    def access(self, api_url: str | None) -> Access: ...


class KubeconfigAuth:
    """The identity of a kubeconfig: ``kubeconfig`` is a file, default the list of ``KUBECONFIG``, else ``~/.kube/config``."""

    def __init__(
        self,
        kubeconfig: str | os.PathLike[str] | None = None,
        context: str | None = None,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._named = kubeconfig
        self._context = context or ""

    def load(self) -> Kubeconfig:
        return load_kubeconfig(self._named, self._environment)

    def access(self, api_url: str | None) -> Access:
        config = self.load()
        if config.is_empty:
            raise ConfigurationError("no cluster is configured: set KUBECONFIG, pass kubeconfig=, or pass api_url= and auth=")
        context = config.context(self._context)
        cluster, user = config.cluster_of(context), config.user_of(context)
        server = api_url or cluster.text("server")
        if not server:
            raise ConfigurationError(f"{cluster.what} names no server")
        authority = cluster.data_or_file("certificate-authority")
        is_insecure = cluster.flag("insecure-skip-tls-verify")
        if authority and is_insecure:
            raise ConfigurationError(
                f"{cluster.what}: certificate-authority and insecure-skip-tls-verify exclude each other: remove one"
            )
        return Access(
            server=server,
            credentials=_credentials(user, cluster, self._environment),
            namespace=context.text("namespace") or "default",
            authority=authority,
            verify=not is_insecure,
            tls_server_name=cluster.text("tls-server-name"),
            proxy=cluster.text("proxy-url"),
            impersonation=_impersonation(user),
        )


class InClusterAuth:
    """The account of the pod that we run in."""

    def __init__(self, *, environment: Mapping[str, str] | None = None, account: Path = ACCOUNT) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._account = account

    @property
    def is_here(self) -> bool:
        return bool(self._environment.get("KUBERNETES_SERVICE_HOST")) and (self._account / "token").exists()

    def access(self, api_url: str | None) -> Access:
        if not self.is_here:
            raise ConfigurationError("this is no pod with an account: KUBERNETES_SERVICE_HOST or the mounted token is missing")
        host = self._environment["KUBERNETES_SERVICE_HOST"]
        port = self._environment.get("KUBERNETES_SERVICE_PORT") or "443"
        namespace = self._account / "namespace"
        return Access(
            server=api_url or f"https://{f'[{host}]' if ':' in host else host}:{port}",
            credentials=TokenFile(self._account / "token"),
            namespace=_text(namespace) if namespace.exists() else "default",
            authority=read_small(self._account / "ca.crt", "the pod's account"),
        )


class BearerTokenAuth:
    """A token, for the server of ``api_url`` or of the kubeconfig. ``ca_cert`` is PEM or the path of a PEM file."""

    def __init__(self, token: str, *, ca_cert: str | os.PathLike[str] | bytes | None = None) -> None:
        self._header = bearer(token)
        self._authority = ca_cert

    def access(self, api_url: str | None) -> Access:
        if not api_url:
            raise ConfigurationError("BearerTokenAuth needs api_url=, the address of kube-apiserver")
        authority = self._authority
        if authority is None:
            authority = b""
        elif not isinstance(authority, bytes):
            authority = read_small(Path(authority), "ca_cert")
        return Access(api_url, FixedCredential(Credential((self._header,))), authority=authority)


class APIKeyAuth:
    """There are no API keys: the identity is the one of Kubernetes."""

    def __init__(self, *_: object, **__: object) -> None:
        raise ConfigurationError(
            "API keys do not exist: use KubeconfigAuth, InClusterAuth, or BearerTokenAuth with a token of a "
            "ServiceAccount (kubectl create token NAME)"
        )


def find_access(
    api_url: str | None,
    auth: Auth | None,
    kubeconfig: str | os.PathLike[str] | None,
    context: str | None,
) -> Access:
    """Explicit identity, else kubeconfig, else the pod's own account."""
    if auth is not None:
        return auth.access(api_url)
    by_file = KubeconfigAuth(kubeconfig, context)
    in_pod = InClusterAuth()
    if kubeconfig is None and context is None and in_pod.is_here and by_file.load().is_empty:
        return in_pod.access(api_url)
    return by_file.access(api_url)


def _credentials(user: Entry, cluster: Entry, environment: Mapping[str, str]) -> CredentialSource:
    if user.entry("auth-provider"):
        raise ConfigurationError(f"{user.what}: auth-provider was removed from Kubernetes: use an exec credential plugin")
    certificate = _certificate(user)
    exec_entry = user.entry("exec")
    if exec_entry:
        return ExecCredential(ExecPlugin.of(exec_entry, cluster, environment), certificate)
    token_file = user.path("tokenFile")
    if token_file:
        return TokenFile(token_file, certificate)
    headers: tuple[tuple[str, str], ...] = ()
    if user.text("token"):
        headers = (bearer(user.text("token")),)
    elif user.text("username"):
        headers = (basic(user.text("username"), user.text("password")),)
    return FixedCredential(Credential(headers, certificate))


def _certificate(user: Entry) -> ClientCertificate | None:
    certificate, key = user.data_or_file("client-certificate"), user.data_or_file("client-key")
    if not certificate and not key:
        return None
    if not certificate or not key:
        missing = "client-key" if certificate else "client-certificate"
        raise ConfigurationError(f"{user.what}: client-certificate and client-key are needed both, {missing} is missing")
    return ClientCertificate(certificate, key)


def _impersonation(user: Entry) -> tuple[tuple[str, str], ...]:
    name = user.text("as")
    others = [("Impersonate-Group", group) for group in user.texts("as-groups")]
    if user.text("as-uid"):
        others.append(("Impersonate-Uid", user.text("as-uid")))
    extra = user.entry("as-user-extra")
    for key in extra.fields if extra else ():
        others += [(f"Impersonate-Extra-{quote(str(key), safe='')}", value) for value in (extra.texts(key) if extra else ())]
    if others and not name:
        raise ConfigurationError(f"{user.what}: groups, uid or extra are to be impersonated without a user: add as")
    return (("Impersonate-User", name), *others) if name else ()


def _text(file: Path) -> str:
    return read_small(file, "the pod's account").decode("utf-8", "replace").strip()
