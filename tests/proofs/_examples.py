"""One good message of every type that a codec knows, made from the types alone: what is added to the protocol is fuzzed without anybody's doing."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protocol.codec import Codec

Plain = dict[str, Any]


def examples(codec: Codec[Any]) -> Iterator[tuple[inspect.StructType, Plain]]:
    """Every struct of a codec, with an example as plain data: what stands in it on the wire."""
    told = inspect.type_info(codec.union)
    for kind in told.types if isinstance(told, inspect.UnionType) else (told,):
        assert isinstance(kind, inspect.StructType)
        plain = _struct(kind)
        if codec.wire == "msgpack":  # octets as they are, not as base64
            plain = msgspec.to_builtins(msgspec.convert(plain, codec.union), builtin_types=(bytes,))
        yield kind, plain


def _struct(kind: inspect.StructType) -> Plain:
    tag = {kind.tag_field: kind.tag} if kind.tag_field else {}
    return tag | {field.encode_name: _value(field.type) for field in kind.fields}


_PLAIN: dict[type[inspect.Type], Any] = {
    inspect.BytesType: base64.b64encode(bytes(32)).decode(),
    inspect.StrType: "x",
    inspect.BoolType: True,
    inspect.IntType: 1,
    inspect.FloatType: 1.5,
}


def _value(kind: inspect.Type) -> Any:
    match kind:
        case inspect.StructType():
            return _struct(kind)
        case inspect.UnionType():
            return _value(next(one for one in kind.types if not isinstance(one, inspect.NoneType)))
        case inspect.LiteralType():
            return max(kind.values)  # not the empty one
        case inspect.VarTupleType() | inspect.ListType():
            return [_value(kind.item_type)]
        case inspect.TupleType():
            return [_value(one) for one in kind.item_types]
        case inspect.DictType():
            return {_value(kind.key_type): _value(kind.value_type)}
    return _PLAIN[type(kind)]


def octets(plain: Plain, codec: Codec[Any]) -> bytes:
    """Plain data as it goes over the wire, be it a message or not."""
    return msgspec.json.encode(plain) if codec.wire == "json" else msgspec.msgpack.encode(plain)
