"""Archives go in and out unchanged whatever breaks on the way."""

from __future__ import annotations

import io
import os
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest

from agenttier import (
    AgentTierClient,
    AgentTierError,
    APIError,
    AsyncAgentTierClient,
    AsyncFiles,
    BearerTokenAuth,
    Files,
    UnreachableError,
)
from tests.https_server import Answer, HttpsServer, Request, chunked, document

PROCESS = "arch-0a1b2c3d0123456789abcdef"


class ArchiveServer:
    """One archive in memory, over a real connection; each answer breaks after the next of ``cuts``."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.cuts: list[int] = []
        self.exit: dict[str, object] | None = None
        self.calls: list[str] = []

    def __call__(self, request: Request) -> Answer:
        url = urlsplit(request.target)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        kind = url.path.rsplit("/", 1)[1]
        self.calls.append(kind)
        if kind == "processes":
            exit_ = self.exit
            body = {"items": [{"id": PROCESS, "running": exit_ is None, "exit": exit_}]}
            return document(httpx.Response(200, json=body).content)
        if kind == "log":
            assert (query["process"], query["stream"], query["follow"]) == (PROCESS, "stdout", "true")
        rest = self.content[int(query.get("offset", "0")) :]
        pieces = [rest[i : i + 7] for i in range(0, len(rest), 7)]
        whole = chunked(pieces, f"application/zip\r\nAgentTier-Process: {PROCESS}")
        return Answer(whole, self.cuts.pop(0) if self.cuts else None)


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agenttier._sync.archive.sleep", lambda _: None)
    for module in ("archive", "transfer"):
        monkeypatch.setattr(f"agenttier._sync.{module}.PART", 10)


def test_an_archive_that_broke_after_any_byte_is_whole(tmp_path: Path) -> None:
    script = ArchiveServer(os.urandom(40))
    whole = len(script(Request("GET", "/archive", {}, b"")).content)
    with HttpsServer(script) as server:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        with AgentTierClient(server.url, auth, namespace="team") as client:
            box = Files(client._transport, "team", "box")
            for cut in range(whole - 60, whole):
                script.cuts = [cut, 140]
                target = tmp_path / "a.zip"
                assert box.archive("d", dest=target) == 40
                assert target.read_bytes() == script.content, f"cut after {cut} bytes"
            script.cuts = [whole - 30]
            stream = io.BytesIO()
            box.archive(dest=stream, format="tar.gz")
    assert stream.getvalue() == script.content
    assert list(tmp_path.iterdir()) == [target]


def test_an_archive_whose_first_call_met_the_end_of_its_connection_is_begun_anew(tmp_path: Path) -> None:
    script = ArchiveServer(os.urandom(40))
    script.cuts = [0, 0]
    with HttpsServer(script) as server:
        auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
        with AgentTierClient(server.url, auth, namespace="team") as client:
            box = Files(client._transport, "team", "box")
            assert box.archive("d", dest=tmp_path / "a.zip") == 40
            script.cuts = [0, 0, 0]
            with pytest.raises(UnreachableError):
                box.archive("d", dest=tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == script.content
    assert script.calls == ["archive"] * 6


def test_an_archive_that_failed_is_told_and_leaves_the_former_file(tmp_path: Path) -> None:
    script = ArchiveServer(bytes(40))
    script.exit = {"reason": "completed", "exitCode": 1}
    whole = len(script(Request("GET", "/archive", {}, b"")).content)
    empty = len(ArchiveServer(b"")(Request("GET", "/archive", {}, b"")).content)
    script.cuts = [whole - 2, empty - 2, empty - 2]
    (tmp_path / "a.zip").write_text("former")
    with HttpsServer(script) as server, AgentTierClient(server.url, BearerTokenAuth("t", ca_cert=server.ca_cert)) as client:
        with pytest.raises(AgentTierError, match="has not made the archive to its end"):
            Files(client._transport, "team", "box").archive(dest=tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_text() == "former"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_asynchronous_client_goes_on_as_well() -> None:
    script = ArchiveServer(os.urandom(40))
    whole = len(script(Request("GET", "/archive", {}, b"")).content)
    stream = io.BytesIO()

    async def run() -> None:
        with HttpsServer(script) as server:
            auth = BearerTokenAuth("t", ca_cert=server.ca_cert)
            async with AsyncAgentTierClient(server.url, auth, namespace="team") as client:
                script.cuts = [whole - 7]
                await AsyncFiles(client._transport, "team", "box").archive(dest=stream)

    anyio.run(run)
    assert stream.getvalue() == script.content


class Extractor:
    """Keeps parts as the sandbox does. ``troubles`` are what becomes of the next calls: a status, or a connection that breaks."""

    def __init__(self) -> None:
        self.content = b""
        self.format = ""
        self.waits = 0
        self.troubles: list[int | None] = []
        self.uploads: set[str] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = {key: values[0] for key, values in parse_qs(urlsplit(str(request.url)).query).items()}
        offset, body = int(query["offset"]), request.read()
        self.format = query["format"]
        self.uploads.add(query["upload"])
        assert offset <= len(self.content)
        self.content = self.content[:offset] + body
        if self.troubles:
            trouble = self.troubles.pop(0)
            if trouble is None:
                raise httpx.ReadError("broken")
            return httpx.Response(trouble, text="no")
        if query["final"] == "false" or self.waits > 0:
            self.waits -= query["final"] == "true"
            return httpx.Response(202, json={"upload": query["upload"], "offset": len(self.content)})
        return httpx.Response(200, json={"path": "/workspace", "files": 1, "bytes": 5})


def files(server: Extractor) -> Files:
    client = AgentTierClient("https://kube", BearerTokenAuth("t"), namespace="team", transport=httpx.MockTransport(server))
    return Files(client._transport, "team", "box")


@pytest.mark.parametrize("size", [0, 1, 2, 9, 10, 11, 20, 35])
def test_an_archive_goes_in_parts_and_is_asked_for_until_it_is_extracted(size: int) -> None:
    server, content = Extractor(), os.urandom(size)
    server.waits = 3
    server.troubles = [None, 503, None, 504]
    assert files(server).extract(io.BytesIO(content), format="tar").files == 1
    assert server.content == content
    assert len(server.uploads) == 1


@pytest.mark.parametrize(("beginning", "format_"), [(b"PK\x03\x04", "zip"), (b"\x1f\x8b\x08", "tar.gz"), (b"name", "tar")])
def test_the_format_is_told_by_the_archive_itself(tmp_path: Path, beginning: bytes, format_: str) -> None:
    server = Extractor()
    (tmp_path / "a").write_bytes(beginning + bytes(20))
    files(server).extract(tmp_path / "a", "in")
    assert server.format == format_
    assert server.content == beginning + bytes(20)


def test_an_archive_that_is_refused_is_told_at_once() -> None:
    server = Extractor()
    server.troubles = [400]
    with pytest.raises(APIError) as refused:
        files(server).extract(io.BytesIO(b"x"))
    assert refused.value.status_code == 400
    assert not server.troubles
