"""Typed modules from contracts: a misspelt column is found by a type checker, a moved contract by `--check`.

files = package(["aviation.airports"], lambda name: client.dataset(name).contract)
write(files, Path("gsb_types"))
"""

from publicgsb_sdk.codegen.command import main
from publicgsb_sdk.codegen.package import difference, named_in, package, write

__all__ = ["difference", "main", "named_in", "package", "write"]
