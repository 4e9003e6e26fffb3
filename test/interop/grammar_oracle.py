"""What Python reads in generated pickles: python3 grammar_oracle.py FILE

FILE holds pickles, each after its length as four bytes, little-endian. For each a line of JSON:

    {"opcodes": [[offset, name]...] or null, "imports": [[module, name]...], "loaded": true or false}

`opcodes` are pickletools.genops, null when it gives up. `imports` are what the unpickler written in Python asks for
until it ends or fails; it is answered with a class that does nothing, so no code is imported or run.
"""

import io
import json
import pickletools
import struct
import sys

from oracle import Recorder

if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    place = 0
    while place < len(data):
        (length,) = struct.unpack_from("<I", data, place)
        one = data[place + 4 : place + 4 + length]
        place += 4 + length
        try:
            opcodes = [[offset, opcode.name] for opcode, _, offset in pickletools.genops(io.BytesIO(one))]
        except Exception:  # noqa: BLE001 - what it refuses is not compared
            opcodes = None
        recorder = Recorder(io.BytesIO(one))
        try:
            recorder.load()
            loaded = True
        except Exception:  # noqa: BLE001 - what was asked for until then counts
            loaded = False
        print(json.dumps({"opcodes": opcodes, "imports": recorder.asked, "loaded": loaded}))
