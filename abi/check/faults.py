"""What may and may not be done to the ABI, as edits of it: the cases of faults_test.py."""
import dataclasses

INCLUDE = "include/gantry/"
CHECKS = {  # the tool it needs, the command
    "lint": (None, ["lint"]),
    "asserts": ("gcc", ["compile", "asserts", "gcc"]),
    "contract": ("abidw", ["contract"]),
    "abi": ("abidiff", ["baseline", "abi"]),
    "schemas": ("flatc", ["baseline", "schemas"]),
}


@dataclasses.dataclass
class Case:
    name: str
    edits: list       # (file, what it has, what it gets instead); what it gets None: the file goes
    says: tuple = ()  # what the check has to say; nothing: it passes
    then: list = dataclasses.field(default_factory=list)  # commands before the check
    check: list = None                                    # another command than the group's


def header(name, old, new):
    return INCLUDE + name, old, new


def fault(name, path, old, new, *says, then=()):
    return Case(name, [header(path, old, new)], says, list(then))


LAST_OF_CALL = "  gantry_error *error; /* never null */\n"
APPENDED = LAST_OF_CALL + "  uint64_t deadline_ns;\n"
NOW_MS = "  int64_t now_ms;      /* wall clock, read once per loop turn */\n"
PROPERTY = "  gantry_str key;\n  gantry_str value;\n"
EVERY = "const gantry_call *call), /* [shard] */"
WRITE = ["contract", "write"]
FREEZE = ["baseline", "write"]

LINT = [
    fault("a function pointer without a tag", "host/timer.h", "gantry_token timer); /* [any] */",
          "gantry_token timer);", "found 0"),
    fault("a function pointer with two tags", "host/timer.h", "gantry_token timer); /* [any] */",
          "gantry_token timer); /* [any] [log] */", "found 2"),
    fault("a callback without a tag", "cap/metadata_store.h",
          "/* [any] */\n                        void *context", "\n  void *context",
          "each: a function pointer"),
    fault("a foreign include", "base.h", "#include <stddef.h>", "#include <stdbool.h>",
          "<stdbool.h>: only"),
    fault("an include by its short name", "host.h", '#include "gantry/call.h"',
          '#include "call.h"', '"call.h": only'),
    fault("a header that doesn't say what it is", "host/clock.h", "/* clock: ", "/* ",
          "opens with a comment"),
    fault("a guard of another name", "host/clock.h", "#ifndef GANTRY_HOST_CLOCK_H",
          "#ifndef CLOCK_H", "include guard is GANTRY_HOST_CLOCK_H"),
    fault("a growable struct that doesn't say so", "host/clock.h", " Growable. */",
          " */", "its comment says Growable"),
    fault("a frozen struct that doesn't say so", "cap/queue_index.h", "/* Frozen. The queue's",
          "/* The queue's", "says Frozen"),
    fault("a pointer that nobody owns", "cap/request_handler.h",
          "its group. Constant; lives as long as the library.", "its group.",
          "gantry_resource.field: a pointer says who owns it"),
    fault("the id of another service", "host/clock.h", '"gantry.host.clock/',
          '"gantry.host.timer/', 'the id is "gantry.host.clock/'),
    fault("a constant that is not asserted", "call.h", "#define GANTRY_NO_SHARD",
          "#define GANTRY_ANY_SHARD 7\n#define GANTRY_NO_SHARD",
          "GANTRY_ANY_SHARD has no line in abi/check/constants.c"),
    fault("a member that is not asserted", "call.h", LAST_OF_CALL, APPENDED,
          "gantry_call.deadline_ns has no AT in abi/check/layout"),
    fault("a frozen struct that is not asserted", "cap/queue_index.h", "/* Frozen. The queue's",
          "/* Frozen. */\ntypedef struct gantry_pair {\n  int64_t a;\n} gantry_pair;\n\n"
          "/* Frozen. The queue's",
          "gantry_pair has no SIZE in abi/check/layout", "gantry_pair.a has no AT"),
    fault("a number type that is not asserted", "base.h", "typedef uint64_t gantry_token;",
          "typedef uint32_t gantry_shard;\ntypedef uint64_t gantry_token;",
          "gantry_shard has no SIZE"),
    fault("a growable struct by value", "message.h", "  const gantry_message *first;",
          "  gantry_message first;", "gantry_batch.first: a growable struct is reached by pointer"),
    fault("an enumeration", "base.h", "typedef uint64_t gantry_token;",
          "enum gantry_kind { GANTRY_A };\ntypedef uint64_t gantry_token;", "a sized integer"),
    fault("a struct in a form that is not parsed", "base.h", "typedef uint64_t gantry_token;",
          "typedef struct gantry_pair { int a; } gantry_pair;\ntypedef uint64_t gantry_token;",
          "types are 'typedef struct name {'"),
]

