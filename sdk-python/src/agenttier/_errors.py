"""Everything that the SDK raises on purpose, below :class:`AgentTierError`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agenttier._models import CommandResult


@dataclass(frozen=True)
class Cause:
    """One entry of ``details.causes`` of a Kubernetes Status; ``field`` is a path in the body, or empty."""

    reason: str
    message: str
    field: str = ""


class AgentTierError(Exception):
    """Base of all errors of the SDK."""


class ConfigurationError(AgentTierError):
    """The cluster or the identity cannot be told from arguments, kubeconfig or the pod's own account."""


class UnreachableError(AgentTierError):
    """The connection to kube-apiserver failed or broke.

    ``was_sent`` False: the call has not left this machine; True: it may have been served nevertheless.
    """

    def __init__(self, message: str, *, was_sent: bool = True) -> None:
        super().__init__(message)
        self.was_sent = was_sent


class APIError(AgentTierError):
    """An answer that refuses the call.

    ``status_code`` is the HTTP status, ``body`` the text of the answer (at most 64 KiB). ``reason``, ``causes`` and
    ``retry_after`` (seconds) are those of the Kubernetes Status; empty where the answer was none.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        body: str = "",
        reason: str = "",
        causes: tuple[Cause, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.body = body
        self.reason = reason
        self.causes = causes
        self.retry_after = retry_after


class AuthenticationError(APIError):
    """401: the credentials are missing, wrong or expired."""


class AuthorizationError(APIError):
    """403: RBAC does not allow it; the message names the verb and the resource."""


class PolicyViolationError(AuthorizationError):
    """403 by a policy: ``violations`` has one cause for each rule that was broken."""

    @property
    def violations(self) -> tuple[Cause, ...]:
        return self.causes


class NotFoundError(APIError):
    """404: no such sandbox, process, file or template."""


class ConflictError(APIError):
    """409: the sandbox or the file is in a state that does not allow it; the message names the call that helps."""


class SandboxTimeoutError(AgentTierError):
    """Something did not happen within the time that the caller gave."""


class SandboxErrorState(AgentTierError):
    """The sandbox will not get there by itself; the message says why."""


class CommandFailedError(AgentTierError):
    """A command with ``check=True`` did not complete with exit code 0; ``result`` has its output."""

    def __init__(self, result: CommandResult) -> None:
        self.result = result
        super().__init__(result.failure())
