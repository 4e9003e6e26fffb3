"""Writes model files with the real libraries: python3 test/interop/make_corpus.py FOLDER

Versions: test/interop/requirements.txt, and PyTorch of the system (1.13 on Debian 12). Beside each benign file stand
dangerous twins: written by the same library, with one object more that names a command. Nothing is ever loaded here,
and the command would print a word. FOLDER/manifest.json lists path, expected verdict and what it is:

    clean       nothing but values of vetted libraries: no warning, no error
    any         no claim beyond "inspected without a crash" (object arrays, whole modules)
    dangerous   an error must be reported
"""

import bz2
import datetime
import decimal
import fractions
import gzip
import io
import json
import lzma
import os
import pathlib
import pickle
import subprocess
import sys
import uuid
import zipfile
import zlib
from collections import Counter, OrderedDict, defaultdict, deque

import joblib
import numpy as np
import pandas as pd
import scipy.sparse
import torch
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

manifest = []
root = pathlib.Path()


class Calls:
    """Pickles as a call of `function`. Pickling it calls nothing."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def command():
    return Calls(os.system, "echo probe")


dangers = {
    "system": command,
    "eval": lambda: Calls(eval, "print('probe')"),
    "exec": lambda: Calls(exec, "print('probe')"),
    "popen": lambda: Calls(subprocess.Popen, ["echo", "probe"]),
    "loads": lambda: Calls(pickle.loads, pickle.dumps(command())),
}


def place(path, expected, what):
    """The absolute path for a new file, noted in the manifest."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    manifest.append({"path": path, "expected": expected, "what": what})
    return str(target)


def write(path, expected, what, data):
    with open(place(path, expected, what), "wb") as file:
        file.write(data)


def standard_library():
    values = {
        "numbers": [0, -1, 255, 65536, -(2**31), 2**31, 2**70, -(2**70), 1.5, float("inf"), 1 + 2j],
        "text": ["", "plain", "emoji \U0001f600", "accents éü", "x" * 300, "os.system('only text')"],
        "bytes": [b"", b"short", b"y" * 300, bytearray(b"array")],
        "singletons": [None, True, False, Ellipsis, NotImplemented],
        "containers": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, set(), {1, 2}, frozenset({3})],
        "collections": [OrderedDict(a=1), Counter("abca"), deque([1, 2], 5), defaultdict(list, k=[1])],
        "time": [
            datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc),
            datetime.date(2024, 2, 29),
            datetime.timedelta(days=1, seconds=2),
        ],
        "others": [
            decimal.Decimal("1.50"),
            fractions.Fraction(1, 3),
            uuid.UUID(int=5),
            pathlib.PurePosixPath("a/b"),
            range(3),
            slice(1, 2),
        ],
    }
    shared = ["shared"]
    values["shared"] = [shared, shared]
    values["loop"] = loop = []
    loop.append(loop)
    for protocol in range(6):
        write(f"pickle/values_p{protocol}.pkl", "clean", f"standard values, protocol {protocol}", pickle.dumps(values, protocol))
        for name, danger in dangers.items():
            data = pickle.dumps({"weights": [1.0, 2.0], "hook": danger()}, protocol)
            write(f"pickle/{name}_p{protocol}.pkl", "dangerous", f"{name}, protocol {protocol}", data)
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, 4)
    for part in ("one", {"two": 2}, [3]):
        pickler.dump(part)
    write("pickle/stacked.pkl", "clean", "three pickles, one memo", stream.getvalue())
    write("pickle/stacked_system.pkl", "dangerous", "a second pickle that calls", stream.getvalue() + pickle.dumps(command()))
    write("pickle/python_pickler.pkl", "clean", "the pickler written in Python", pickle._dumps(values, 4))
    for name, pack in {
        "gz": lambda data: gzip.compress(data, mtime=0),
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
        "z": zlib.compress,
    }.items():
        write(f"pickle/values.pkl.{name}", "clean", f"compressed ({name})", pack(pickle.dumps(values, 4)))
        write(f"pickle/system.pkl.{name}", "dangerous", f"compressed ({name})", pack(pickle.dumps(command(), 4)))


