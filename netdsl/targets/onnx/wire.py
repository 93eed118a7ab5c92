"""Protobuf's wire format, both ways: fields to bytes, and bytes to the places where their fields lie.

Source: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _DELIMITED = 0, 2
_FIXED = {1: 8, 5: 4}


def varint(number: int) -> bytes:
    """A number of at least 0, seven bits to a byte from the lowest on; the highest bit says that one follows."""
    result = bytearray()
    while number > 0x7F:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    result.append(number)
    return bytes(result)


def integer(field: int, number: int) -> bytes:
    """A field that holds a number of at least 0."""
    return varint(field << 3 | _VARINT) + varint(number)


def head(field: int, length: int) -> bytes:
    """What comes before the `length` bytes of a field that holds a string, bytes or a message."""
    return varint(field << 3 | _DELIMITED) + varint(length)


def delimited(field: int, content: bytes) -> bytes:
    """A field that holds a string, bytes or a message."""
    return head(field, len(content)) + content


def fields(message: bytes) -> Iterator[tuple[int, int, int, int]]:
    """For each field of a message: its number, and the offsets of its key, its content and its end.

    Raises:
        ValueError: the bytes are not a message.
    """
    position = 0
    while position < len(message):
        start = position
        key, position = _read_varint(message, position)
        if key & 7 == _DELIMITED:
            length, position = _read_varint(message, position)
        elif key & 7 == _VARINT:
            length = _read_varint(message, position)[1] - position
        elif key & 7 in _FIXED:
            length = _FIXED[key & 7]
        else:
            raise ValueError(f"This is not a protobuf message: no such field as at byte {start}.")
        end = position + length
        if end > len(message):
            raise ValueError(f"This is not a protobuf message: the field at byte {start} is cut off.")
        yield key >> 3, start, position, end
        position = end


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    """The number that `varint` wrote at the position, and the offset behind it."""
    number = 0
    for index, byte in enumerate(message[position : position + 10]):
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return number, position + index + 1
    raise ValueError(f"This is not a protobuf message: no end to the number at byte {position}.")