ASSERTS = [
    fault("a member that moved", "call.h", NOW_MS, "  int64_t before_ms;\n" + NOW_MS, "core.c",
          "offsetof(gantry_call, now_ms) == (8)"),
    fault("a member appended to a frozen struct", "base.h", PROPERTY,
          PROPERTY + "  uint64_t hash;\n", "sizeof(gantry_property) == (32)"),
    fault("a member with fewer bytes", "message.h", "  int64_t tag_code; ",
          "  int32_t tag_code;\n  int32_t more; ",
          "sizeof(((gantry_message *)0)->tag_code) == (8)"),
    fault("a constant with another value", "host/logging.h", "GANTRY_LOGGING_WARN 30u",
          "GANTRY_LOGGING_WARN 35u", "GANTRY_LOGGING_WARN is not 30u"),
    Case("two verdicts that changed places", [
        header("cap/filter.h", "GANTRY_VERDICT_SKIP 0u", "GANTRY_VERDICT_SKIP 1u"),
        header("cap/filter.h", "GANTRY_VERDICT_DELIVER 1u", "GANTRY_VERDICT_DELIVER 0u")],
        ("GANTRY_VERDICT_SKIP is not 0u", "GANTRY_VERDICT_DELIVER is not 1u", "-std=c11",
         "-std=c++20")),
    fault("a member appended to a growable struct passes", "call.h", LAST_OF_CALL, APPENDED),
]

TIMER = header("host/timer.h", "gantry.host.timer/0", "gantry.host.timer/1")
PROMOTED = [TIMER, ("baseline/headers.txt", "host/logging.h", "host/logging.h\nhost/timer.h")]
CONTRACT = [
    fault("a tag that changed", "host/timer.h", EVERY, EVERY.replace("shard", "worker"),
          "-host/timer.h gantry_timer.every.tick [shard]",
          "+host/timer.h gantry_timer.every.tick [worker]", "abi/check/contract write"),
    fault("an ownership word that went", "cap/metadata_store.h", "Copied before it returns; writes",
          "Writes", "+cap/metadata_store.h gantry_metadata_store.write [any] - |"),
    fault("an experimental id may change once it is written down", "host/timer.h", EVERY,
          EVERY.replace("shard", "worker"), then=[WRITE]),
    fault("a frozen tag may not, written down or not", "plugin.h",
          "void (*stop)(gantry_instance *self); /* [control] */",
          "void (*stop)(gantry_instance *self); /* [any] */",
          "gantry_plugin_v1 is frozen in abi/baseline/", "gantry_module.stop [control]",
          "gantry_module.stop [any]", then=[WRITE]),
    fault("a frozen ownership word may not", "call.h", "Growable; host-owned; lives until",
          "Growable; lives until", "gantry_plugin_v1 is frozen", "host-owned", then=[WRITE]),
    fault("a frozen constant may not, asserted anew or not", "base.h", "GANTRY_GONE (-2)",
          "GANTRY_GONE (-12)", "base.h GANTRY_GONE | (-2)\nis now\n  base.h GANTRY_GONE | (-12)",
          then=[WRITE]),
    fault("what a result points to may not lose its const", "call.h", "const void *result",
          "void *result", "gantry_completion.done", "gantry_plugin_v1 is frozen", then=[WRITE]),
    fault("a frozen table may grow", "host.h", "  /* Ends a PENDING life-cycle call",
          "  void (*hint)(const struct gantry_host *host); /* [any] */\n\n"
          "  /* Ends a PENDING life-cycle call", then=[WRITE]),
    Case("a frozen line that changed is not frozen anew", [
        header("plugin.h", "void (*stop)(gantry_instance *self); /* [control] */",
               "void (*stop)(gantry_instance *self); /* [any] */")],
        ("gantry_module.stop [control]", "What is frozen only grows"), [WRITE], FREEZE),
    Case("a new baseline that abi/CHANGES.md doesn't tell of", [
        header("base.h", "#define GANTRY_OK 0", "#define GANTRY_LATER 2\n#define GANTRY_OK 0")],
        ("has gantry_plugin_v1 in a form that abi/CHANGES.md doesn't tell of",
         "| `gantry_plugin_v1` | `"), [WRITE, FREEZE]),
    Case("an id of revision 1 that the baseline doesn't have", PROMOTED,
         ("gantry.host.timer/1 is not in abi/baseline/",), [WRITE]),
    Case("an id of revision 1 that abi/CHANGES.md doesn't tell of", PROMOTED,
         ("has gantry.host.timer/1 in a form that abi/CHANGES.md doesn't tell of",),
         [WRITE, FREEZE]),
    Case("an id of revision 1 whose header isn't listed", [TIMER],
        ("gantry.host.timer/1 is not experimental: abi/baseline/headers.txt has to list",),
         [WRITE]),
    Case("a listed header that isn't there", [("baseline/headers.txt", "base.h", "basis.h")],
         ("basis.h is not in abi/include/gantry",)),
]

