"""The goals: for each a function that measures it and returns rows of the table."""

import dataclasses
import os
import typing

from measure import limits
from peers.cupsd import Cupsd
from peers.ipmd import Ipmd
from peers.nginx import Nginx

KILOBYTES_10 = 10_240
GIGABYTE = 1 << 30
QUEUED_JOBS = 10_000
IDLE_CONNECTIONS = 5_000


@dataclasses.dataclass
class Row:
    goal: str           # in words
    ours: float
    peer: float
    unit: str
    wanted: float       # of the ratio, at least
    higher: bool        # whether a higher figure is the better one
    peer_name: str
    profile: typing.Callable[[], str] | None = None  # for what is not reached
    bound: str = ""     # what no server could pass on this machine

    @property
    def ratio(self):
        """How many times better than the peer."""
        if not self.ours or not self.peer:
            return 0.0
        return self.ours / self.peer if self.higher else self.peer / self.ours

    @property
    def reached(self):
        return self.ratio >= self.wanted

    def line(self):
        return (f"{self.goal}: {self.ours:.4g} {self.unit}, {self.peer_name} {self.peer:.4g}: "
                f"{self.ratio:.2f} of {self.wanted:g}{'' if self.reached else '  NOT REACHED'}")


def _print_words(rounds, count=10_000):
    return ("--bytes", KILOBYTES_10, "--connections", 64, "--warm-up", 100, "--count", rounds.scale(count))


def _connect_words(rounds):
    return ("--bytes", KILOBYTES_10, "--connections", 64, "--new-connections", "--warm-up", 20,
            "--count", rounds.scale(1000))


def _attribute_words(rounds):
    return ("--connections", 32, "--warm-up", 100, "--count", rounds.scale(5000))


def _handshake_words(rounds):
    return ("--connections", 16, "--warm-up", 50, "--count", rounds.scale(3000))


def _case(kind, work, words, *, keep=True, mutual=False, **options):
    def run(rounds):
        with rounds.server(kind, mutual=mutual, **options) as server:
            report = rounds.load(server, work, *words)
        if not keep:
            server.remove()
        return report
    return run


def _profile(rounds, work, words, **options):
    def run():
        with rounds.server(Ipmd, **options) as server:
            return rounds.profile(server, lambda: rounds.load(server, work, *words))
    return run


def _row(samples, field, goal, unit, wanted, higher, peer, profile=None, ours="ipmd", scale=1, bound=""):
    return Row(goal, scale * samples[ours].median(field), scale * samples[peer].median(field), unit, wanted, higher,
               peer, profile, bound)


def print(rounds):  # noqa: A001: named like the measurement
    """10 kB Print-Jobs over TLS, kept-alive connections"""
    rows = []
    for count in (10_000, 1_000):
        words = _print_words(rounds, count)
        samples = rounds.compare(f"print, {count} jobs", {
            "ipmd": _case(Ipmd, "print", words), "cupsd": _case(Cupsd, "print", words),
            "ipmd, mutual": _case(Ipmd, "print", words, mutual=True)})
        profile = _profile(rounds, "print", _print_words(rounds))
        what = f"10 kB Print-Job, TLS, keep-alive, {count:,} jobs"
        rows += [_row(samples, "server_cpu_ms", f"{what}: CPU time a job", "ms", 6, False, "cupsd", profile),
                 _row(samples, "per_second", f"{what}: rate", "/s", 6, True, "cupsd", profile)]
    return rows


def connect(rounds):
    """10 kB Print-Jobs, each over a TLS connection of its own"""
    rows = []
    for kind, rsa in (("RSA-2048", True), ("P-256", False)):
        words = _connect_words(rounds)
        samples = rounds.compare(f"connect, {kind}", {
            "ipmd": _case(Ipmd, "print", words, rsa=rsa), "cupsd": _case(Cupsd, "print", words, rsa=rsa)})
        profile = _profile(rounds, "print", words, rsa=rsa)
        what = f"10 kB Print-Job, a new TLS connection each, {kind}"
        generator = samples["ipmd"].median("own_cpu_ms")
        arithmetic = limits.handshake_ms(rsa)
        most = os.cpu_count() * 1000 / (generator + arithmetic)
        bound = (f"Of each request the generator takes {generator:.2f} ms, on the same {os.cpu_count()} cores, and the "
                 f"server's signature and key exchange {arithmetic:.2f} ms (openssl speed): a server that did nothing "
                 f"else would be at {most:,.0f} /s.")
        rows += [_row(samples, "per_second", f"{what}: rate", "/s", 6, True, "cupsd", profile, bound=bound),
                 _row(samples, "server_cpu_ms", f"{what}: CPU time", "ms", 6, False, "cupsd", profile, bound=bound)]
    return rows


