"""The identity that kubectl would take."""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from agenttier import APIKeyAuth, BearerTokenAuth, ConfigurationError, InClusterAuth, KubeconfigAuth
from agenttier._auth import Access, find_access
from agenttier._server import checked_server, with_query


def write(file: Path, *, server: str = "https://a:6443", name: str = "a", **user: object) -> Path:
    cluster = {"server": server, "certificate-authority-data": base64.b64encode(b"CA " + name.encode()).decode()}
    document = {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": f"ns-{name}"}}],
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
    }
    file.write_text(yaml.safe_dump(document))
    return file


def access(file: Path, **environment: str) -> Access:
    return KubeconfigAuth(file, environment=environment).access(None)


def test_files_merge_and_the_first_entry_of_a_name_counts(tmp_path: Path) -> None:
    first = write(tmp_path / "first", token="one")
    second = write(tmp_path / "second", name="b", server="https://b:6443", token="two")
    third = write(tmp_path / "third", server="https://other:6443", token="three")
    listed = os.pathsep.join(str(file) for file in (tmp_path / "missing", first, second, third))
    auth = KubeconfigAuth(environment={"KUBECONFIG": listed})
    found = auth.access(None)
    assert (found.server, found.namespace, found.authority) == ("https://a:6443", "ns-a", b"CA a")
    assert found.credentials.current().headers == (("Authorization", "Bearer one"),)
    other = KubeconfigAuth(context="b", environment={"KUBECONFIG": listed}).access(None)
    assert other.credentials.current().headers == (("Authorization", "Bearer two"),)


def test_the_home_folder_is_the_last_resort(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    write(tmp_path / ".kube" / "config", token="t")
    assert KubeconfigAuth(environment={"HOME": str(tmp_path)}).access(None).server == "https://a:6443"
    with pytest.raises(ConfigurationError, match="no cluster is configured"):
        KubeconfigAuth(environment={"HOME": str(tmp_path / "nobody")}).access(None)


def test_certificates_come_inline_or_from_files_beside_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "me.crt").write_bytes(b"CERT")
    inline = base64.b64encode(b"KEY").decode()
    user: dict[str, Any] = {"client-certificate": "me.crt", "client-key-data": inline}
    found = access(write(tmp_path / "config", **user))
    certificate = found.credentials.current().certificate
    assert certificate is not None
    assert (certificate.certificate, certificate.key) == (b"CERT", b"KEY")
    with pytest.raises(ConfigurationError, match="client-key is missing"):
        access(write(tmp_path / "half", **{"client-certificate": "me.crt"}))


def test_a_token_file_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("old\n")
    credentials = access(write(tmp_path / "config", tokenFile="token")).credentials
    before = credentials.current()
    (tmp_path / "token").write_text("new\n")
    assert credentials.refused(before)
    assert credentials.current().headers == (("Authorization", "Bearer new"),)


def test_name_and_password_and_impersonation_are_sent(tmp_path: Path) -> None:
    user: dict[str, Any] = {
        "username": "u",
        "password": "p:w",
        "as": "jane",
        "as-groups": ["a", "b"],
        "as-user-extra": {"k/x": ["1"]},
    }
    found = access(write(tmp_path / "config", **user))
    assert found.credentials.current().headers == (("Authorization", "Basic " + base64.b64encode(b"u:p:w").decode()),)
    assert found.impersonation == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-k%2Fx", "1"),
    )
    with pytest.raises(ConfigurationError, match="without a user"):
        access(write(tmp_path / "groups", **{"as-groups": ["system:masters"]}))  # type: ignore[arg-type]


def program(folder: Path, status: dict[str, object], *, code: int = 0) -> dict[str, object]:
    """A plugin that counts its runs and gives ``status``."""
    folder.mkdir(exist_ok=True)
    answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}
    script = folder / "plugin"
    script.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"open({str(folder / 'runs')!r}, 'a').write('x')\n"
        f"open({str(folder / 'info')!r}, 'w').write(os.environ['KUBERNETES_EXEC_INFO'] + os.environ.get('MINE', ''))\n"
        f"print({json.dumps(answer)!r})\nsys.exit({code})\n"
    )
    script.chmod(stat.S_IRWXU)
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "./plugin",
        "interactiveMode": "Never",
        "provideClusterInfo": True,
        "env": [{"name": "MINE", "value": "of-mine"}],
    }


