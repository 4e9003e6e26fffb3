"""Runs scanners in one process each on the files named on standard input, one a line: python3 peers.py PEER...

PEER is picklescan, modelscan, fickling or modelaudit; one that is named twice shares the files between two processes.

Prints a line of JSON a file and peer: {"path", "peer", "verdict", "detail"}; verdict is dangerous, suspicious, clean,
skipped (the peer does not know the file) or error (also: out of its 15 seconds or its 3 GB).
"""

import contextlib
import io
import json
import logging
import multiprocessing
import os
import resource
import signal
import sys
import warnings

SECONDS, BYTES = 15, 3 << 30


def picklescan():
    from picklescan.scanner import SafetyLevel, scan_file_path

    logging.disable(logging.CRITICAL)

    def scan(path):
        result = scan_file_path(path)
        levels = {found.safety for found in result.globals}
        if result.issues_count or SafetyLevel.Dangerous in levels:
            return "dangerous", names(found for found in result.globals if found.safety == SafetyLevel.Dangerous)
        if SafetyLevel.Suspicious in levels:
            return "suspicious", names(found for found in result.globals if found.safety == SafetyLevel.Suspicious)
        if result.scan_err:
            return "error", ""
        return ("clean", "") if result.scanned_files else ("skipped", "")

    def names(found):
        return ", ".join(sorted({f"{one.module}.{one.name}" for one in found})[:3])

    return scan


def modelscan():
    from modelscan.modelscan import ModelScan

    logging.disable(logging.CRITICAL)

    def scan(path):
        scanner = ModelScan()
        scanner.scan(path)
        issues = scanner.issues.all_issues
        if issues:
            severities = {issue.severity.name for issue in issues}
            return ("dangerous" if severities & {"CRITICAL", "HIGH"} else "suspicious"), ", ".join(sorted(severities))
        if scanner.errors:
            return "error", ""
        return ("clean", "") if scanner.scanned else ("skipped", "")

    return scan


def fickling():
    from fickling.analysis import Severity
    from fickling.loader import scan_file, scan_zip_archive
    import zipfile

    def scan(path):
        result = scan_zip_archive(path) if zipfile.is_zipfile(path) else scan_file(path)
        results = list(result.values()) if isinstance(result, dict) else [result]
        worst = max((one.severity for one in results), default=Severity.LIKELY_SAFE)
        if worst > Severity.SUSPICIOUS:
            return "dangerous", worst.name
        if worst > Severity.LIKELY_SAFE:
            return "suspicious", worst.name
        return ("error", "") if any(one.errors for one in results) else ("clean", "")

    return scan


def modelaudit():
    # No telemetry, no network, no results of an earlier version.
    for switch in ("PROMPTFOO_DISABLE_TELEMETRY", "NO_ANALYTICS", "DO_NOT_TRACK", "HF_HUB_OFFLINE"):
        os.environ[switch] = "1"
    logging.disable(logging.CRITICAL)
    from modelaudit.core import scan_model_directory_or_file

    def scan(path):
        result = scan_model_directory_or_file(path, cache_enabled=False, timeout=SECONDS)
        severities = {getattr(issue.severity, "value", str(issue.severity)) for issue in result.issues}
        if "critical" in severities:
            return "dangerous", "critical"
        if "warning" in severities:
            return "suspicious", "warning"
        if all(asset.type in (None, "unknown") for asset in result.assets):
            return "skipped", ""
        return ("clean", "") if result.success and not result.has_errors else ("error", "")

    return scan


def examine(peer, paths, answers):
    """One peer over all files; a file that it cannot take does not end the rest."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.setrecursionlimit(5000)
    warnings.simplefilter("ignore")

    def stop(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    scan = peer()
    for path in paths:
        signal.alarm(SECONDS)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                verdict, detail = scan(path)
        except BaseException as error:  # noqa: BLE001 - whatever a peer throws is its verdict
            verdict, detail = "error", type(error).__name__
        finally:
            signal.alarm(0)
        answers.put({"path": path, "peer": peer.__name__, "verdict": verdict, "detail": detail})
    answers.put(None)


if __name__ == "__main__":
    files = sys.stdin.read().splitlines()
    names = sys.argv[1:]
    queue = multiprocessing.Queue()
    workers = []
    for index, name in enumerate(names):
        share = files[names[:index].count(name) :: names.count(name)]
        workers.append(multiprocessing.Process(target=examine, args=(globals()[name], share, queue)))
    for worker in workers:
        worker.start()
    left = len(workers)
    while left:
        try:
            answer = queue.get(timeout=1)
        except Exception:  # noqa: BLE001 - queue.Empty: a worker that died says nothing more
            if not any(worker.is_alive() for worker in workers) and queue.empty():
                break
            continue
        if answer is None:
            left -= 1
        else:
            print(json.dumps(answer), flush=True)
    for worker in workers:
        worker.join()