def numpy_files():
    kinds = ["i1", "u2", "<i4", ">i4", "<i8", "<f2", "<f4", "<f8", ">f8", "c8", "c16", "?", "U5", "S3", "M8[s]", "m8[ms]"]
    for kind in kinds:
        name = "".join(character if character.isalnum() else "_" for character in kind)
        np.save(place(f"numpy/{name}.npy", "clean", f"array of {kind}"), np.zeros((3, 4), kind))
    np.save(place("numpy/scalar.npy", "clean", "no dimension"), np.float32(1))
    np.save(place("numpy/empty.npy", "clean", "no element"), np.zeros((0, 5)))
    np.save(place("numpy/fortran.npy", "clean", "Fortran order"), np.asfortranarray(np.ones((3, 4))))
    np.save(place("numpy/structured.npy", "clean", "named fields"), np.zeros(3, [("id", "<i8"), ("x", "<f4", (2,))]))
    with open(place("numpy/header_v3.npy", "clean", "header version 3"), "wb") as file:
        np.lib.format.write_array(file, np.zeros(2, [("größe", "<f4")]), version=(3, 0))
    with open(place("numpy/header_v2.npy", "clean", "header version 2"), "wb") as file:
        np.lib.format.write_array(file, np.zeros(2), version=(2, 0))
    np.save(place("numpy/object.npy", "any", "objects"), np.array([{"a": 1}, None], object))
    np.save(place("numpy/object_system.npy", "dangerous", "objects that call"), np.array([command(), None], object))
    arrays = {"x": np.arange(12.0).reshape(3, 4), "y": np.arange(3)}
    np.savez(place("numpy/arrays.npz", "clean", "stored"), **arrays)
    np.savez_compressed(place("numpy/arrays_deflated.npz", "clean", "deflated"), **arrays)
    np.savez(place("numpy/system.npz", "dangerous", "objects that call"), z=np.array([command()], object), **arrays)
    np.savez_compressed(place("numpy/system_deflated.npz", "dangerous", "the same, deflated"), z=np.array([command()], object))
    for protocol in range(6):
        values = [np.arange(5), np.float32(2), np.random.RandomState(0), np.random.default_rng(0), np.dtype("f4"), np.ma.zeros(2)]
        write(f"numpy/pickled_p{protocol}.pkl", "clean", f"NumPy in a pickle, protocol {protocol}", pickle.dumps(values, protocol))


def models():
    x, y = make_classification(60, 6, random_state=0)
    fitted = {
        "forest": RandomForestClassifier(3, random_state=0).fit(x, y),
        "boosting": GradientBoostingClassifier(n_estimators=3, random_state=0).fit(x, y),
        "pipeline": make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y),
        "tree": DecisionTreeClassifier(max_depth=3).fit(x, y),
        "neighbours": KNeighborsClassifier().fit(x, y),
        "svc": SVC().fit(x, y),
        "bayes": GaussianNB().fit(x, y),
        "linear": LinearRegression().fit(x, y),
        "kmeans": KMeans(2, n_init=2, random_state=0).fit(x),
        "encoders": [LabelEncoder().fit(["a", "b"]), OneHotEncoder().fit([["a"], ["b"]])],
    }
    for name, model in fitted.items():
        write(f"sklearn/{name}.pkl", "clean", f"scikit-learn {name}", pickle.dumps(model))
        joblib.dump(model, place(f"sklearn/{name}.joblib", "clean", f"scikit-learn {name}, joblib"))
    big = {"model": fitted["pipeline"], "array": np.arange(20_000.0), "fortran": np.asfortranarray(np.ones((50, 40)))}
    # The parts after an array are what a reader misses that does not know where the array ends.
    late = {**big, "hook": command()}
    hidden = {"objects": np.array([command(), None], object), **big}
    for compress in (0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("lzma", 3), ("xz", 3)):
        name = compress[0] if compress else "raw"
        joblib.dump(big, place(f"joblib/{name}.joblib", "clean", f"joblib, {name}"), compress=compress)
        joblib.dump(late, place(f"joblib/{name}_late.joblib", "dangerous", f"joblib, {name}: a call after the arrays"), compress=compress)
        joblib.dump(hidden, place(f"joblib/{name}_object.joblib", "dangerous", f"joblib, {name}: in an object array"), compress=compress)
    for protocol in range(2, 6):
        joblib.dump(big, place(f"joblib/p{protocol}.joblib", "clean", f"joblib, protocol {protocol}"), protocol=protocol)


