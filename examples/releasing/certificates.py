"""Checking a certificate as anybody can: by the platform's public keys, without a key of one's own."""

import hashlib
import json
from typing import Any

import httpx2
from examples.releasing.ground import Ground
from examples.releasing.people import Surprise, patient
from jwt import PyJWKSet, api_jws, get_unverified_header


def verified(ground: Ground, dataset: str, release: int) -> dict[str, Any]:
    """The certificate of a release, if what was signed is what is shown; else a Surprise."""
    agency, _, name = dataset.partition("/")
    with httpx2.Client(base_url=ground.url) as anybody:
        path = f"/api/v1/agencies/{agency}/datasets/{name}/releases/{release}/certificate"
        told = patient(anybody, "GET", path).json()
        keys = PyJWKSet.from_dict(patient(anybody, "GET", "/.well-known/jwks.json").json())
    kid = get_unverified_header(told["signature"])["kid"]
    signed = api_jws.decode(told["signature"], keys[kid].key, algorithms=["EdDSA"])
    if json.loads(signed) != told["certificate"] or hashlib.sha256(signed).hexdigest() != told["sha256"]:
        raise Surprise(f"The certificate of {dataset} is not what was signed.")
    certificate: dict[str, Any] = told["certificate"]
    return certificate
