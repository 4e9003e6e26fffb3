"""Signs and verifies models with the reference client, model-signing.

Reads jobs from standard input, one JSON object a line, and answers each with a line: {"ok": true}, or {"ok": false, "error": "..."}.
A job: {"action": "sign" | "verify", "method": "key" | "certificate", "model", "signature", "ignore": [path...], "hashing":
"sha256" | "blake2" | "blake3" | "shards"} and "key", "certificate", "chain" (paths).
"""

import json
import pathlib
import sys

from model_signing import hashing, signing, verifying


def hashing_of(job):
    config = hashing.Config()
    if job.get("hashing") == "shards":
        config.use_shard_serialization(hashing_algorithm="sha256", shard_size=1000)
    else:
        config.use_file_serialization(hashing_algorithm=job.get("hashing", "sha256"))
    ignored = [pathlib.Path(path) for path in job.get("ignore", [])] + [pathlib.Path(job["signature"])]
    return config.set_ignored_paths(paths=ignored, ignore_git_paths=True)


def sign(job):
    config = signing.Config().set_hashing_config(hashing_of(job))
    if job["method"] == "key":
        config.use_elliptic_key_signer(private_key=job["key"])
    else:
        config.use_certificate_signer(
            private_key=job["key"], signing_certificate=job["certificate"], certificate_chain=job["chain"]
        )
    config.sign(pathlib.Path(job["model"]), pathlib.Path(job["signature"]))


def verify(job):
    config = verifying.Config().set_hashing_config(hashing_of(job))
    if job["method"] == "key":
        config.use_elliptic_key_verifier(public_key=job["key"])
    else:
        config.use_certificate_verifier(certificate_chain=job["chain"])
    config.verify(pathlib.Path(job["model"]), pathlib.Path(job["signature"]))


def main():
    for line in sys.stdin:
        job = json.loads(line)
        try:
            {"sign": sign, "verify": verify}[job["action"]](job)
            answer = {"ok": True}
        except Exception as error:  # The reference raises errors of many kinds; each is a refusal.
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        # It prints warnings to standard output itself.
        print("\nANSWER " + json.dumps(answer))


main()