ABI = [
    fault("a member that moved", "call.h", NOW_MS, "  int64_t before_ms;\n" + NOW_MS,
          "abidiff ended with 4", "'int64_t now_ms' offset changed"),
    fault("a member of another type and the same size", "call.h", NOW_MS,
          NOW_MS.replace("int64_t", "double"), "abidiff ended with 4", "type of 'int64_t now_ms'"),
    fault("a member of another name", "call.h", NOW_MS, NOW_MS.replace("now_ms", "now_us"),
          "abidiff ended with 4", "changed to 'gantry_call::now_us'"),
    fault("a member that went", "call.h", LAST_OF_CALL, "", "abidiff ended with",
          "1 data member deletion"),
    fault("a parameter of another type", "host/clock.h", "(*now_ms)(const gantry_host *host)",
          "(*now_ms)(gantry_host *host)", "abidiff ended with 4", "gantry_clock"),
    fault("a type that went", "base.h", "typedef uint64_t gantry_session;",
          "#define gantry_session uint64_t", "abidiff ended with", "witness_gantry_session"),
    fault("a member appended to a frozen struct", "base.h", PROPERTY,
          PROPERTY + "  uint64_t hash;\n", "abidiff ended with 4", "gantry_property"),
    fault("a member appended to a growable struct passes", "call.h", LAST_OF_CALL, APPENDED),
    Case("an appended member hides nothing else", [
        header("call.h", LAST_OF_CALL, APPENDED),
        header("call.h", NOW_MS, NOW_MS.replace("int64_t", "double"))],
        ("abidiff ended with 4", "type of 'int64_t now_ms'")),
    Case("a type that changed is not frozen anew", [
        header("call.h", NOW_MS, "  int64_t before_ms;\n" + NOW_MS)],
        ("'int64_t now_ms' offset changed", "What is frozen only grows"), check=FREEZE),
    fault("a header that isn't listed may change", "host/timer.h", "  uint32_t reserved;",
          "  int32_t reserved;"),
    fault("a type that no baseline has", "message.h", "/* message[i] is at",
          "typedef struct gantry_pair gantry_pair;\n\n/* message[i] is at",
          "gantry_pair is in a header of abi/baseline/headers.txt and not in its newest"),
    Case("a listed header that no baseline has", [
        ("baseline/headers.txt", "host/clock.h", "host/clock.h\nhost/timer.h")],
        ("gantry_timer is in a header of abi/baseline/headers.txt",)),
    fault("headers that don't compile", "call.h", NOW_MS, "  clock now_ms;;\n",
          "the headers don't compile", "unknown type name"),
]

TOPIC, GROUP = "schema/topic.fbs", "schema/group.fbs"
SCHEMAS = [
    Case("a field of another type", [(TOPIC, "read_queues: uint", "read_queues: ulong")],
         ("types differ for field: read_queues",)),
    Case("a field that moved", [(TOPIC, "(id: 4)", "(id: 9)"), (TOPIC, "(id: 5)", "(id: 4)"),
                                (TOPIC, "(id: 9)", "(id: 5)")], ("offsets differ for field",)),
    Case("another default", [(GROUP, "uint = 15", "uint = 16")], ("defaults differ",)),
    Case("another value of an enumeration", [(TOPIC, "MultiTag = 1", "MultiTag = 2")],
         ("values differ for enum",)),
    Case("a last field that went", [(GROUP, "  retry_policy: string (id: 12);", "")],
         ("Group.retry_policy (id: 12) is gone or changed",)),
    Case("a field that is required no more", [
        (TOPIC, "  name: string (id: 0, required);\n  read", "  name: string (id: 0);\n  read")],
        ("Topic.name (id: 0, required) is gone or changed",)),
    Case("another identifier", [(TOPIC, "GTOP", "GTOQ")], ('file_identifier "GTOP" is gone',)),
    Case("a document that went", [(GROUP, "", None)], ("abi/schema/group.fbs", "is gone")),
    Case("an added field that is required", [
        (GROUP, "(id: 12);", "(id: 12);\n  owner: string (id: 13, required);")],
        ("Group.owner (id: 13, required)", "can't be required")),
    Case("an added field passes", [(GROUP, "(id: 12);", "(id: 12);\n  owner: string (id: 13);")]),
    Case("a deprecated field passes", [(GROUP, "(id: 12)", "(id: 12, deprecated)")]),
]

CASES = {"lint": LINT, "asserts": ASSERTS, "contract": CONTRACT, "abi": ABI, "schemas": SCHEMAS}
