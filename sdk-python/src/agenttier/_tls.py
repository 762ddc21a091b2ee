"""TLS as an :class:`Access` wants it."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

from agenttier._auth import Access
from agenttier._credentials import ClientCertificate
from agenttier._errors import ConfigurationError


def tls_context(access: Access, certificate: ClientCertificate | None) -> ssl.SSLContext:
    """A context for one identity: a certificate that was replaced gets a new one, and with it new connections."""
    try:
        context = ssl.create_default_context(cadata=access.authority.decode("ascii") or None)
    except (ssl.SSLError, ValueError) as e:
        raise ConfigurationError("the certificate authority of the cluster is no PEM certificate") from e
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not access.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        _load(context, certificate)
    return context


def _load(context: ssl.SSLContext, certificate: ClientCertificate) -> None:
    """OpenSSL's binding reads files only: one that only we can read, for as long as it takes."""
    with tempfile.TemporaryDirectory(prefix="agenttier-") as folder:
        file = Path(folder, "identity.pem")
        file.touch(mode=0o600)
        file.write_bytes(certificate.certificate + b"\n" + certificate.key + b"\n")
        try:
            # without a password, so that an encrypted key is an error and no prompt
            context.load_cert_chain(file, password="")
        except (ssl.SSLError, ValueError) as e:
            raise ConfigurationError(
                "the client certificate and its key do not fit together or are no PEM without a password"
            ) from e
