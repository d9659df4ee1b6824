"""Frames in both header forms, and the stored records in their bodies."""
import collections
import dataclasses
import json
import struct

import wire

ANSWER, ONEWAY = 1, 2  # bits of a header's flag
COMPACT_HEAD = struct.Struct(">hBhii")


def compact_fields(data):
    fields, at = {}, 0
    while at < len(data):
        size, = struct.unpack_from(">h", data, at)
        key = data[at + 2:at + 2 + size].decode()
        at += 2 + size
        size, = struct.unpack_from(">i", data, at)
        fields[key] = data[at + 4:at + 4 + size].decode()
        at += 4 + size
    return fields


def read_compact(data):
    """A header of the compact form, with the JSON form's names."""
    code, language, version, opaque, flag = COMPACT_HEAD.unpack_from(data)
    size, = struct.unpack_from(">i", data, COMPACT_HEAD.size)
    at = COMPACT_HEAD.size + 4
    return {"code": code, "language": language, "version": version, "opaque": opaque, "flag": flag,
            "remark": data[at:at + size].decode(),
            "extFields": compact_fields(data[at + size + 4:])}


def write_compact(header):
    remark = (header.get("remark") or "").encode()
    fields = b""
    for key, value in (header.get("extFields") or {}).items():
        key, value = key.encode(), str(value).encode()
        fields += struct.pack(">h", len(key)) + key + struct.pack(">i", len(value)) + value
    return (COMPACT_HEAD.pack(*(header[key] for key in (
        "code", "language", "version", "opaque", "flag")))
        + struct.pack(">i", len(remark)) + remark + struct.pack(">i", len(fields)) + fields)


@dataclasses.dataclass
class Frame:
    """header: as the JSON form names its parts, whichever form it had."""
    kind: int
    header: dict
    body: bytes = b""

    @property
    def code(self):
        return self.header["code"]

    @property
    def opaque(self):
        return self.header["opaque"]

    @property
    def flag(self):
        return self.header.get("flag", 0)

    @property
    def remark(self):
        return self.header.get("remark") or ""

    @property
    def fields(self):
        """Every value as text: clients also write JSON numbers."""
        return {key: value if isinstance(value, str) else json.dumps(value)
                for key, value in (self.header.get("extFields") or {}).items()}

    def with_header(self, **parts):
        return Frame(self.kind, {**self.header, **parts}, self.body)

    def encode(self):
        header = write_compact(self.header) if self.kind == wire.COMPACT else json.dumps(
            self.header, separators=(",", ":")).encode()
        return wire.frame(header, self.body, self.kind)


def read_frame(data):
    """A frame without its length word."""
    kind, size = data[0], int.from_bytes(data[1:4], "big")
    header = data[4:4 + size]
    return Frame(kind, read_compact(header) if kind == wire.COMPACT else json.loads(header),
                 data[4 + size:])


Record = collections.namedtuple(
    "Record", "topic queue offset position size crc flag sys_flag born store reconsumed "
              "prepared properties separator_last body")
HOST_BYTES = {False: 8, True: 20}
BORN_V6, STORE_V6 = 1 << 4, 1 << 5
LONG_TOPIC = 0xDAA320AB - (1 << 32)  # the magic of records whose topic has a 2-byte length


def properties_of(text):
    pairs = (part.split("\x01", 1) for part in text.split("\x02") if "\x01" in part)
    return dict(pairs)


def property_text(properties):
    return "".join(f"{key}\x01{value}\x02" for key, value in properties.items())


def read_records(data):
    """The records of a pull's or a query's body."""
    at, found = 0, []
    while at < len(data):
        size, magic, crc, queue, flag, offset, position, sys_flag, born = struct.unpack_from(
            ">iiiiiqqiq", data, at)
        here = at + 48 + HOST_BYTES[bool(sys_flag & BORN_V6)]
        store, = struct.unpack_from(">q", data, here)
        here += 8 + HOST_BYTES[bool(sys_flag & STORE_V6)]
        reconsumed, prepared, length = struct.unpack_from(">iqi", data, here)
        body = data[here + 16:here + 16 + length]
        here += 16 + length
        width = 2 if magic == LONG_TOPIC else 1
        topic_end = here + width + int.from_bytes(data[here:here + width], "big")
        topic = data[here + width:topic_end].decode()
        text, = struct.unpack_from(">h", data, topic_end)
        text = data[topic_end + 2:topic_end + 2 + text].decode()
        found.append(Record(topic, queue, offset, position, size, crc, flag, sys_flag, born, store,
                            reconsumed, prepared, properties_of(text), text.endswith("\x02"),
                            body))
        at += size
    return found


def write_batch(body, flag, text):
    """The body of a batch of one message with this property text."""
    text = text.encode()
    head = struct.pack(">iiii", 0, 0, flag, len(body))
    message = head + body + struct.pack(">h", len(text)) + text
    return struct.pack(">i", 4 + len(message)) + message
