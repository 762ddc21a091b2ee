"""Files go in and out unchanged whatever breaks on the way."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest

from agenttier import (
    AgentTierClient,
    AgentTierError,
    AsyncAgentTierClient,
    AsyncFiles,
    BearerTokenAuth,
    Files,
    NotFoundError,
    UnreachableError,
)
from tests.https_server import Answer, HttpsServer, Request, document

STATUS = '{"kind":"Status","status":"Failure","message":"%s","reason":"%s","code":%d}'


class FileServer:
    """One file, in memory. Each of ``troubles`` meets one PUT: it keeps so many bytes of the body, then breaks."""

    def __init__(self, content: bytes = b"") -> None:
        self.content = content
        self.etag = '"1"'
        self.mode = "0750"
        self.cut: int | None = None
        self.troubles: list[int] = []
        self.calls: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = {key: values[0] for key, values in parse_qs(urlsplit(str(request.url)).query).items()}
        self.calls.append(f"{request.method} {query.get('offset', '')}".strip())
        if request.method == "PUT":
            return self._put(query, request.read())
        if query.get("stat"):
            return httpx.Response(200, json={"size": len(self.content)})
        return httpx.Response(404, text=STATUS % ("no", "NotFound", 404))

    def _put(self, query: dict[str, str], body: bytes) -> httpx.Response:
        former = self.content
        if "offset" in query and int(query["offset"]) != len(former):
            return httpx.Response(409, text=STATUS % (f"it has {len(former)} bytes", "Conflict", 409))
        self.mode = query.get("mode", self.mode)
        whole = former + body if "offset" in query else body
        if self.troubles:
            kept = self.troubles.pop(0)
            self.content = whole[: len(former) + kept] if "offset" in query else former
            raise httpx.ReadError("broken")
        self.content = whole
        return httpx.Response(201, json={"path": "f", "bytes": len(whole)})

    def get(self, request: Request) -> Answer:
        """The same file over a real connection that breaks after ``cut`` bytes of the first answer."""
        begin = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        rest = self.content[begin:]
        headers = f"ETag: {self.etag}\r\nAgentTier-File-Mode: {self.mode}\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        status = "200 OK"
        if begin:
            status = "206 Partial Content"
            headers += f"Content-Range: bytes {begin}-{len(self.content) - 1}/{len(self.content)}\r\n"
        answer = document(rest, status=status, media_type="application/octet-stream", headers=headers)
        cut, self.cut = self.cut, None
        return Answer(answer.content, cut)


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttier._sync.transfer.sleep", lambda _: None)
    monkeypatch.setattr("agenttier._sync.transfer.PART", 10)


def files(server: FileServer) -> Files:
    client = AgentTierClient("https://kube", BearerTokenAuth("t"), namespace="team", transport=httpx.MockTransport(server))
    return Files(client._transport, "team", "box")


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 35])
def test_an_upload_in_parts_is_the_whole_file(size: int) -> None:
    server, content = FileServer(b"former"), os.urandom(size)
    assert files(server).write("f", content).size == size
    assert server.content == content


@pytest.mark.parametrize("kept", range(11))
def test_an_append_that_broke_off_goes_on_at_the_size_of_the_file(kept: int) -> None:
    content = bytes(range(35))
    server = FileServer()
    uploads = files(server)
    server.troubles = []
    original = server._put

    def put(query: dict[str, str], body: bytes) -> httpx.Response:
        if query.get("offset") == "10" and not hasattr(server, "was_broken"):
            server.was_broken = True  # type: ignore[attr-defined]
            server.troubles = [kept]
        return original(query, body)

    server._put = put  # type: ignore[method-assign]
    uploads.upload(io.BytesIO(content), "f")
    assert server.content == content


def test_a_first_part_that_broke_off_is_sent_again() -> None:
    server = FileServer(b"former")
    server.troubles = [0, 0]
    files(server).write("f", b"new")
    assert server.content == b"new"
    assert server.calls == ["PUT", "PUT", "PUT"]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_first_part_under_which_the_server_went_away_is_sent_again(status: int) -> None:
    server = FileServer(b"former")
    original = server._put

    def put(query: dict[str, str], body: bytes) -> httpx.Response:
        if len(server.calls) == 1:
            return httpx.Response(status, text="error trying to reach service: EOF")
        return original(query, body)

    server._put = put  # type: ignore[method-assign]
    files(server).write("f", b"new")
    assert server.content == b"new"
    assert server.calls == ["PUT", "PUT"]


def test_a_file_that_somebody_else_changed_meanwhile_is_told() -> None:
    server = FileServer()

    def put(query: dict[str, str], body: bytes) -> httpx.Response:
        if "offset" not in query:
            server.content = body
            return httpx.Response(201, json={"path": "f", "bytes": len(body)})
        server.content = b"short"
        raise httpx.ReadError("broken")

    server._put = put  # type: ignore[method-assign]
    with pytest.raises(AgentTierError, match="somebody else changed 'f'"):
        files(server).write("f", bytes(15))


def test_an_upload_is_given_up_after_a_while() -> None:
    server = FileServer()
    server.troubles = [0] * 100
    with pytest.raises(UnreachableError):
        files(server).write("f", b"x")
    assert 2 < len(server.calls) < 20


def test_modes_go_both_ways(tmp_path: Path) -> None:
    local = tmp_path / "tool"
    local.write_bytes(b"x")
    local.chmod(0o711)
    server = FileServer()
    files(server).upload(local, "f")
    assert server.mode == "0711"
    files(server).upload(local, "f", mode="0600")
    assert server.mode == "0600"


def test_a_download_that_broke_after_any_byte_is_the_whole_file(tmp_path: Path) -> None:
    script = FileServer(os.urandom(60))
    whole = len(script.get(Request("GET", "/", {}, b"")).content)
    with HttpsServer(script.get) as server:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        with AgentTierClient(server.url, auth, namespace="team") as client:
            box = Files(client._transport, "team", "box")
            for cut in range(whole - 60, whole):
                script.cut = cut
                assert box.read("f") == script.content, f"cut after {cut} bytes"
            script.cut = whole - 30
            target = box.download("f", tmp_path / "f")
    assert target.read_bytes() == script.content
    assert target.stat().st_mode & 0o777 == 0o750
    assert target.stat().st_mtime == 1767225600
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_that_changed_while_it_was_read_is_told_and_leaves_the_former_one(tmp_path: Path) -> None:
    script = FileServer(bytes(60))
    whole = len(script.get(Request("GET", "/", {}, b"")).content)

    def serve(request: Request) -> Answer:
        answer = script.get(request)
        script.etag = '"2"'
        return answer

    (tmp_path / "f").write_text("former")
    with HttpsServer(serve) as server, AgentTierClient(server.url, BearerTokenAuth("t", ca_cert=server.ca_cert)) as client:
        script.cut = whole - 30
        with pytest.raises(AgentTierError, match="was changed while it was read"):
            Files(client._transport, "team", "box").download("f", tmp_path / "f")
    assert (tmp_path / "f").read_text() == "former"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_asynchronous_client_goes_on_as_well(tmp_path: Path) -> None:
    script = FileServer(os.urandom(60))
    whole = len(script.get(Request("GET", "/", {}, b"")).content)

    async def run() -> None:
        with HttpsServer(script.get) as server:
            auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
            async with AsyncAgentTierClient(server.url, auth, namespace="team") as client:
                script.cut = whole - 7
                box = AsyncFiles(client._transport, "team", "box")
                assert await box.read("f") == script.content
                await box.download("f", tmp_path / "f")

    anyio.run(run)
    assert (tmp_path / "f").read_bytes() == script.content


def test_a_missing_file_is_told_and_a_read_has_a_limit() -> None:
    with pytest.raises(NotFoundError):
        files(FileServer()).read("f")
    content = FileServer(bytes(11))

    def serve(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=content.content, headers={"content-type": "application/octet-stream"})

    box = files(FileServer())
    box._transport._transport = httpx.MockTransport(serve)
    assert box.read("f", limit=11) == bytes(11)
    with pytest.raises(AgentTierError, match="more than 10 bytes"):
        box.read("f", limit=10)


def test_folders_are_listed_page_by_page() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        query = parse_qs(urlsplit(str(request.url)).query)
        entry = {"size": 0, "isDir": False, "mode": "0644", "modifiedAt": "2026-01-01T00:00:00Z"}
        if query.get("continue") == ["a+b"]:
            return httpx.Response(200, text=json.dumps({"path": "/", "entries": [entry | {"name": "two"}]}))
        return httpx.Response(200, text=json.dumps({"path": "/", "entries": [entry | {"name": "one"}], "continue": "a+b"}))

    box = files(FileServer())
    box._transport._transport = httpx.MockTransport(serve)
    assert [entry.name for entry in box.list()] == ["one", "two"]


def test_names_are_changed_by_the_calls_of_the_api() -> None:
    calls: list[tuple[str, dict[str, list[str]], bytes]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append((request.method, parse_qs(urlsplit(str(request.url)).query), request.read()))
        if request.method == "DELETE":
            return httpx.Response(204)
        return httpx.Response(200, json={"kind": "SandboxFileResponse", "path": "/workspace/x"})

    client = AgentTierClient("https://kube", BearerTokenAuth("t"), namespace="team", transport=httpx.MockTransport(answer))
    box = Files(client._transport, "team", "box")
    box.mkdir("a/ü", mode="0700")
    box.mkdir("b")
    box.move("a", "c", overwrite=True)
    box.remove("c & d", recursive=True)
    assert [(method, json.loads(body or b"null")) for method, _, body in calls] == [
        ("POST", {"operation": "mkdir", "path": "a/ü", "mode": "0700"}),
        ("POST", {"operation": "mkdir", "path": "b"}),
        ("POST", {"operation": "move", "path": "a", "to": "c", "overwrite": True}),
        ("DELETE", None),
    ]
    assert calls[-1][1] == {"path": ["c & d"], "recursive": ["true"]}


def test_each_part_of_an_upload_bears_the_time_of_the_file(tmp_path: Path) -> None:
    local = tmp_path / "f"
    local.write_bytes(bytes(25))
    os.utime(local, ns=(0, -500_000_001))
    server = FileServer()
    times: list[str] = []
    original = server._put

    def put(query: dict[str, str], body: bytes) -> httpx.Response:
        times.append(query.get("mtime", ""))
        return original(query, body)

    server._put = put  # type: ignore[method-assign]
    files(server).upload(local, "f")
    assert times == ["1969-12-31T23:59:59.499999999Z"] * 3
