"""A private key at rest opens under its own secret and its own name, or not at all."""

from publicgsb.apikeys.signing.sealing import Sealer

PRIVATE = b"\x07" * 32


def test_what_was_sealed_opens_again_and_shows_nothing() -> None:
    sealed = Sealer(b"s" * 32).seal("kid", PRIVATE)
    assert Sealer(b"s" * 32).open("kid", sealed) == PRIVATE
    assert PRIVATE not in sealed
    assert Sealer(b"s" * 32).seal("kid", PRIVATE) != sealed


def test_another_secret_another_name_or_a_flipped_bit_open_nothing() -> None:
    sealer = Sealer(b"s" * 32)
    sealed = sealer.seal("kid", PRIVATE)
    assert Sealer(b"t" * 32).open("kid", sealed) is None
    assert sealer.open("other", sealed) is None
    flipped = [bytes([*sealed[:at], sealed[at] ^ 1, *sealed[at + 1 :]]) for at in range(len(sealed))]
    assert [sealer.open("kid", one) for one in (*flipped, b"", sealed[:11])] == [None] * (len(sealed) + 2)
