"""What other tools say of texts: python3 text_scanners.py TOOL FOLDER, where TOOL is bandit, checkov, gixy, pip-audit or ast.

Prints one JSON list. bandit, checkov and gixy: {"path", "check", "line", "endLine", "note"}; note tells of the call that bandit means
(spread, computed, members, loader, zip, copy, files). pip-audit: {"package", "version", "ids"}. ast: {"path", "calls": [[line, column, endLine, endColumn,
keywords]]}, columns in UTF-16 code units from 1, calls in f-strings left out.
"""

import ast
import http.server
import json
import os
import subprocess
import sys
import threading

BIN = os.path.dirname(sys.executable)


def run(*command, **options):
    environment = {**os.environ, "LOG_LEVEL": "CRITICAL", "BC_SKIP_MAPPING": "TRUE"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, **options)
    return done.stdout, done.stderr


def files_in(folder, *ends):
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(ends):
                yield os.path.join(parent, name)


def bandit(folder):
    tests = "B202,B301,B302,B501,B506,B602,B605,B614,B615"
    output, _ = run(os.path.join(BIN, "bandit"), "-q", "-f", "json", "-t", tests, "-r", folder)
    trees = {}
    found = []
    for each in json.loads(output)["results"]:
        path = each["filename"]
        if path not in trees:
            with open(path, encoding="utf8") as file:
                trees[path] = ast.parse(file.read())
        note = note_of(trees[path], each["line_number"], each["col_offset"])
        found.append(
            {
                "path": os.path.relpath(path, folder),
                "check": each["test_id"],
                "line": min(each["line_range"]),
                "endLine": max(each["line_range"]),
                "note": note,
            }
        )
    return found


