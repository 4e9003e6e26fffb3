"""What Python itself reads in pickles: python3 oracle.py FOLDER

Writes seeded random pickles to FOLDER, then for each, and for each file named on standard input, prints a line of JSON:

    {"path", "opcodes": [[offset, name, argument or null]...], "imports": [[module, name]...] or null}

Opcodes are pickletools.genops over the pickles that stand one after another. Imports are what the pure Python
unpickler asks find_class for; it is answered with a class that does nothing, so no code is imported or run. Only the
pickles that this script wrote itself are unpickled so.
"""

import datetime
import decimal
import fractions
import io
import json
import os
import pickle
import pickletools
import random
import sys
import uuid
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import Counter, OrderedDict, defaultdict, deque


class Stub:
    """Stands for whatever a pickle names. Takes everything, does nothing."""

    def __new__(cls, *_, **__):
        return object.__new__(cls)

    def __init__(self, *_, **__):
        pass

    def __setstate__(self, _):
        pass

    def __setitem__(self, *_):
        pass

    def append(self, _):
        pass

    extend = update = add = append

    def __hash__(self):
        return id(self)


class Recorder(pickle._Unpickler):
    def __init__(self, stream):
        super().__init__(stream)
        self.asked = []

    def find_class(self, module, name):
        if self.proto < 3:
            if (module, name) in NAME_MAPPING:
                module, name = NAME_MAPPING[module, name]
            elif module in IMPORT_MAPPING:
                module = IMPORT_MAPPING[module]
        if [module, name] not in self.asked:
            self.asked.append([module, name])
        return Stub

    def persistent_load(self, _):
        return Stub()


class Point:
    """Pickled with a state."""

    def __init__(self, x, y):
        self.x, self.y, self.more = x, y, {"x": x}


class Called:
    """Pickled as a call of an ordinary class."""

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return random.Random(0).choice([OrderedDict, Counter]), (), None, None, iter([("k", self.value)])


def value(chance, depth):
    """Any value that pickle can write."""
    leaf = [
        lambda: chance.randint(-5, 300),
        lambda: chance.getrandbits(chance.choice([16, 31, 32, 63, 200, 2100])) * chance.choice([1, -1]),
        lambda: chance.uniform(-1e9, 1e9),
        lambda: chance.choice([None, True, False, Ellipsis]),
        lambda: "".join(chance.choice("ab\n\\'é\u2028\U0001f600\x00") for _ in range(chance.randint(0, 300))),
        lambda: bytes(chance.randrange(256) for _ in range(chance.randint(0, 300))),
        lambda: bytearray(chance.randrange(256) for _ in range(chance.randint(0, 9))),
        lambda: chance.choice([int, str, OrderedDict, len, datetime.date, os.path.join]),
        lambda: datetime.datetime(2000 + chance.randrange(50), 2, 3),
        lambda: decimal.Decimal(chance.randrange(99)) / 7,
        lambda: fractions.Fraction(chance.randrange(9), 7),
        lambda: uuid.UUID(int=chance.getrandbits(128)),
        lambda: Point(1, "two"),
        lambda: Called(3),
    ]
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(leaf)()
    some = lambda: [value(chance, depth - 1) for _ in range(chance.choice([0, 1, 2, 3, 4, 12]))]
    keyed = lambda: {f"key{number}": one for number, one in enumerate(some())}
    return chance.choice(
        [
            some,
            lambda: tuple(some()),
            keyed,
            lambda: OrderedDict(keyed()),
            lambda: defaultdict(list, keyed()),
            lambda: deque(some(), 20),
            lambda: {chance.randint(0, 9) for _ in range(5)},
            lambda: frozenset(str(one) for one in range(3)),
            lambda: (lambda shared: [shared, shared, {"again": shared}])(some()),
        ]
    )()


def write_random(folder, count):
    os.makedirs(folder, exist_ok=True)
    for seed in range(count):
        chance = random.Random(seed)
        path = os.path.join(folder, f"{seed:04d}.pkl")
        with open(path, "wb") as file:
            for _ in range(chance.choice([1, 1, 1, 3])):
                dump = chance.choice([pickle.dump, pickle._dump])
                data = io.BytesIO()
                dump(value(chance, 4), data, chance.randrange(6))
                optimised = chance.random() < 0.2
                file.write(pickletools.optimize(data.getvalue()) if optimised else data.getvalue())
        yield path


def opcodes(data):
    stream = io.BytesIO(data)
    found = []
    while stream.tell() < len(data):
        start = stream.tell()
        try:
            for opcode, argument, offset in pickletools.genops(stream):
                found.append([offset, opcode.name, argument if isinstance(argument, int) else None])
        except Exception:  # noqa: BLE001 - what stands here is no pickle: the listing ends before it
            return found if start else None
    return found


def imports(data):
    stream, asked = io.BytesIO(data), []
    while stream.tell() < len(data):
        recorder = Recorder(stream)
        recorder.load()
        asked += [one for one in recorder.asked if one not in asked]
    return asked


if __name__ == "__main__":
    sys.set_int_max_str_digits(0)
    own = list(write_random(sys.argv[1], int(sys.argv[2])))
    for path in own + sys.stdin.read().split("\n"):
        if not path:
            continue
        with open(path, "rb") as file:
            data = file.read()
        listing = opcodes(data)
        big = lambda number: str(number) if isinstance(number, int) else number
        if listing is not None:
            rows = [[offset, name, big(argument)] for offset, name, argument in listing]
            print(json.dumps({"path": path, "opcodes": rows, "imports": imports(data) if path in own else None}))