def tables():
    frame = pd.DataFrame(
        {
            "number": [1.5, 2.5, None],
            "text": ["a", "b", "c"],
            "when": pd.date_range("2024-01-01", periods=3),
            "kind": pd.Categorical(["x", "y", "x"]),
            "nullable": pd.array([1, None, 3], "Int64"),
        }
    )
    for suffix in ("pkl", "pkl.gz", "pkl.bz2", "pkl.xz", "pkl.zip"):
        frame.to_pickle(place(f"pandas/frame.{suffix}", "clean", f"DataFrame, {suffix}"))
        bad = frame.assign(hook=[command(), None, None])
        bad.to_pickle(place(f"pandas/system.{suffix}", "dangerous", f"DataFrame with a call, {suffix}"))
    frame["number"].to_pickle(place("pandas/series.pkl", "clean", "Series"))
    frame.set_index(["text", "kind"]).to_pickle(place("pandas/multi_index.pkl", "clean", "MultiIndex"))
    write("scipy/sparse.pkl", "clean", "sparse matrices", pickle.dumps([scipy.sparse.eye(4, format=kind) for kind in ("csr", "csc", "coo")]))
    scipy.sparse.save_npz(place("scipy/sparse.npz", "clean", "sparse matrix"), scipy.sparse.eye(4, format="csr"))


def torch_files():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 2))
    optimiser = torch.optim.Adam(net.parameters())
    net(torch.randn(4, 6)).sum().backward()
    optimiser.step()
    checkpoint = {"epoch": 3, "state_dict": net.state_dict(), "optimizer": optimiser.state_dict(), "args": {"lr": 1e-3}}
    for layout, zipped in (("zip", True), ("legacy", False)):
        save = lambda value, path, expected, what, **more: torch.save(
            value, place(path, expected, what), _use_new_zipfile_serialization=zipped, **more
        )
        save(net.state_dict(), f"torch/state_{layout}.pt", "clean", f"state_dict, {layout}")
        save(checkpoint, f"torch/checkpoint_{layout}.ckpt", "clean", f"training checkpoint, {layout}")
        save(net.state_dict(), f"torch/state_p4_{layout}.pt", "clean", f"protocol 4, {layout}", pickle_protocol=4)
        save(torch.nn.Parameter(torch.ones(2)), f"torch/parameter_{layout}.pt", "clean", f"one parameter, {layout}")
        save(net, f"torch/module_{layout}.pt", "any", f"whole module, {layout}")
        for name, danger in dangers.items():
            save({**checkpoint, "hook": danger()}, f"torch/{name}_{layout}.pt", "dangerous", f"{name}, {layout}")
    torch.jit.save(torch.jit.script(torch.nn.Linear(3, 2)), place("torch/script.pt", "any", "TorchScript"))
    inner = root / "torch" / "system_zip.pt"
    with zipfile.ZipFile(place("zip/nested.zip", "dangerous", "a checkpoint in a zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "release/model.pt", zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(place("zip/harmless.zip", "clean", "text in a zip"), "w") as archive:
        archive.writestr("notes.txt", "nothing here\n" * 50)


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1])
    for make in (standard_library, numpy_files, models, tables, torch_files):
        make()
    (root / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True))
