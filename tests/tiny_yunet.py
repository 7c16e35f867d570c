"""An ONNX network with YuNet's inputs and outputs that takes red squares for faces, written byte by byte.

Each cell of 32 px scores as its mean red less its mean green and blue; its box is its own centre, 96 px wide and high.
The field numbers are those of onnx.proto.
"""

import math
import struct

FACE_PX = 96
_FLOAT, _INT64 = 1, 7
_INTS, _STRING_, _INT_ = 7, 3, 2


def red_square_finder() -> bytes:
    """The model's file."""
    nodes, constants = [], []
    for stride in (8, 16, 32):
        nodes.append(
            _node("AveragePool", ["input"], f"pool_{stride}", kernel_shape=(stride,) * 2, strides=(stride,) * 2)
        )
        side = math.log(FACE_PX / stride)
        found = [-1 / 255, -1 / 255, 1 / 255] if stride == 32 else [0.0] * 3  # blue, green, red
        for name, weights, bias in (
            ("cls", found, [0.0]),
            ("obj", [0.0] * 3, [1.0]),
            ("bbox", [0.0] * 12, [0.5, 0.5, side, side]),
            ("kps", [0.0] * 30, [0.5] * 10),
        ):
            out, size = f"{name}_{stride}", len(bias)
            constants += [
                _tensor(f"{out}_weights", (size, 3, 1, 1), weights),
                _tensor(f"{out}_bias", (size,), bias),
                _tensor(f"{out}_shape", (3,), (1, -1, size)),
            ]
            nodes += [
                _node("Conv", [f"pool_{stride}", f"{out}_weights", f"{out}_bias"], f"{out}_map", kernel_shape=(1, 1)),
                _node("Transpose", [f"{out}_map"], f"{out}_last", perm=(0, 2, 3, 1)),
                _node("Reshape", [f"{out}_last", f"{out}_shape"], out),
            ]
    outputs = [f"{name}_{stride}" for name in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]
    graph = b"".join(
        [
            *(_part(1, node) for node in nodes),
            _part(2, b"tiny"),
            *(_part(5, constant) for constant in constants),
            _part(11, _value("input", (1, 3, 320, 320))),
            *(_part(12, _value(name, (1, 1, 1))) for name in outputs),
        ]
    )
    return _number(1, 8) + _part(7, graph) + _part(8, _part(1, b"") + _number(2, 13))


def _varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _part(field, content):
    content = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _node(kind, inputs, output, **attributes):
    return b"".join(
        [
            *(_part(1, name) for name in inputs),
            _part(2, output),
            _part(3, output),
            _part(4, kind),
            *(
                _part(5, _part(1, name) + b"".join(_number(8, value) for value in values) + _number(20, _INTS))
                for name, values in attributes.items()
            ),
        ]
    )


def _tensor(name, shape, values):
    whole = all(isinstance(value, int) for value in values)
    raw = struct.pack(f"<{len(values)}{'q' if whole else 'f'}", *values)
    dims = b"".join(_number(1, size) for size in shape)
    return dims + _number(2, _INT64 if whole else _FLOAT) + _part(8, name) + _part(9, raw)


def _value(name, shape):
    dims = b"".join(_part(1, _number(1, size)) for size in shape)
    return _part(1, name) + _part(2, _part(1, _number(1, _FLOAT) + _part(2, dims)))
