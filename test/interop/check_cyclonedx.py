"""Reads CycloneDX and SPDX documents with the projects' own libraries.

usage: check_cyclonedx.py FILE...
Prints JSON: for each file the error of the strict schema, or of the library's model, or null.

usage: check_cyclonedx.py --verdicts < LINES
Prints JSON: for each line, a document, whether the strict schema of its version takes it.
"""

import json
import sys

from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_python_model import v3_0_1 as spdx


def cyclonedx(text):
    document = json.loads(text)
    version = SchemaVersion["V" + document["specVersion"].replace(".", "_")]
    error = JsonStrictValidator(version).validate_str(text)
    if error is not None:
        return str(error)[:500]
    bom = Bom.from_json(document)
    bom.validate()
    # The library has no model cards; what it has must survive its own round.
    return None if bom.metadata.component.name == document["metadata"]["component"]["name"] else "the name is lost"


def spdx3(path):
    objects = spdx.SHACLObjectSet()
    with open(path, "rb") as file:
        spdx.JSONLDDeserializer().read(file, objects)
    missing = objects.link()
    return f"unresolved: {sorted(missing)[:3]}" if missing else None


if sys.argv[1:] == ["--verdicts"]:
    validators = {version: JsonStrictValidator(SchemaVersion["V" + version.replace(".", "_")]) for version in ("1.6", "1.7")}
    verdicts = []
    for line in sys.stdin:
        document = json.loads(line)
        error = validators[document["specVersion"]].validate_str(line)
        verdicts.append(None if error is None else str(error)[:300])
    print(json.dumps(verdicts))
    sys.exit(0)

results = {}
for path in sys.argv[1:]:
    try:
        results[path] = spdx3(path) if path.endswith(".spdx.json") else cyclonedx(open(path, encoding="utf-8").read())
    except Exception as error:
        results[path] = f"{type(error).__name__}: {error}"[:500]
print(json.dumps(results))
