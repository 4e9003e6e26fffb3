"""Makes registers of datasets with the tools that people use: dvc, mlflow, mlcroissant. Prints what they say as JSON.

usage: make_registers.py dvc|mlflow FOLDER
       make_registers.py croissant FILE...
"""

import json
import os
import random
import subprocess
import sys

# A name of any kind that a file system takes: accents in both normal forms, astral characters, quotes, backslashes, blanks.
NAMES = ["a", "é", "e\u0301", "\U0001f600", "\uffee", "ｚ", 'q"uote', "back\\slash", "tab\t", "sp ace", "ß", "Ω", "日本", "\U00020000", "\x7f"]


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def make_tree(root, rng):
    for index in range(rng.randrange(3, 25)):
        depth = rng.randrange(0, 3)
        parts = [rng.choice(NAMES) + (str(rng.randrange(4)) if rng.random() < 0.6 else "") for _ in range(depth)]
        name = rng.choice(NAMES) + f".{index}" + rng.choice([".csv", ".bin", ""])
        kind = rng.randrange(4)
        if kind == 0:
            data = rng.randbytes(rng.randrange(0, 3000))
        elif kind == 1:
            data = b"text,label\r\nhi,1\r\n" * rng.randrange(0, 200)
        elif kind == 2:
            data = b"lone\rreturn\n" * rng.randrange(0, 50) + b"\r"
        else:
            data = ("é" * rng.randrange(0, 400)).encode() + b"\r\n"
        write(os.path.join(root, *parts, name), data)


def make_dvc(folder):
    from dvc.repo import Repo
    from dvc_data.hashfile.build import build
    from dvc_data.hashfile.db import HashFileDB
    from dvc_data.hashfile.hash import file_md5
    from dvc_objects.fs.local import LocalFileSystem
    from dvc_objects.fs.memory import MemoryFileSystem

    os.chdir(folder)
    subprocess.run(["git", "init", "-q"], check=True)
    repo = Repo.init()
    rng = random.Random(20260601)
    trees = [f"tree{index}" for index in range(12)]
    for tree in trees:
        make_tree(tree, rng)
    # Longer than a chunk of DVC's, with a line end across its border, and binary in its second chunk.
    chunk = bytearray(b"abc\r\n" * 209_716)[: 1 << 20]
    chunk[-1] = 13
    write("big.csv", bytes(chunk) + b"\n" + bytes(3) + b"x\r\n" * 1000)
    write("crlf.csv", b"text,label\r\nhi,1\r\n")
    write(".dvcignore", b"*.ignored\n/tree0/only-here\n!tree1/kept.ignored\n")
    write("tree0/x.ignored", b"1")
    write("tree1/kept.ignored", b"2")
    write("tree2/.DS_Store", b"3")
    repo = Repo()
    repo.add([*trees, "big.csv", "crlf.csv"])
    # What DVC before 3.0 wrote: the same tree, hashed with the line ends of text turned into LF.
    memory = MemoryFileSystem(global_store=False)
    legacy = {"files": {}, "trees": {}}
    for name in ["big.csv", "crlf.csv"]:
        legacy["files"][name] = file_md5(name, LocalFileSystem(), name="md5-dos2unix")
    for tree in trees[3:]:
        _, _, obj = build(HashFileDB(memory, "/odb"), os.path.abspath(tree), LocalFileSystem(), "md5-dos2unix", dry_run=True)
        legacy["trees"][tree] = obj.hash_info.value
    print(json.dumps({"trees": trees, "legacy": legacy}))


def make_mlflow(folder):
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    os.chdir(folder)
    import mlflow
    import pandas

    pandas.DataFrame({"text": ["hi", "ho"], "label": [1, 0]}).to_csv("train.csv", index=False)
    mlflow.set_tracking_uri(f"file:{os.getcwd()}/mlruns")
    dataset = mlflow.data.from_pandas(pandas.read_csv("train.csv"), source=f"{os.getcwd()}/train.csv", name="reviews")
    remote = mlflow.data.from_pandas(pandas.read_csv("train.csv"), source="https://example.org/latest/reviews.csv", name="remote")
    with mlflow.start_run():
        mlflow.log_input(dataset, context="training")
        mlflow.log_input(remote, context="validation")
    print(json.dumps({"local": dataset.digest, "remote": remote.digest}))


def read_croissant(files):
    import mlcroissant

    results = {}
    for file in files:
        try:
            metadata = mlcroissant.Dataset(jsonld=file).metadata
            objects = [node for node in metadata.distribution if isinstance(node, mlcroissant.FileObject)]
            results[file] = {
                "name": metadata.name,
                "errors": [],
                "files": [
                    {"name": node.name, "sha256": node.sha256, "md5": node.md5, "contentUrl": node.content_url}
                    for node in objects
                ],
                "license": bool(metadata.license),
            }
        except mlcroissant.ValidationError as error:
            results[file] = {"errors": [line.strip() for line in str(error).splitlines()]}
    print(json.dumps(results))


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    sys.stdout.flush()
    if what == "dvc":
        make_dvc(*arguments)
    elif what == "mlflow":
        make_mlflow(*arguments)
    else:
        read_croissant(arguments)