def test_a_program_is_run_once_until_its_credential_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "config", exec=program(tmp_path, {"token": "made"}))
    credentials = access(file, PATH="/bin").credentials
    first = credentials.current()
    assert first.headers == (("Authorization", "Bearer made"),)
    assert credentials.current() is first
    assert (tmp_path / "runs").read_text() == "x"
    assert credentials.refused(first)
    credentials.current()
    assert (tmp_path / "runs").read_text() == "xx"
    info = (tmp_path / "info").read_text()
    assert info.endswith("of-mine")
    assert json.loads(info.removesuffix("of-mine"))["spec"]["cluster"]["server"] == "https://a:6443"


def test_an_expired_credential_is_made_anew(tmp_path: Path) -> None:
    made = program(tmp_path, {"token": "t", "expirationTimestamp": "2001-01-01T00:00:00Z"})
    credentials = access(write(tmp_path / "config", exec=made)).credentials
    credentials.current()
    credentials.current()
    assert (tmp_path / "runs").read_text() == "xx"


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ({}, 0, "neither a token nor a certificate"),
        ({"clientCertificateData": "x"}, 0, "only one of"),
        ({"token": "t"}, 3, "exit code 3"),
        ({"token": "a b"}, 0, "holds blanks"),
        ({"token": "t", "expirationTimestamp": "soon"}, 0, "expected RFC 3339"),
    ],
)
def test_a_bad_program_is_told(tmp_path: Path, status: dict[str, object], code: int, told: str) -> None:
    credentials = access(write(tmp_path / "config", exec=program(tmp_path, status, code=code))).credentials
    with pytest.raises(ConfigurationError, match=told):
        credentials.current()


def test_a_missing_program_shows_how_to_install_it(tmp_path: Path) -> None:
    plugin = program(tmp_path, {}) | {"command": "./no-such", "installHint": "install it so"}
    with pytest.raises(ConfigurationError, match="install it so"):
        access(write(tmp_path / "config", exec=plugin)).credentials.current()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("secret: [", "is no YAML"),
        ("- a", "holds no object"),
        ("current-context: x", "context 'x' does not exist; there is none"),
        ("contexts: [{name: a, context: {cluster: b}}]\ncurrent-context: a", "cluster 'b' does not exist"),
        ("contexts: 5", "contexts must be a list"),
    ],
)
def test_a_broken_kubeconfig_is_told_without_its_text(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(ConfigurationError, match=told) as raised:
        access(file)
    assert "secret" not in str(raised.value)


def test_secrets_do_not_show() -> None:
    source = BearerTokenAuth("hidden").access("https://a").credentials
    assert "hidden" not in repr(source)
    assert "hidden" not in repr(source.current())


def test_the_account_of_a_pod(tmp_path: Path) -> None:
    for name, content in (("token", "pod\n"), ("ca.crt", "CA"), ("namespace", "mine")):
        (tmp_path / name).write_text(content)
    environment = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}
    found = InClusterAuth(environment=environment, account=tmp_path).access(None)
    assert (found.server, found.namespace, found.authority) == ("https://[fd00::1]:443", "mine", b"CA")
    assert found.credentials.current().headers == (("Authorization", "Bearer pod"),)
    with pytest.raises(ConfigurationError, match="no pod"):
        InClusterAuth(environment={}, account=tmp_path).access(None)


def test_an_explicit_identity_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write(tmp_path / "config", token="file")))
    assert find_access("https://x", BearerTokenAuth("mine"), None, None).server == "https://x"
    assert find_access(None, None, None, None).server == "https://a:6443"
    with pytest.raises(ConfigurationError, match="api_url"):
        find_access(None, BearerTokenAuth("mine"), None, None)


def test_api_keys_name_what_replaces_them() -> None:
    with pytest.raises(ConfigurationError, match="BearerTokenAuth"):
        APIKeyAuth("key")


@pytest.mark.parametrize("server", ["a:6443", "ftp://a", "https://", "https://a?x=1", "http://10.0.0.1", "https://u:secret@a"])
def test_no_credentials_go_to_a_bad_address(server: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        checked_server(server)
    assert "secret" not in str(raised.value)


def test_addresses_keep_their_path() -> None:
    assert checked_server("https://a/k8s/cluster/") == "https://a/k8s/cluster"
    assert checked_server("http://127.0.0.1:8001") == "http://127.0.0.1:8001"
    assert with_query("/p", {"path": "a b+%41&ü/c"}) == "/p?path=a%20b%2B%2541%26%C3%BC%2Fc"
