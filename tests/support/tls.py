"""A door that speaks TLS in front of a server that doesn't."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Door:
    """Where it listens, and what it shows."""

    port: int
    certificate: Path
    fingerprint: str


@contextmanager
def tls_door(directory: Path, port: int) -> Iterator[Door]:
    """Lead TLS connections, with a certificate that nobody else has signed, to `port` of this machine."""
    certificate, fingerprint = self_signed(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, directory / "key.pem")
    ready, found = Event(), [0]
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers = [writer]
            try:
                with suppress(OSError):
                    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
                    writers.append(inner_writer)
                    pumps = _pump(reader, inner_writer), _pump(inner_reader, writer)
                    await asyncio.wait(map(asyncio.create_task, pumps), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in writers:
                    each.close()

        server = await asyncio.start_server(lead, "127.0.0.1", 0, ssl=context)
        found[0] = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()
        leading = asyncio.all_tasks() - {asyncio.current_task()}
        for task in leading:
            task.cancel()
        await asyncio.gather(*leading, return_exceptions=True)
        await asyncio.sleep(0.05)  # what is closed is gone a turn or two later, and the loop with it

    def run() -> None:
        loop.set_exception_handler(lambda _loop, _context: None)  # handshakes that the other side refuses, as it should
        loop.run_until_complete(serve())
        loop.close()

    thread = Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield Door(found[0], certificate, fingerprint)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


def self_signed(directory: Path) -> tuple[Path, str]:
    """Write `key.pem` and `certificate.pem`, for 127.0.0.1, into a folder; return the latter and its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{directory.name}.example"[-64:])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    path = directory / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path, sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()
