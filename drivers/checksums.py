"""Checksums that devices put on their frames. Each takes the bytes that it covers and returns the number.

Names and check values of the CRCs as in the public catalogue of parametrised CRC algorithms ("123456789" in, `check` out).
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import TypeAlias

Buffer: TypeAlias = bytes | bytearray


def _reflected(data: bytes, polynomial: int, register: int) -> int:
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (polynomial if register & 1 else 0)
    return register


def crc16_mcrf4xx(data: bytes) -> int:
    """CRC-16/MCRF4XX (check 0x6F91): the E2E-CRC of the Bluetooth SIG's continuous glucose and health sensor services."""
    return _reflected(data, 0x8408, 0xFFFF)


def crc16_kermit(data: bytes) -> int:
    """CRC-16/KERMIT (check 0x2189)."""
    return _reflected(data, 0x8408, 0)


def crc16_ccitt_false(data: bytes) -> int:
    """CRC-16/CCITT-FALSE (check 0x29B1): LifeScan's packets."""
    register = 0xFFFF
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
    return register


def _crc8_step(register: int) -> int:
    for _ in range(8):
        register = (register << 1 ^ (0x07 if register & 0x80 else 0)) & 0xFF
    return register


_CRC8 = bytes(map(_crc8_step, range(256)))


def crc8(data: Buffer) -> int:
    """CRC-8, polynomial 0x07, start 0 (check 0xF4): Viatom's frames."""
    register = 0
    for byte in data:
        register = _CRC8[register ^ byte]
    return register


def sum8(data: Buffer) -> int:
    """Sum of the bytes modulo 256."""
    return sum(data) & 0xFF


def xor8(data: bytes) -> int:
    """Exclusive or of the bytes."""
    return reduce(xor, data, 0)
