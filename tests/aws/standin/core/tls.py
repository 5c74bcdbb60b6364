"""A certificate authority made at start, and a certificate for every name that is served."""

import os
import ssl
import subprocess

from .endpoints import certificate_names

EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "7", "-batch"]


def openssl(*arguments):
    subprocess.run(
        ["openssl", *arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True
    )


def make_certificates(folder):
    """Makes ca.pem, and server.pem with its key. Returns the path of ca.pem."""
    ca, ca_key, server = (os.path.join(folder, name) for name in ("ca.pem", "ca.key", "server.pem"))
    openssl(
        "req",
        "-x509",
        *EC_KEY,
        "-subj",
        "/CN=stand-in test authority",
        "-keyout",
        ca_key,
        "-out",
        ca,
        "-addext",
        "basicConstraints=critical,CA:TRUE",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign"
    )
    names = ",".join("DNS:" + name for name in certificate_names()) + ",IP:127.0.0.1,IP:::1"
    openssl(
        "req",
        "-x509",
        *EC_KEY,
        "-CA",
        ca,
        "-CAkey",
        ca_key,
        "-subj",
        "/CN=localhost",
        "-keyout",
        server + ".key",
        "-out",
        server,
        "-addext",
        "subjectAltName=" + names,
        "-addext",
        "basicConstraints=critical,CA:FALSE"
    )
    return ca


def server_context(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server = os.path.join(folder, "server.pem")
    context.load_cert_chain(server, server + ".key")
    return context
