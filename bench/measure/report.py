"""Writes RESULTS.md."""

import datetime
import pathlib
import platform
import re
import statistics
import subprocess

FIELDS = (("per_second", "/s", 1), ("p50_ms", "p50 ms", 1), ("p99_ms", "p99 ms", 1),
          ("server_cpu_ms", "server CPU ms", 1), ("own_cpu_ms", "generator CPU ms", 1),
          ("server_bytes_per_connection", "KiB a connection", 1 / 1024))


def _first_line(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode("utf-8", "replace").strip().splitlines()[0]


def _package(name):
    return _first_line("dpkg-query", "-W", "-f=${Version}", name)


def _machine():
    information = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", information)
    cores = information.count("processor\t:")
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{cores} cores ({model.group(1).strip() if model else platform.machine()}), "
            f"{int(memory.group(1)) // 1024 // 1024} GiB, Linux {platform.release()}")


def _number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def markdown(rows, rounds):
    lines = [
        "# What it costs, beside its peers",
        "",
        f"Written by `tools/bench` on {datetime.date.today()}; medians of up to {rounds.count} rounds, the peers taking turns on the "
        "same machine under the same load.",
        "",
        f"- Machine: {_machine()}; the load generator runs on the same cores.",
        f"- Ours: {_first_line(str(rounds.programs / 'ipmd'), '--version')}, {_first_line('openssl', 'version')}, "
        f"SQLite {_package('libsqlite3-0')}; every acknowledged job is on stable storage.",
        f"- Peers: cupsd {_package('cups-daemon')} (GnuTLS {_package('libgnutls30')}; a raw, stopped queue, no logs, "
        f"nothing synced), nginx {_package('nginx')} (one worker, `ssl_verify_client on`, sessions as by default).",
        "- TLS 1.3, X25519; P-256 certificates where nothing else is said.",
        "",
        "| goal | ours | peer | ratio | wanted | reached |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        lines.append(f"| {row.goal} | {_number(row.ours)} {row.unit} | {_number(row.peer)} {row.unit} ({row.peer_name}) "
                     f"| {row.ratio:.2f} | {row.wanted:g} | {'yes' if row.reached else '**no**'} |")
    lines += ["", "Ratio: how many times better ours is (a rate divided by the peer's, a cost the other way round).", "",
              "## All loads", "", "| load | server | " + " | ".join(title for _, title, _ in FIELDS) + " |",
              "|---|---|" + "---:|" * len(FIELDS)]
    for load, servers in rounds.raw.items():
        for server, reports in servers.items():
            cells = []
            for field, _, scale in FIELDS:
                values = [report[field] * scale for report in reports if field in report]
                cells.append(_number(statistics.median(values)) if values else "")
            lines.append(f"| {load} | {server} | " + " | ".join(cells) + " |")
    missed = [row for row in rows if not row.reached]
    if missed:
        lines += ["", "## What is not reached, and where the CPU time goes"]
    told = set()
    for row in missed:
        lines += ["", f"**{row.goal}**: {row.ratio:.2f} of {row.wanted:g}. {row.bound}".rstrip()]
        if row.profile is None or row.profile in told:
            continue
        told.add(row.profile)
        lines += ["", "```", row.profile(), "```"]
    return "\n".join(lines) + "\n"


def appendix(title, text):
    return f"\n## {title}\n\n```\n{text.strip()}\n```\n"
