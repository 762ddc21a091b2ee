"""What is on the wire, as Pydantic models. Unknown fields are ignored: a newer server may send them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class _Model(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )


class SandboxPhase(str, Enum):
    """Phase of a sandbox; UNKNOWN for one that this version does not know and for none."""

    CREATING = "Creating"
    RUNNING = "Running"
    STOPPED = "Stopped"
    ERROR = "Error"
    DELETING = "Deleting"
    UNKNOWN = "Unknown"

    @classmethod
    def _missing_(cls, value: object) -> SandboxPhase:
        return cls.UNKNOWN


class CreatedBy(_Model):
    """Who made a sandbox."""

    sub: str = ""
    email: str = ""
    display_name: str = ""


class Condition(_Model):
    """A condition of a sandbox; ``status`` is ``True``, ``False`` or ``Unknown``."""

    type: str
    status: str
    reason: str = ""
    message: str = ""
    observed_generation: int | None = None
    last_transition_time: datetime | None = None


class SandboxSummary(_Model):
    """A sandbox at one moment."""

    sandbox_id: str
    name: str
    namespace: str
    status: SandboxPhase = SandboxPhase.UNKNOWN
    pod_name: str = ""
    pvc_name: str = ""
    template_ref: str = ""
    mode: str = ""
    created_at: datetime | None = None
    message: str = ""
    created_by: CreatedBy = Field(default_factory=CreatedBy)
    last_activity_at: datetime | None = None
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def from_object(cls, sandbox: dict[str, Any]) -> SandboxSummary:
        """From a Sandbox as kube-apiserver gives it."""
        metadata = sandbox.get("metadata") or {}
        spec = sandbox.get("spec") or {}
        status = sandbox.get("status") or {}
        name = metadata.get("name", "")
        return cls(
            sandbox_id=name,
            name=name,
            namespace=metadata.get("namespace", ""),
            status=SandboxPhase(status.get("phase")),
            pod_name=status.get("podName") or "",
            pvc_name=status.get("pvcName") or "",
            template_ref=(spec.get("templateRef") or {}).get("name") or "",
            mode=status.get("mode") or spec.get("mode") or "",
            created_at=metadata.get("creationTimestamp"),
            message=status.get("message") or "",
            created_by=CreatedBy.model_validate(spec.get("createdBy") or {}),
            last_activity_at=status.get("lastActivityTimestamp"),
            conditions=tuple(Condition.model_validate(item) for item in status.get("conditions") or ()),
        )


class Template(_Model):
    """A template; ``kind`` is SandboxTemplate or ClusterSandboxTemplate, ``namespace`` empty for the latter."""

    name: str
    kind: str
    namespace: str = ""
    description: str = ""
    image: str = ""
    mode: str = ""
    inherits_from: str = ""

    @classmethod
    def from_object(cls, template: dict[str, Any], kind: str) -> Template:
        metadata = template.get("metadata") or {}
        spec = template.get("spec") or {}
        return cls(
            name=metadata.get("name", ""),
            kind=kind,
            namespace=metadata.get("namespace") or "",
            description=spec.get("description") or "",
            image=(spec.get("image") or {}).get("repository") or "",
            mode=spec.get("mode") or "",
            inherits_from=(spec.get("inheritsFrom") or {}).get("name") or "",
        )


class CurrentUser(_Model):
    """Who the caller is for Kubernetes."""

    username: str
    uid: str = ""
    groups: tuple[str, ...] = ()


class ProcessExit(_Model):
    """How a process ended; ``exit_code`` is None only for reason ``lost``."""

    reason: str
    exit_code: int | None = None
    signal: str = ""
    message: str = ""
    duration_ms: int | None = None
    ended_at: datetime | None = None


class ProcessInfo(_Model):
    """A process that runs or ran. ``name`` is the base name of its program, ``offset`` the end of its output.

    ``bytes_stdin`` is how much standard input it was given, ``stdin_open`` whether an attach can give more.
    """

    id: str
    process_class: str = Field(alias="class")
    name: str
    started_at: datetime
    running: bool
    exit: ProcessExit | None = None
    bytes_stdout: int = 0
    bytes_stderr: int = 0
    offset: int = 0
    dropped: int = 0
    viewers: int = 0
    bytes_stdin: int = 0
    stdin_open: bool = False
    tty: bool = False
    session: str = ""
    """Name of the terminal whose shell it is; empty for other processes."""


class ForwardedPort(_Model):
    """A declared port. ``internal_url`` is its address inside the cluster, ``preview_url`` that of its preview, if it has one."""

    port: int
    protocol: str = "http"
    internal_url: str | None = None
    preview_url: str | None = None


class FileEntry(_Model):
    """A file or folder. ``mode`` is octal text such as ``0644``; ``name_base64`` is set where the name is no UTF-8."""

    name: str
    size: int
    is_dir: bool
    mode: str
    modified_at: datetime
    link_target: str = ""
    name_base64: str = ""


class FileWritten(_Model):
    """A file after a write; ``size`` is that of the whole file."""

    path: str
    size: int = Field(alias="bytes")


class ArchiveExtracted(_Model):
    """An archive in its folder: how many files, links included, and their size."""

    path: str
    files: int
    size: int = Field(alias="bytes")


class CommandResult(_Model):
    """How a command ended, and what it wrote. ``reason`` is ``completed`` where the command ended by itself.

    ``exit_code`` is 128 + n after signal n, −1 after a time limit or a cancellation, and None if the outcome is unknown
    (``lost``). ``dropped_bytes`` counts output that the sandbox had to drop; ``truncated`` says that there was more than
    ``max_output``, which ``logs`` still gives.
    """

    process: str
    exit_code: int | None
    reason: str
    stdout_bytes: bytes = b""
    stderr_bytes: bytes = b""
    message: str = ""
    signal: str = ""
    duration_ms: int | None = None
    dropped_bytes: int = 0
    truncated: bool = False

    @property
    def stdout(self) -> str:
        """Standard output as UTF-8; bytes that are none show as U+FFFD."""
        return self.stdout_bytes.decode("utf-8", "replace")

    @property
    def stderr(self) -> str:
        """Standard error as UTF-8; bytes that are none show as U+FFFD."""
        return self.stderr_bytes.decode("utf-8", "replace")

    @property
    def ok(self) -> bool:
        """Whether it completed with exit code 0."""
        return self.reason == "completed" and self.exit_code == 0

    @property
    def timed_out(self) -> bool:
        return self.reason == "timeout"

    def failure(self) -> str:
        """One text for people: how it ended, and the end of what it wrote to standard error, or else to standard output."""
        code = "unknown exit code" if self.exit_code is None else f"exit code {self.exit_code}"
        text = f"process {self.process} ended with {code} ({self.reason})"
        if self.message:
            text += f": {self.message}"
        shown = (self.stderr_bytes or self.stdout_bytes)[-4096:].decode("utf-8", "replace").rstrip()
        return f"{text}\n{shown}" if shown else text


class InvokeResult(CommandResult):
    """How an invocation of the agent ended, and what it wrote."""

    @property
    def invoke_id(self) -> str:
        """The id of its process, by which ``logs`` and ``invoke_cancel`` know it."""
        return self.process


class ConfigureResult(_Model):
    """What a configuration came to. ``skipped``: the same files and install command are in force, so nothing was run.

    ``install_exit_code`` is None where there is no install command. After another code than 0 the former configuration stays
    in force, its files included; ``last_configured_at`` may then be None.
    """

    last_configured_at: datetime | None = None
    install_command_hash: str = ""
    entrypoint: tuple[str, ...] = ()
    install_exit_code: int | None = None
    skipped: bool = False

    @property
    def ok(self) -> bool:
        """Whether the configuration is in force."""
        return self.install_exit_code in (None, 0)

    @classmethod
    def from_event(cls, data: dict[str, Any]) -> ConfigureResult:
        return cls.model_validate({name: value for name, value in data.items() if value is not None})
