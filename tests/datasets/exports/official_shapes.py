"""The SHACL shapes of DCAT-AP 3.0.1 as SEMIC published them, fetched once and known by their hashes.

They are under CC-BY-4.0 (© European Union; the specification says so in its section on the licence) and are not
committed: a package that ships them unchanged is downloaded, and three of its data files are read. None of its code
runs.
"""

import fcntl
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

from rdflib import Graph, Namespace
from tests.fetched import fetch

PACKAGE = "httk-serve==2.1.3"
FOLDER = Path(__file__).resolve().parents[3] / "build" / "shapes"
SHA256 = {
    "dcat-ap-SHACL.ttl": "990d3e42721de6a4be8cc338a7171559f195e62dea89c0b56531356b78cc026f",
    "dcat-ap-ranges.ttl": "a6eed0fae8d0f5ca977fe2098ca12081ac60b0efe1ddce802d5c08e49505ebcc",
    "dcat-ap-controlled-vocabularies.shape.ttl": "2362f83971766a15cc20b2b54420022dc10547dd2c483da02080847c61b4b45a",
}
_SH = Namespace("http://www.w3.org/ns/shacl#")


def official_shapes(*names: str) -> Graph:
    """Without the seven references to property shapes that 3.0.1 nowhere defines, at which a validator stops."""
    shapes = Graph()
    for name in names:
        shapes.parse(data=_text(name), format="turtle")
    for shape, member in list(shapes.subject_objects(_SH.property)):
        if (member, None, None) not in shapes:
            shapes.remove((shape, _SH.property, member))
    return shapes


def _text(name: str) -> str:
    with zipfile.ZipFile(_package()) as package:
        (path,) = (one for one in package.namelist() if one.endswith(f"/dcat-ap/{name}"))
        content = package.read(path)
    assert sha256(content).hexdigest() == SHA256[name], f"{name} is not the published one"
    return content.decode()


def _package() -> Path:
    """Fetched by the first process that asks."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    name, _, version = PACKAGE.partition("==")
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pattern = f"{name.replace('-', '_')}-{version}-*.whl"
        if not list(FOLDER.glob(pattern)):
            command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
            command += ["--ignore-requires-python", "--only-binary", ":all:", "-d", str(FOLDER), PACKAGE]
            fetch(*command)
        (found,) = FOLDER.glob(pattern)
    return found