def note_of(tree, line, column):
    """What stands in the way of knowing what the call that begins there does."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and (n.lineno, n.col_offset) == (line, column)]
    call = max(calls, key=lambda node: (node.end_lineno, node.end_col_offset), default=None)
    if call is None:
        return ""
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    notes = []
    if None in named:
        notes.append("spread")
    if "members" in named or "filter" in named:
        notes.append("members")
    if getattr(named.get("Loader"), "attr", "") in ("BaseLoader", "CBaseLoader"):
        notes.append("loader")
    first = call.args[0] if call.args else named.get("repo_id", named.get("pretrained_model_name_or_path"))
    if any(isinstance(n, ast.Name) and n.id == "zipfile" for n in ast.walk(tree)):
        notes.append("zip")
    if isinstance(first, ast.Call) and getattr(first.func, "attr", "") == "dumps":
        notes.append("copy")
    if isinstance(first, ast.Name):
        bound = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == first.id and isinstance(n.ctx, ast.Store)]
        given = [n for n in ast.walk(tree) if isinstance(n, ast.arg) and n.arg == first.id]
        constants = [
            n.value
            for n in ast.walk(tree)
            if isinstance(n, ast.Assign) and len(n.targets) == 1 and isinstance(n.targets[0], ast.Name) and n.targets[0].id == first.id
        ]
        if len(bound) == 1 and not given and len(constants) == 1:
            first = constants[0]
    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
        notes.append("computed")
    elif first.value in ("csv", "json", "text", "parquet", "arrow", "imagefolder", "audiofolder", "webdataset"):
        notes.append("files")
    return ",".join(notes)


def checkov(folder):
    output, complaint = run(
        os.path.join(BIN, "checkov"), "-d", folder, "-o", "json", "--quiet", "--compact", "--skip-download",
        "--framework", "kubernetes", "dockerfile", "github_actions", "secrets",
    )  # fmt: skip
    try:
        reports = json.loads(output)
    except ValueError:
        sys.exit(complaint[-2000:])
    found = []
    for report in reports if isinstance(reports, list) else [reports]:
        for check in report["results"]["failed_checks"]:
            start, end = check["file_line_range"]
            path = os.path.relpath(check["file_abs_path"], folder)
            found.append({"path": path, "check": check["check_id"], "line": start, "endLine": end, "note": check["check_name"]})
    return found


def gixy(folder):
    found = []
    for path in files_in(folder, ".conf"):
        output, _ = run(os.path.join(BIN, "gixy"), "-f", "json", path)
        for each in json.loads(output or "[]"):
            lines = [each.get("line"), each.get("config_line")]
            line = next((number for number in lines if isinstance(number, int)), None)
            name = each.get("plugin", each.get("test", "?"))
            summary = each.get("summary", "")
            # What is not written is another matter than what is written and weak.
            name = f"{name} ({summary})" if summary.startswith("Missing") else name
            found.append({"path": os.path.relpath(path, folder), "check": name, "line": line, "endLine": line, "note": each.get("summary", "")})
    return found


def pip_audit(folder):
    """With a service of OSV of our own, that answers from the records in FOLDER/osv by the ranges, compared by packaging."""
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    records = []
    for path in files_in(os.path.join(folder, "osv"), ".json"):
        with open(path, encoding="utf8") as file:
            records.append(json.load(file))

    def affects(entry, version):
        if version in entry.get("versions", []):
            return True
        version = Version(version)
        for each in entry.get("ranges", []):
            inside = False
            for event in each["events"]:
                if "introduced" in event:
                    inside = inside or event["introduced"] == "0" or version >= Version(event["introduced"])
                elif "fixed" in event and version >= Version(event["fixed"]):
                    inside = False
                elif "last_affected" in event and version > Version(event["last_affected"]):
                    inside = False
            if inside:
                return True
        return False

    class Service(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name, version = canonicalize_name(query["package"]["name"]), query["version"]
            vulns = [
                record
                for record in records
                if "withdrawn" not in record
                and any(canonicalize_name(entry["package"]["name"]) == name and affects(entry, version) for entry in record["affected"])
            ]
            body = json.dumps({"vulns": vulns} if vulns else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/v1/query"
    output, complaint = run(
        os.path.join(BIN, "pip-audit"), "-s", "osv", "--osv-url", address, "-r", os.path.join(folder, "requirements.txt"),
        "--no-deps", "--disable-pip", "-f", "json", "--progress-spinner", "off",
    )  # fmt: skip
    server.shutdown()
    if output == "":
        sys.exit(complaint[-2000:])
    return [
        {
            "package": each["name"],
            "version": each["version"],
            "ids": sorted([vulnerability["id"], *vulnerability["aliases"]] for vulnerability in each["vulns"]),
        }
        for each in json.loads(output)["dependencies"]
    ]


def ast_facts(folder):
    found = []
    for path in files_in(folder, ".py"):
        with open(path, encoding="utf8", newline="") as file:
            text = file.read()
        try:
            tree = ast.parse(text)
        except SyntaxError:
            continue
        # As the parser counts lines: a form feed ends none.
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        found.append({"path": os.path.relpath(path, folder), "calls": sorted(calls_in(tree, lines))})
    return found


def calls_in(node, lines):
    def column(line, byte):
        before = lines[line - 1].encode()[:byte].decode()
        return len(before.encode("utf-16-le")) // 2 + 1

    for child in ast.iter_child_nodes(node):
        # Places in f-strings are right only from Python 3.12 on.
        if isinstance(child, ast.JoinedStr):
            continue
        if isinstance(child, ast.Call) and not (len(child.args) == 1 and isinstance(child.args[0], ast.GeneratorExp)):
            start = column(child.lineno, child.col_offset)
            end = column(child.end_lineno, child.end_col_offset)
            keywords = sorted(keyword.arg for keyword in child.keywords if keyword.arg)
            yield [child.lineno, start, child.end_lineno, end, keywords]
        yield from calls_in(child, lines)


tools = {"bandit": bandit, "checkov": checkov, "gixy": gixy, "pip-audit": pip_audit, "ast": ast_facts}
json.dump(tools[sys.argv[1]](os.path.abspath(sys.argv[2])), sys.stdout)
