"""Repeats a load on servers that take turns, and keeps every report."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile

from peers.certificates import Certificates
from peers.ipmd import Ipmd

LOAD_SECONDS = 600
PROFILE_LINES = 14


class Samples:
    """The reports of one load on one server, a report a round."""

    def __init__(self):
        self.reports = []

    def median(self, field):
        return statistics.median(report[field] for report in self.reports)

    def least(self, field):
        """What disturbs a measurement only ever adds to it: for telling small differences."""
        return min(report[field] for report in self.reports)


class Rounds:
    def __init__(self, programs, folder, count, quick):
        self.programs = pathlib.Path(programs)
        self.folder = folder
        self.certificates = Certificates(folder / "p256")
        self.rsa_certificates = Certificates(folder / "rsa", rsa=True)
        self.count = count
        self.quick = quick
        self.raw = {}
        self.started = 0
        Ipmd.program = self.programs / "ipmd"

    def scale(self, count):
        """Requests of a load; a quick run takes a fifth."""
        return max(count // 5, 1) if self.quick else count

    def server(self, kind, *, rsa=False, **options):
        self.started += 1
        certificates = self.rsa_certificates if rsa else self.certificates
        return kind(self.folder / f"{kind.name}-{self.started}", certificates, **options)

    def load(self, server, work, *words):
        """One run of the load generator; its report."""
        command = [self.programs / "ipm_load", work, f"127.0.0.1:{server.port}", "--path", server.path,
                   "--server", server.pid, "--json", *words]
        if server.mutual:
            certificate, key = self.certificates.client
            command += ["--certificate", certificate, "--key", key]
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=LOAD_SECONDS)
        if done.returncode == 2 or not done.stdout:
            raise RuntimeError(f"{command}: {done.stderr.decode()}\n{server.told()}")
        report = json.loads(done.stdout)
        if report["failed"]:
            raise RuntimeError(f"{server.name}: {report['failed']} failed: {report['first_failure']}\n{server.told()}")
        return report

    def compare(self, name, cases, count=None):
        """`cases`: {label: function(rounds) -> report}. They take turns, in changing order."""
        samples = {label: Samples() for label in cases}
        labels = list(cases)
        for number in range(count or self.count):
            for label in labels if number % 2 == 0 else reversed(labels):
                os.sync()  # what one left to write does not burden the next
                samples[label].reports.append(cases[label](self))
        self.raw[name] = {label: sample.reports for label, sample in samples.items()}
        return samples

    def profile(self, server, work):
        """Where the server's CPU time goes while `work()` runs: perf's lines, or why there are none."""
        if shutil.which("perf") is None:
            return "perf is not installed (package linux-perf)"
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            data = pathlib.Path(folder) / "perf.data"
            recorder = subprocess.Popen(["perf", "record", "-q", "-F", "997", "-e", "cpu-clock", "-o", str(data),
                                         "-p", ",".join(str(pid) for pid in family_of(server.pid))],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
            try:
                work()
            finally:
                recorder.send_signal(2)
                recorder.wait()
            parts = [_perf_report(data, "dso", 8), _perf_report(data, "dso,symbol", PROFILE_LINES)]
        return "\n".join(part for part in parts if part) or "perf recorded nothing"


def _perf_report(data, sort, lines):
    done = subprocess.run(["perf", "report", "-i", str(data), "--stdio", "--no-children", "-g", "none",
                           "--percent-limit", "0.5", "--sort", sort], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = [line.rstrip(" -") for line in done.stdout.decode("utf-8", "replace").splitlines()
             if line.strip() and not line.startswith("#")]
    return "\n".join(line[:110] for line in found[:lines])


def family_of(root):
    """A process and all that descend from it."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
    family = [root]
    for process in family:
        family += parents.get(process, [])
    return family
