"""What the client asks kube-apiserver for, who it says it is, and how it waits."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
import trustme
import yaml

from agenttier import (
    AgentTierClient,
    AgentTierError,
    APIError,
    AsyncAgentTierClient,
    AuthenticationError,
    BearerTokenAuth,
    ConfigurationError,
    NotFoundError,
    RetryConfig,
    Sandbox,
    SandboxErrorState,
    SandboxPhase,
    SandboxTimeoutError,
    UnreachableError,
)
from tests.https_server import Answer, HttpsServer, Request, document

OBJECTS = "/apis/agenttier.io/v1alpha1/namespaces/team/sandboxes"
SUBRESOURCES = "/apis/agenttier.io/subresources-v1alpha1/namespaces/team/sandboxes/box"
Serve = Callable[[httpx.Request], httpx.Response]


def status(code: int, reason: str, message: str = "no") -> httpx.Response:
    body = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
    return httpx.Response(code, json=body)


def client_of(serve: Serve, **more: Any) -> AgentTierClient:
    auth = BearerTokenAuth("token")
    return AgentTierClient("https://kube", auth, namespace="team", transport=httpx.MockTransport(serve), **more)


def sandbox(
    phase: str = "Running", *, ready: str = "True", generation: int = 1, observed: int = 1, **more: Any
) -> dict[str, Any]:
    condition = {"type": "Ready", "status": ready, "reason": more.pop("reason", "Ready"), "message": more.pop("message", "")}
    spec = more.pop("spec", {})
    metadata = {"name": "box", "namespace": "team", "uid": "1", "resourceVersion": "5", "generation": generation} | more
    return {
        "metadata": metadata,
        "spec": spec,
        "status": {"phase": phase, "observedGeneration": observed, "conditions": [condition]},
    }


def test_a_sandbox_is_made_from_the_template_of_the_namespace_else_of_the_cluster() -> None:
    asked = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        if request.method == "POST":
            assert dict(request.url.params) == {"fieldManager": "agenttier-sdk", "fieldValidation": "Strict"}
            return httpx.Response(201, json=json.loads(request.content) | {"status": {}})
        return status(404, "NotFound") if "/sandboxtemplates/" in request.url.path else httpx.Response(200, json={})

    box = client_of(serve).create_sandbox(template="general", name="box")
    assert (box.name, box.namespace, box.phase) == ("box", "team", SandboxPhase.UNKNOWN)
    assert box.summary.template_ref == "general"
    assert asked == [
        "GET /apis/agenttier.io/v1alpha1/namespaces/team/sandboxtemplates/general",
        "GET /apis/agenttier.io/v1alpha1/clustersandboxtemplates/general",
        f"POST {OBJECTS}",
    ]


def test_a_template_that_is_nowhere_is_named() -> None:
    with pytest.raises(NotFoundError, match="'general' not found: there is no SandboxTemplate"):
        client_of(lambda _: status(404, "NotFound")).create_sandbox(template="general")


def test_a_list_that_the_server_forgot_begins_anew() -> None:
    seen = []

    def serve(request: httpx.Request) -> httpx.Response:
        resume = request.url.params.get("continue", "")
        seen.append(resume)
        if resume == "old":
            return status(410, "Expired")
        if resume == "new":
            return httpx.Response(200, json={"items": [sandbox()]})
        token = "old" if len(seen) == 1 else "new"
        return httpx.Response(200, json={"items": [sandbox()], "metadata": {"continue": token}})

    assert len(client_of(serve).list_sandboxes()) == 2
    assert seen == ["", "old", "", "new"]


def test_power_and_deletion_are_calls_of_the_sandbox() -> None:
    asked = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        return httpx.Response(200, json=sandbox())

    box = client_of(serve).get_sandbox("box")
    box.stop()
    box.resume()
    box.signal("exec-1", "TERM")
    box.delete()
    assert asked[1:] == [
        f"POST {SUBRESOURCES}/stop",
        f"POST {SUBRESOURCES}/resume",
        f"DELETE {SUBRESOURCES}/processes",
        f"DELETE {OBJECTS}/box",
    ]


def test_names_that_are_paths_are_refused_before_anything_is_sent() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"sent {request.url}")

    client = client_of(serve)
    calls: list[Callable[[], object]] = [
        lambda: client.get_sandbox("a/../b"),
        lambda: client.get_sandbox("box", namespace="kube-system/secrets"),
        lambda: client.create_sandbox(template="../x"),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="is invalid"):
            call()


def test_calls_are_repeated_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("agenttier._sync.transport.sleep", waits.append)
    answers = iter([httpx.Response(503, text="no endpoints"), httpx.Response(429, headers={"Retry-After": "2"})] * 2)

    def serve(request: httpx.Request) -> httpx.Response:
        return next(answers, None) or httpx.Response(200, json=sandbox())

    with pytest.raises(APIError, match="no endpoints"):
        client_of(serve).get_sandbox("box")
    assert waits == []
    next(answers)
    client_of(serve, retry=RetryConfig()).get_sandbox("box")
    assert waits[1] == 2.0


def test_an_answer_that_is_no_object_is_an_error() -> None:
    for content in (b"[]", b"<html>", b"{"):
        with pytest.raises(APIError, match="no JSON object"):
            client_of(lambda _, body=content: httpx.Response(200, content=body)).get_sandbox("box")  # type: ignore[misc]


def test_redirects_are_not_followed_with_our_token() -> None:
    with pytest.raises(APIError) as raised:
        client_of(lambda _: httpx.Response(302, headers={"Location": "https://elsewhere"})).get_sandbox("box")
    assert raised.value.status_code == 302


def test_a_closed_client_says_so() -> None:
    client = client_of(lambda _: httpx.Response(200, json=sandbox()))
    with client:
        client.get_sandbox("box")
    with pytest.raises(AgentTierError, match="closed"):
        client.get_sandbox("box")


def test_a_server_that_is_not_there_was_not_reached() -> None:
    with HttpsServer(lambda _: document(b"{}")) as server:
        url, authority = server.url, server.ca_cert
    with AgentTierClient(url, BearerTokenAuth("t", ca_cert=authority)) as client:
        with pytest.raises(UnreachableError, match="cannot connect") as raised:
            client.get_sandbox("box")
    assert not raised.value.was_sent


def test_a_server_of_another_authority_is_not_trusted() -> None:
    with HttpsServer(lambda _: document(json.dumps(sandbox()).encode())) as server:
        other = trustme.CA().cert_pem.bytes()
        with AgentTierClient(server.url, BearerTokenAuth("t", ca_cert=other)) as client:
            with pytest.raises(UnreachableError, match=r"(?i)certificate"):
                client.get_sandbox("box")
        assert server.requests == []
        with AgentTierClient(server.url, BearerTokenAuth("t", ca_cert=other), verify=False) as client:
            assert client.get_sandbox("box").name == "box"
        with pytest.raises(ConfigurationError, match="no PEM"):
            AgentTierClient(server.url, BearerTokenAuth("t", ca_cert=b"nonsense")).get_sandbox("box")


def kubeconfig(folder: Path, server: HttpsServer, **user: Any) -> Path:
    cluster = {"server": server.url, "certificate-authority-data": base64.b64encode(server.ca_cert).decode()}
    file = folder / "config"
    file.write_text(
        yaml.safe_dump(
            {
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                "clusters": [{"name": "c", "cluster": cluster}],
                "users": [{"name": "u", "user": user}],
            }
        )
    )
    return file


def test_a_client_certificate_and_impersonation_reach_the_server(tmp_path: Path) -> None:
    issued = HttpsServer.authority.issue_cert(common_name="jane")
    user = {
        "client-certificate-data": base64.b64encode(issued.cert_chain_pems[0].bytes()).decode(),
        "client-key-data": base64.b64encode(issued.private_key_pem.bytes()).decode(),
        "as": "other",
        "as-groups": ["one", "two"],
    }
    with HttpsServer(lambda _: document(json.dumps(sandbox()).encode())) as server:
        with AgentTierClient(kubeconfig=kubeconfig(tmp_path, server, **user)) as client:
            client.get_sandbox("box")
    assert server.requests[0].certificate == "jane"
    assert server.requests[0].headers["impersonate-user"] == "other"


def test_a_token_that_was_replaced_is_read_again_after_a_401_and_only_once(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    accepted = ["Bearer new"]

    def serve(request: Request) -> Answer:
        if request.headers["authorization"] in accepted:
            return document(json.dumps(sandbox()).encode())
        token.write_text(f"{token.read_text()[:-3]}new")
        return document(
            b'{"kind":"Status","status":"Failure","message":"who?","reason":"Unauthorized","code":401}', status="401 U"
        )

    with HttpsServer(serve) as server, AgentTierClient(kubeconfig=kubeconfig(tmp_path, server, tokenFile="token")) as client:
        assert client.get_sandbox("box").name == "box"
        accepted.clear()
        with pytest.raises(AuthenticationError, match="who"):
            client.get_sandbox("box")
        assert len(server.requests) == 3


class Watched:
    """A sandbox that changes: each GET gives the next of ``states``, each watch the next of ``watches``."""

    def __init__(self, states: list[Any], watches: list[list[dict[str, Any]] | httpx.Response]) -> None:
        self.states = states
        self.watches = watches
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.params.get("watch"):
            self.asked.append(f"watch {request.url.params['resourceVersion']} {request.url.params['fieldSelector']}")
            watch = self.watches.pop(0)
            if isinstance(watch, httpx.Response):
                return watch
            return httpx.Response(200, content="".join(json.dumps(event) + "\n" for event in watch))
        self.asked.append("get")
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return state if isinstance(state, httpx.Response) else httpx.Response(200, json=state)


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttier._sync.waiting.sleep", lambda _: None)


def waited(watched: Watched) -> Sandbox:
    return Sandbox(
        client_of(watched)._transport, client_of(lambda _: httpx.Response(200, json=sandbox())).get_sandbox("box").summary
    )


def change(state: dict[str, Any], kind: str = "MODIFIED") -> dict[str, Any]:
    return {"type": kind, "object": state}


CREATING = sandbox("Creating", ready="False", reason="Starting", message="pulling")


def test_running_is_waited_for_by_watch() -> None:
    watched = Watched([CREATING], [[change(CREATING), change(sandbox())]])
    waited(watched).wait_until_running()
    assert watched.asked == ["get", "watch 5 metadata.name=box", "get"]


def test_a_watch_that_ends_or_expires_begins_anew() -> None:
    expired = {"type": "ERROR", "object": {"kind": "Status", "code": 410}}
    watched = Watched([CREATING, CREATING, CREATING, sandbox()], [[], [expired], status(410, "Expired")])
    waited(watched).wait_until_running()
    assert [asked.split()[0] for asked in watched.asked] == ["get", "watch"] * 3 + ["get", "get"]


def test_without_the_right_to_watch_it_is_asked_for_again() -> None:
    refused = status(403, "Forbidden", 'User "u" cannot watch resource "sandboxes"')
    watched = Watched([CREATING, CREATING, sandbox()], [refused])
    waited(watched).wait_until_running()
    assert watched.asked == ["get", "watch 5 metadata.name=box", "get", "get", "get"]


def test_a_status_of_an_earlier_spec_does_not_count() -> None:
    watched = Watched([sandbox(generation=2)], [[change(sandbox(generation=2, observed=2))]])
    waited(watched).wait_until_running()
    assert len(watched.asked) == 3


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (sandbox("Error", ready="False", reason="Failed", message="no image"), "Failed: no image"),
        (sandbox("Creating", ready="False", reason="NotSupported", message="spec.x"), "NotSupported: spec.x"),
        (sandbox(deletionTimestamp="2026-01-01T00:00:00Z"), "being deleted"),
        (sandbox("Stopped", ready="False", reason="Stopped", spec={"powerState": "Stopped"}), r"call resume\(\)"),
    ],
)
def test_what_will_never_run_is_not_waited_for(state: dict[str, Any], told: str) -> None:
    with pytest.raises(SandboxErrorState, match=told):
        waited(Watched([state], [])).wait_until_running()


def test_the_time_limit_tells_what_was_waited_for() -> None:
    with pytest.raises(SandboxTimeoutError, match="not running after 0 s: Starting: pulling"):
        waited(Watched([CREATING], [])).wait_until_running(timeout=0)


def test_deletion_ends_with_the_object_even_if_another_takes_its_name() -> None:
    waited(Watched([sandbox()], [[change(sandbox(), "DELETED")]])).wait_until_deleted()
    waited(Watched([sandbox(), status(404, "NotFound")], [[]])).wait_until_deleted()
    waited(Watched([sandbox(), sandbox(uid="2")], [[]])).wait_until_deleted()
    with pytest.raises(APIError):
        waited(Watched([httpx.Response(404, text="404 page not found")], [])).wait_until_deleted()


def test_a_cancelled_task_cancels_its_command() -> None:
    asked = []

    async def run() -> None:
        begun = anyio.Event()

        async def serve(request: httpx.Request) -> httpx.Response:
            asked.append(f"{request.method} {request.url.path}")
            if request.method == "POST":
                begun.set()
                await anyio.sleep_forever()
            return httpx.Response(204) if request.method == "DELETE" else httpx.Response(200, json=sandbox())

        transport = httpx.MockTransport(serve)
        async with AsyncAgentTierClient("https://kube", BearerTokenAuth("t"), namespace="team", transport=transport) as client:
            box = await client.get_sandbox("box")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(box.exec, "sleep 600")
                await begun.wait()
                tasks.cancel_scope.cancel()

    anyio.run(run)
    assert asked[-1] == f"DELETE {SUBRESOURCES}/processes"


def test_ports_are_declared_listed_and_taken_back() -> None:
    seen: list[tuple[str, str, bytes]] = []
    web = {
        "port": 8080,
        "protocol": "http",
        "internalUrl": "http://pf-box-8080.team.svc:8080",
        "previewUrl": "http://p.example.com",
    }

    def serve(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        if not path.startswith(SUBRESOURCES):
            return httpx.Response(200, json=sandbox())
        seen.append((request.method, path, request.content))
        if request.method == "DELETE":
            return httpx.Response(204)
        answer = web if request.method == "POST" else {"items": [{"port": 5432, "protocol": "tcp"}, web]}
        return httpx.Response(201 if request.method == "POST" else 200, json=answer)

    with client_of(serve) as client:
        box = client.get_sandbox("box")
        assert box.forward_port(8080).preview_url == "http://p.example.com"
        listed = box.list_ports()
        assert [(port.port, port.protocol, port.internal_url) for port in listed] == [
            (5432, "tcp", None),
            (8080, "http", "http://pf-box-8080.team.svc:8080"),
        ]
        box.remove_port(8080)
    assert [(method, path) for method, path, _ in seen] == [
        ("POST", SUBRESOURCES + "/ports"),
        ("GET", SUBRESOURCES + "/ports"),
        ("DELETE", SUBRESOURCES + "/ports?port=8080"),
    ]
    assert json.loads(seen[0][2]) == {"port": 8080, "protocol": "http"}
