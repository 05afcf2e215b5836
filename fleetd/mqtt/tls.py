"""TLS for the endpoint: its certificate proves the daemon to the cars.

A car proves itself by its password, and each frame by its tag; so there are no client certificates.
"""

from __future__ import annotations

import ssl
from pathlib import Path


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """A context for `Endpoint.start`. Both files are PEM; the certificate's chain follows it.

    OSError when a file cannot be read, ssl.SSLError when it is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context
