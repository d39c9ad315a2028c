"""Amount, payment hash and expiry of a BOLT11 invoice: what a client checks before it pays. The signature is not checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

_charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_msat_per_unit = {"": 100_000_000_000, "m": 100_000_000, "u": 100_000, "n": 100}
_expiry_s_default = 3_600
_signature_words = 104


@dataclass(frozen=True)
class Invoice:
    bolt11: str
    amount_msat: int | None
    payment_hash: bytes
    expires_at: int

    @property
    def amount_sats(self) -> int:
        """Rounded up."""
        return -(-(self.amount_msat or 0) // 1_000)


def decode(bolt11: str) -> Invoice:
    """Raises ValueError unless the text has a valid checksum, an amount that can be paid, and a payment hash."""
    text = bolt11.removeprefix("lightning:")
    if text.lower() != text and text.upper() != text:
        raise ValueError("the invoice mixes upper and lower case")
    prefix, separator, data = text.lower().rpartition("1")
    if not separator or len(data) < 7 + _signature_words + 6 or any(each not in _charset for each in data):
        raise ValueError("the invoice is not bech32")
    words = [_charset.index(each) for each in data]
    if _polymod([*(ord(each) >> 5 for each in prefix), 0, *(ord(each) & 31 for each in prefix), *words]) != 1:
        raise ValueError("the checksum of the invoice is wrong")
    head = re.fullmatch(r"ln(bcrt|bc|tbs|tb)(?:([1-9][0-9]{0,17})([munp]?))?", prefix)
    if head is None:
        raise ValueError("the prefix of the invoice is unknown")
    fields = _fields(words[7 : -_signature_words - 6])
    if len(fields.get(1, [])) != 52:
        raise ValueError("the invoice has no payment hash")
    payment_hash = (_number(fields[1]) >> 4).to_bytes(32, "big")
    expiry_s = _number(fields[6][:12]) if 6 in fields else _expiry_s_default
    return Invoice(text, _amount_msat(head[2], head[3]), payment_hash, _number(words[:7]) + expiry_s)


def _amount_msat(digits: str | None, unit: str) -> int | None:
    if digits is None:
        return None
    if unit == "p":
        if digits[-1] != "0":
            raise ValueError("the amount of the invoice is no whole millisatoshi")
        return int(digits) // 10
    return int(digits) * _msat_per_unit[unit]


def _fields(words: list[int]) -> dict[int, list[int]]:
    """The first field of each type."""
    fields: dict[int, list[int]] = {}
    at = 0
    while at + 3 <= len(words):
        length = words[at + 1] * 32 + words[at + 2]
        fields.setdefault(words[at], words[at + 3 : at + 3 + length])
        at += 3 + length
    return fields


def _number(words: list[int]) -> int:
    value = 0
    for word in words:
        value = value << 5 | word
    return value


def _polymod(values: list[int]) -> int:
    """The checksum of BIP 173."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> i & 1 else 0
    return check
