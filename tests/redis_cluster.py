"""A cluster of a test's own: three primaries, each with a replica if wanted, on this machine's loopback."""

import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
from redis.crc import key_slot

from tests.ports import free_port
from tests.redis_server import cut_off, redis_program

PRIMARIES = 3
SLOTS = 16_384
NODE_TIMEOUT_MS = 30_000  # a replica takes over when a test says so, and not because the machine is busy
BUS = 10_000
_READY_SECONDS = 60.0


@dataclass(slots=True)
class Node:
    port: int
    process: "subprocess.Popen[bytes]"
    client: "redis.Redis"

    @property
    def id(self) -> str:
        return str(self.say("CLUSTER MYID").decode())

    def say(self, *command: str | int) -> Any:
        return self.client.execute_command(*command)  # type: ignore[no-untyped-call]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class OwnCluster:
    """Use as a context manager; all slots are covered when it is entered, and it is gone at the end."""

    def __init__(self, folder: Path, *, replicas: bool = False) -> None:
        self._folder = folder
        self._replicas = replicas
        self.primaries: list[Node] = []
        self.replicas: list[Node] = []  # of the primary with the same number

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{one.port}" for one in self.primaries)

    def __enter__(self) -> "OwnCluster":
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for node in (*self.primaries, *self.replicas):
            node.client.close()
            node.kill()

    def owner(self, key: str) -> int:
        """The number of the primary that holds `key`, as the last one tells."""
        slot = key_slot(key.encode())
        for first, last, primary, *_ in self.primaries[-1].say("CLUSTER SLOTS"):
            if first <= slot <= last:
                return next(number for number, one in enumerate(self.primaries) if one.port == primary[1])
        raise AssertionError(f"no node holds slot {slot}")

    def begin_moving(self, key: str, target: int) -> None:
        """The slot of `key` is on its way, and none of its keys is."""
        slot, source = key_slot(key.encode()), self.primaries[self.owner(key)]
        there = self.primaries[target]
        there.say("CLUSTER SETSLOT", slot, "IMPORTING", source.id)
        source.say("CLUSTER SETSLOT", slot, "MIGRATING", there.id)

    def move_keys(self, key: str, target: int, *, count: int = 1_000) -> None:
        slot, source = key_slot(key.encode()), self.primaries[self.owner(key)]
        keys = source.say("CLUSTER GETKEYSINSLOT", slot, count)
        there = self.primaries[target]
        source.say("MIGRATE", "127.0.0.1", there.port, "", 0, 5_000, "KEYS", *keys)

    def end_moving(self, key: str, target: int) -> None:
        slot, owner = key_slot(key.encode()), self.primaries[target].id
        for node in (self.primaries[target], *self.primaries):
            node.say("CLUSTER SETSLOT", slot, "NODE", owner)

    def hold_back(self, number: int) -> None:
        cut_off(self.primaries[number].client, self.replicas[number].client)

    def take_over(self, number: int) -> None:
        """The replica becomes the primary of its slots, whether it has all writes or not."""
        before, after = self.primaries[number], self.replicas[number]
        before.kill()
        after.say("CLUSTER FAILOVER", "TAKEOVER")
        others = [one for one in self.primaries if one is not before]
        _until(lambda: all(_knows_as_primary(one, after.port) for one in (*others, after)))
        self.primaries[number] = after

    def _build(self) -> None:
        for _ in range(PRIMARIES):
            self.primaries.append(self._start())
        for number, node in enumerate(self.primaries):
            bounds = [SLOTS * part // PRIMARIES for part in (number, number + 1)]
            node.say("CLUSTER ADDSLOTS", *range(*bounds))
            node.say("CLUSTER SET-CONFIG-EPOCH", number + 1)
        if self._replicas:
            self.replicas = [self._start() for _ in self.primaries]
        first, *others = (*self.primaries, *self.replicas)
        for node in others:
            first.say("CLUSTER MEET", "127.0.0.1", node.port)
        _until(lambda: all(_sees(one, 1 + len(others)) for one in (first, *others)))
        for primary, replica in zip(self.primaries, self.replicas, strict=False):
            replica.say("CLUSTER REPLICATE", primary.id)
        _until(lambda: all(_is_whole(one) for one in (first, *others)))
        _until(lambda: all(_follows(one.client) for one in self.replicas))

    def _start(self) -> Node:
        port = _free_port_with_bus()
        arguments = [
            "--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes",
            "--cluster-config-file", f"nodes-{port}.conf", "--cluster-node-timeout", NODE_TIMEOUT_MS,
            "--repl-diskless-sync-delay", 0, "--save", "", "--logfile", "/dev/null",
        ]  # fmt: skip
        process = subprocess.Popen([str(redis_program()), *map(str, arguments)], cwd=self._folder)
        node = Node(port, process, redis.Redis(port=port))
        _until(lambda: _answers(node.client))
        return node


def _free_port_with_bus() -> int:
    """The nodes talk to each other at a port that is higher by 10,000; before Redis 7 it cannot be chosen."""
    while True:
        port = free_port()
        with suppress(OSError), socket.create_server(("127.0.0.1", port + BUS)):
            return port


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _sees(node: Node, nodes: int) -> bool:
    return int(node.say("CLUSTER INFO")["cluster_known_nodes"]) == nodes


def _is_whole(node: Node) -> bool:
    return bool(node.say("CLUSTER INFO")["cluster_state"] == "ok")


def _follows(client: "redis.Redis") -> bool:
    told = client.info("replication")
    return bool(told["role"] == "slave" and told["master_link_status"] == "up")


def _knows_as_primary(node: Node, port: int) -> bool:
    return _is_whole(node) and any(primary[1] == port for _, _, primary, *_ in node.say("CLUSTER SLOTS"))
