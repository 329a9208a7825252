"""What the machine itself allows, measured beside the servers."""

import mmap
import os
import statistics
import subprocess
import time

PIECE_BYTES = 512 << 10
FILE_BYTES = 1 << 30


def handshake_ms(rsa):
    """CPU time of a server's own part of a TLS 1.3 handshake: one signature, one X25519 key and one agreement."""
    done = subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", "rsa2048" if rsa else "ecdsap256",
                           "ecdhx25519"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True)
    per_second = {}
    for line in done.stdout.decode().splitlines():
        fields = line.split(":")
        if fields[0] in ("+F2", "+F4", "+F5"):  # RSA and ECDSA (signing, verifying), ECDH
            per_second[fields[0]] = float(fields[3])
    return 1000 / per_second["+F2" if rsa else "+F4"] + 2 * 1000 / per_second["+F5"]


def disk_bytes_per_second(folder, rounds=3):
    """Of one long file, written past the page cache and synced."""
    piece = mmap.mmap(-1, PIECE_BYTES)  # aligned as O_DIRECT wants it
    piece.write(os.urandom(PIECE_BYTES))
    rates = []
    for _ in range(rounds):
        path = folder / "disk"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_DIRECT, 0o600)
        try:
            start = time.perf_counter()
            for _ in range(FILE_BYTES // PIECE_BYTES):
                os.write(descriptor, piece)
            os.fsync(descriptor)
            rates.append(FILE_BYTES / (time.perf_counter() - start))
        finally:
            os.close(descriptor)
            path.unlink()
    return statistics.median(rates)
