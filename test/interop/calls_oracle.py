"""What Python makes of calls: python3 calls_oracle.py < questions

Reads JSON: {"pickles": {name: base64}, "calls": [[dotted, [argument...]]...]}. The pickles are harmless twins of evasions,
written by the test itself; each is loaded by both of CPython's unpicklers. The calls are of functions of the standard
library that only compute. An argument or a result {"bytes": base64} stands for bytes, {"list": [...]} for a list; other
arrays are tuples. Prints {"pickles": {name: [C, Python]}, "calls": [result or null where it raised...]}.
"""

import base64
import importlib
import json
import pickle
import sys


def given(value):
    if isinstance(value, dict):
        if "bytes" in value:
            return base64.b64decode(value["bytes"])
        if "slice" in value:
            return slice(*value["slice"])
        return [given(item) for item in value["list"]]
    return tuple(given(item) for item in value) if isinstance(value, list) else value


def told(value):
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, tuple):
        return [told(item) for item in value]
    if isinstance(value, list) or type(value).__name__ == "reversed":
        return {"list": [told(item) for item in value]}
    return value


def attempt(function, *args):
    try:
        return told(function(*args))
    except Exception:
        return None


def find(dotted):
    module, *path = dotted.split(".")
    found = importlib.import_module(module)
    for name in path:
        found = getattr(found, name)
    return found


questions = json.load(sys.stdin)
pickles = {
    name: [attempt(load, base64.b64decode(content)) for load in (pickle.loads, pickle._loads)]
    for name, content in questions["pickles"].items()
}
calls = [attempt(lambda: find(dotted)(*map(given, args))) for dotted, args in questions["calls"]]
json.dump({"pickles": pickles, "calls": calls}, sys.stdout)
