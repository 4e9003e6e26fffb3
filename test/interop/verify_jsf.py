"""Signs and verifies documents by the JSON Signature Format 0.82 (https://cyberphone.github.io/doc/security/jsf.html), by
`rfc8785` of Trail of Bits and `cryptography`: nothing of it is ours but the order of the steps.

usage: verify_jsf.py FOLDER   with NAME.signed.json, NAME.pub.pem and NAME.key.pem in it; prints what is verified by name, and
writes NAME.theirs.json
"""

import base64
import json
import pathlib
import sys

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

digests = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "ES512": hashes.SHA512(), "RS256": hashes.SHA256()}


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signed_bytes(document):
    """Everything but the signature's value, in the canonical form."""
    signature = {key: value for key, value in document["signature"].items() if key != "value"}
    return rfc8785.dumps({**document, "signature": signature})


def verified(document, key):
    value, algorithm = decoded(document["signature"]["value"]), document["signature"]["algorithm"]
    try:
        if algorithm == "Ed25519":
            key.verify(value, signed_bytes(document))
        elif algorithm.startswith("ES"):
            half = len(value) // 2
            der = utils.encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
            key.verify(der, signed_bytes(document), ec.ECDSA(digests[algorithm]))
        else:
            key.verify(value, signed_bytes(document), padding.PKCS1v15(), digests[algorithm])
    except InvalidSignature:
        return False
    return True


def sign(document, key, algorithm):
    document = {**document, "signature": {"algorithm": algorithm}}
    if algorithm == "Ed25519":
        value = key.sign(signed_bytes(document))
    elif algorithm.startswith("ES"):
        r, s = utils.decode_dss_signature(key.sign(signed_bytes(document), ec.ECDSA(digests[algorithm])))
        length = (key.curve.key_size + 7) // 8
        value = r.to_bytes(length, "big") + s.to_bytes(length, "big")
    else:
        value = key.sign(signed_bytes(document), padding.PKCS1v15(), digests[algorithm])
    document["signature"]["value"] = encoded(value)
    return document


folder = pathlib.Path(sys.argv[1])
results = {}
for file in sorted(folder.glob("*.signed.json")):
    name = file.name.removesuffix(".signed.json")
    document = json.loads(file.read_text("utf-8"))
    public = serialization.load_pem_public_key((folder / f"{name}.pub.pem").read_bytes())
    private = serialization.load_pem_private_key((folder / f"{name}.key.pem").read_bytes(), None)
    other_algorithm = {**document, "signature": {**document["signature"], "keyId": "another"}}
    results[name] = [
        verified(document, public),
        verified({**document, "version": 9}, public),
        verified(other_algorithm, public),
    ]
    theirs = sign({key: value for key, value in document.items() if key != "signature"}, private, document["signature"]["algorithm"])
    (folder / f"{name}.theirs.json").write_text(json.dumps(theirs), "utf-8")
print(json.dumps(results))
