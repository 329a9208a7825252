#!/usr/bin/env python3
"""ipm trust build against curl's mk-ca-bundle.pl, in one run on one machine.

    bench/certdata_bench.py [--ipm build/release/bin/ipm] [--certdata FILE] [--script FILE]

The script is not part of this project: it is taken out of the source package of Debian's curl, by the
machine's own apt configuration, into a temporary folder. Where that is not to be had the comparison is
skipped, and said so. Goals: 100 times faster with text listings, 5 times without, at most 64 MiB.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
SEED = "SERVER_AUTH,CLIENT_AUTH,CRL_SIGN:TRUSTED_DELEGATOR"
GOAL_TEXT, GOAL_PLAIN, GOAL_MIB = 100, 5, 64


def measure(argv, runs, cwd):
    """The best wall and processor time in seconds, and the peak memory in MiB, of several runs."""
    wall = cpu = float("inf")
    peak = 0
    for _ in range(runs):
        begun = time.monotonic()
        child = subprocess.Popen([str(word) for word in argv], cwd=cwd, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        if status != 0:
            raise SystemExit(f"{' '.join(map(str, argv))} ended with {status}")
        wall = min(wall, time.monotonic() - begun)
        cpu = min(cpu, usage.ru_utime + usage.ru_stime)
        peak = max(peak, usage.ru_maxrss / 1024)
    return wall, cpu, peak


def fetch_script(folder):
    """mk-ca-bundle.pl of the curl that this machine's distribution ships, or None."""
    if not shutil.which("apt-get"):
        return None
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)",
                              "Created-By: Packages", "Origin: Debian"],
                             capture_output=True, text=True, check=False).stdout
    keys = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    option = f"[signed-by={keys}] " if keys.exists() else ""
    (folder / "sources.list").write_text("".join(
        f"deb-src {option}{line} main\n" for line in sorted(set(targets.splitlines())) if "-" not in line.split()[-1]))
    (folder / "lists/partial").mkdir(parents=True)
    options = ["-qq", "-o", f"Dir::Etc::sourcelist={folder}/sources.list", "-o", "Dir::Etc::sourceparts=-",
               "-o", f"Dir::State::lists={folder}/lists", "-o", f"Dir::Cache={folder}"]
    for words in (["update"], ["source", "--download-only", "curl"]):
        subprocess.run(["apt-get", *options, *words], cwd=folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False, timeout=300)
    for archive in folder.glob("curl_*.orig.tar.*"):
        if archive.suffix == ".asc":
            continue
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.name.endswith("/scripts/mk-ca-bundle.pl"):
                    script = folder / "mk-ca-bundle.pl"
                    script.write_bytes(tar.extractfile(member).read())
                    return script
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--ipm", type=pathlib.Path, default=TOP / "build/release/bin/ipm")
    parser.add_argument("--certdata", type=pathlib.Path, default=TOP.parent / "shared/certdata/certdata.txt")
    parser.add_argument("--script", type=pathlib.Path)
    arguments = parser.parse_args()
    if not arguments.certdata.exists():
        print("skipped: no certdata.txt; name one with --certdata")
        return 0
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certdata = folder / "certdata.txt"
        shutil.copy(arguments.certdata, certdata)
        script = arguments.script.resolve() if arguments.script else fetch_script(folder)
        ipm = [arguments.ipm.resolve(), "--root", folder / "root", "trust", "build"]
        ours = {"plain": measure([*ipm, certdata], 30, folder),
                "text": measure([*ipm, "-s", "SHA256", "-t", "-p", SEED, certdata], 20, folder)}
        peak = max(values[2] for values in ours.values())
        for kind, (wall, cpu, memory) in ours.items():
            print(f"ipm trust build, {kind:<5}: {wall * 1e3:8.1f} ms wall {cpu * 1e3:8.1f} ms cpu "
                  f"{memory:6.1f} MiB")
        failed |= peak > GOAL_MIB
        hostile = folder / "hostile.txt"
        line = b"CKA_CLASS CK_OBJECT_CLASS CKO_DATA\n" + b"# comment\n" * 60
        # In pieces: a child's peak begins with the memory of the process that forked it.
        with hostile.open("wb") as file:
            for _ in range((100 << 20) // len(line)):
                file.write(line)
        before = time.monotonic()
        child = subprocess.Popen([str(word) for word in [*ipm, hostile]], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
        words = child.stderr.read().decode().splitlines()[0]
        _, _, usage = os.wait4(child.pid, 0)
        print(f"hostile, 100 MiB       : {(time.monotonic() - before) * 1e3:8.1f} ms wall "
              f"{usage.ru_maxrss / 1024:17.1f} MiB: {words.replace(name, '')}")
        failed |= usage.ru_maxrss / 1024 > GOAL_MIB
        if script is None:
            print("skipped: the perl script could not be had (no source packages); name it with --script")
            return int(failed)
        perl = ["perl", script, "-n", "-f", "-q"]
        theirs = {"plain": measure([*perl, folder / "p.crt"], 10, folder),
                  "text": measure([*perl, "-s", "SHA256", "-t", "-p", SEED, folder / "t.crt"], 2, folder)}
        for kind, goal in (("plain", GOAL_PLAIN), ("text", GOAL_TEXT)):
            wall, cpu, memory = theirs[kind]
            # wait4 counts the processor time of the hundreds of openssl programs too.
            times = wall / ours[kind][0]
            print(f"mk-ca-bundle.pl, {kind:<5}: {wall * 1e3:8.1f} ms wall {cpu * 1e3:8.1f} ms cpu "
                  f"{memory:6.1f} MiB: {times:.1f} times as long ({cpu / ours[kind][1]:.1f} by cpu, goal {goal})")
            failed |= times < goal
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
