"""AgentTier: sandboxes for people and AI agents in Kubernetes.

with AgentTierClient() as client:
    box = client.create_sandbox(template="general-coding", name="try")
    box.wait_until_running()
    print(box.exec("uname -a").stdout)
"""

from agenttier._async.agent import AsyncAgent
from agenttier._async.attached import AsyncAttachedProcess
from agenttier._async.client import AsyncAgentTierClient
from agenttier._async.files import AsyncFiles
from agenttier._async.invoke import AsyncInvokeStream
from agenttier._async.process import AsyncExecStream
from agenttier._async.sandbox import AsyncSandbox
from agenttier._async.tunnel import AsyncTunnel
from agenttier._auth import APIKeyAuth, BearerTokenAuth, InClusterAuth, KubeconfigAuth
from agenttier._errors import (
    AgentTierError,
    APIError,
    AuthenticationError,
    AuthorizationError,
    Cause,
    CommandFailedError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    PolicyViolationError,
    SandboxErrorState,
    SandboxTimeoutError,
    UnreachableError,
)
from agenttier._events import Event, Exited, Gap, Output, Started
from agenttier._local import LocalAddress
from agenttier._models import (
    ArchiveExtracted,
    CommandResult,
    Condition,
    ConfigureResult,
    CreatedBy,
    CurrentUser,
    FileEntry,
    FileWritten,
    ForwardedPort,
    InvokeResult,
    ProcessExit,
    ProcessInfo,
    SandboxPhase,
    SandboxSummary,
    Template,
)
from agenttier._retry import RetryConfig
from agenttier._sync.agent import Agent
from agenttier._sync.attached import AttachedProcess
from agenttier._sync.client import AgentTierClient
from agenttier._sync.files import Files
from agenttier._sync.invoke import InvokeStream
from agenttier._sync.process import ExecStream
from agenttier._sync.sandbox import Sandbox
from agenttier._sync.tunnel import Tunnel

__version__ = "0.1.0"

__all__ = [
    "APIError",
    "APIKeyAuth",
    "Agent",
    "AgentTierClient",
    "AgentTierError",
    "ArchiveExtracted",
    "AsyncAgent",
    "AsyncAgentTierClient",
    "AsyncAttachedProcess",
    "AsyncExecStream",
    "AsyncFiles",
    "AsyncInvokeStream",
    "AsyncSandbox",
    "AsyncTunnel",
    "AttachedProcess",
    "AuthenticationError",
    "AuthorizationError",
    "BearerTokenAuth",
    "Cause",
    "CommandFailedError",
    "CommandResult",
    "Condition",
    "ConfigurationError",
    "ConfigureResult",
    "ConflictError",
    "CreatedBy",
    "CurrentUser",
    "Event",
    "ExecStream",
    "Exited",
    "FileEntry",
    "FileWritten",
    "Files",
    "ForwardedPort",
    "Gap",
    "InClusterAuth",
    "InvokeResult",
    "InvokeStream",
    "KubeconfigAuth",
    "LocalAddress",
    "NotFoundError",
    "Output",
    "PolicyViolationError",
    "ProcessExit",
    "ProcessInfo",
    "RetryConfig",
    "Sandbox",
    "SandboxErrorState",
    "SandboxPhase",
    "SandboxSummary",
    "SandboxTimeoutError",
    "Started",
    "Template",
    "Tunnel",
    "UnreachableError",
    "__version__",
]