def attributes(rounds):
    """Get-Printer-Attributes over TLS, kept-alive connections"""
    words = _attribute_words(rounds)
    samples = rounds.compare("attributes", {
        "ipmd": _case(Ipmd, "attributes", words), "cupsd": _case(Cupsd, "attributes", words)})
    profile = _profile(rounds, "attributes", words)
    return [_row(samples, "per_second", "Get-Printer-Attributes, TLS, keep-alive: rate", "/s", 4, True, "cupsd",
                 profile),
            _row(samples, "server_cpu_ms", "Get-Printer-Attributes, TLS, keep-alive: CPU time", "ms", 4, False,
                 "cupsd", profile)]


def handshake(rounds):
    """mutually authenticated full handshakes, P-256; nobody resumes"""
    words = _handshake_words(rounds)
    samples = rounds.compare("handshake", {
        "ipmd": _case(Ipmd, "handshake", words, mutual=True),
        "nginx": _case(Nginx, "handshake", words, mutual=True),
        "nginx, no tickets": _case(Nginx, "handshake", words, mutual=True, resumption=False)})
    profile = _profile(rounds, "handshake", words, mutual=True)
    # Ours offers resumption, as nginx does by default; without, nginx has less to do.
    what = "mutual TLS 1.3 handshake, P-256: CPU time"
    return [_row(samples, "server_cpu_ms", what, "ms", 2, False, "nginx", profile),
            _row(samples, "server_cpu_ms", f"{what}, nginx without tickets", "ms", 2, False, "nginx, no tickets",
                 profile)]


def large(rounds):
    """one document of 1 GiB over TLS"""
    words = ("--bytes", GIGABYTE // 8 if rounds.quick else GIGABYTE, "--connections", 1, "--count", 1,
             "--seconds", 600)
    samples = rounds.compare("large", {
        "ipmd": _case(Ipmd, "print", words, keep=False),
        "cupsd": _case(Cupsd, "print", words, keep=False)}, count=min(rounds.count, 3))
    profile = _profile(rounds, "print", words)
    bound = (f"This disk takes {limits.disk_bytes_per_second(rounds.folder) / 1e6:,.0f} MB/s past the page cache with a "
             "sync at the end; ours is synced when it is acknowledged, cupsd's is in memory.")
    return [_row(samples, "document_bytes_per_second", "one document of 1 GiB, TLS: rate", "MB/s", 2, True, "cupsd",
                 profile, scale=1e-6, bound=bound),
            _row(samples, "server_cpu_ms", "one document of 1 GiB, TLS: CPU time", "s", 2, False, "cupsd", profile,
                 scale=1e-3)]


def idle(rounds):
    """memory of idle TLS connections"""
    count = 500 if rounds.quick else IDLE_CONNECTIONS
    words = ("--idle", count)
    # After a handshake alone, and after a request: buffers that were used must be given back.
    samples = rounds.compare("idle", {
        "ipmd": _case(Ipmd, "handshake", words), "cupsd": _case(Cupsd, "handshake", words),
        "ipmd, asked": _case(Ipmd, "attributes", words), "cupsd, asked": _case(Cupsd, "attributes", words),
        "ipmd, mutual": _case(Ipmd, "handshake", words, mutual=True)}, count=min(rounds.count, 3))
    field = "server_bytes_per_connection"
    return [_row(samples, field, f"memory of an idle TLS connection, {count} open", "KiB", 2, False, "cupsd",
                 scale=1 / 1024),
            _row(samples, field, "the same after a request each", "KiB", 2, False, "cupsd, asked", ours="ipmd, asked",
                 scale=1 / 1024)]


def queued(rounds):
    """ours with 10,000 jobs queued beside ours with an empty queue"""
    count = rounds.scale(QUEUED_JOBS)
    loads = {"print": ("print", _print_words(rounds, 5_000)), "connect": ("print", _connect_words(rounds)),
             "attributes": ("attributes", _attribute_words(rounds)),
             "handshake": ("handshake", _handshake_words(rounds)),
             "idle": ("handshake", ("--idle", 500 if rounds.quick else IDLE_CONNECTIONS))}

    def case(name, filled):
        work, words = loads[name]

        def run(_):
            with rounds.server(Ipmd, mutual=name == "handshake") as server:
                if filled:
                    rounds.load(server, "print", "--bytes", KILOBYTES_10, "--connections", 64, "--count", count)
                    server.settle()
                return rounds.load(server, work, *words)
        return run

    rows = []
    for name in loads:
        samples = rounds.compare(f"queued {name}", {"queued": case(name, True), "empty": case(name, False)})
        field = "server_bytes_per_connection" if name == "idle" else "server_cpu_ms"
        unit, scale, what = ("KiB", 1 / 1024, "memory") if name == "idle" else ("ms", 1, "CPU time")
        rows.append(Row(f"{count} jobs queued, {name}: {what}, least of the rounds",
                        scale * samples["queued"].least(field), scale * samples["empty"].least(field), unit, 0.95,
                        False, "empty"))
    return rows


ALL = (print, connect, attributes, handshake, large, idle, queued)
