#include "config/node_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::config {
namespace {

constexpr int64_t kib = 1024;
constexpr int64_t mib = 1024 * kib;
constexpr int64_t gib = 1024 * mib;

std::vector<SectionKeys> make_keys() {
  return {
      {"node",
       {
           required_text("data_dir", "folder of all data, RocketMQ's store root; relative to where "
                                     "the node is started"),
           text("cluster", "DefaultCluster", "name of the cluster this broker belongs to"),
           text("broker", "broker-a", "name of the broker; a master and its slaves share it"),
           integer("broker_id", 0, 0, 1'000'000, "0 is the master of its name"),
       }},
      {"runtime",
       {
           integer("shards", 1, 1, 255,
                   "threads that serve connections; on two cores one is the fastest"),
           integer("workers", 0, 0, 256, "threads for work that may block; 0: cores - 1, at least 1"),
       }},
      {"plugin",
       {
           boolean("experimental", false, "load modules that use interfaces of revision 0"),
           text("directory", "", "where libraries are; empty: <executable>/../lib/gantry/plugins"),
           list("load", {}, "libraries to load, by file name without .so, or absolute paths"),
           integer("stall_ms", 10'000, 0, 3'600'000,
                   "a module that holds a thread of the node up for so long ends the process with a "
                   "report; 0: never"),
           integer("crashes_max", 3, 0, 1000,
                   "after so many crashes in a row inside the same call of an instance, a start "
                   "leaves it out; 0: never"),
           integer("end_ms_max", 10'000, 1, 3'600'000,
                   "so long a stop waits for a module to quiesce, to drain and for what it was "
                   "promised; then it says so and goes on"),
       }},
      {"net.door",
       {
           required_text("name", "how modules and this file refer to the door"),
           required_text("address", "\"ip:port\" to listen on; port 0 takes a free one"),
           text("advertise", "", "\"host:port\" that clients dial; empty: the address, and for "
                                 "0.0.0.0 the first IPv4 that is not loopback"),
           list("handlers", {}, "instances whose request codes this door serves"),
           Key{"except", "request codes this door does not serve", Kind::integers,
               Value(Integers{}), {}, {}},
           integer("frame_bytes_max", 16 * mib, 4 * kib, gib, "a larger frame ends its connection"),
           integer("idle_ms", 120'000, 1'000, 86'400'000,
                   "a connection that neither sent nor received for so long is closed"),
           integer("write_queue_bytes_max", 8 * mib, 64 * kib, gib,
                   "a connection with more answers waiting is not read from"),
           integer("connections_max", 65'536, 1, 10'000'000, "further connections are refused"),
       }},
      {"commitlog",
       {
           text("flush", "async", "when a send is acknowledged: async: stored; sync: on disk",
                {"async", "sync"}),
           integer("flush_interval_ms", 500, 1, 60'000, "async flush: how often the disk is synced"),
           integer("segment_bytes", gib, 64 * kib, 4 * gib,
                   "size of a log file; fixed for the life of a data folder"),
           integer("warm_ahead_bytes", 64 * mib, mib, gib, "log space prepared ahead of the tail"),
           integer("message_bytes_max", 4 * mib, kib, 64 * mib, "largest message body"),
       }},
      {"dispatch",
       {
           integer("lag_bytes_max", 256 * mib, 64 * kib, 1024 * gib,
                   "an index further behind the log than this: sends are answered busy until it "
                   "is at half of it"),
           list("visible_after", {},
                "what a message must have passed before a send of it is acknowledged and anybody "
                "reads it; empty: written, under sync flush durable",
                {"written", "durable", "replicated"}),
       }},
  };
}

std::span<const Key> keys_of(std::string_view section) {
  const auto& all = kernel_keys();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const SectionKeys& s) { return s.section == section; });
  return found->keys;
}

Outcome<void> check_name(const Section& section, std::string_view key) {
  const std::string& name = section.text(key);
  const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-';
  });
  if (good) return {};
  return fail(fmt::format("{} = \"{}\": letters, digits, _ and - only", section.where(key), name));
}

Outcome<DoorConfig> read_door(const Section& section) {
  if (Outcome<void> name = check_name(section, "name"); !name) return name.error();
  DoorConfig door{section.text("name"),
                  section.text("address"),
                  section.text("advertise"),
                  section.list("handlers"),
                  std::get<Integers>(*section.find("except")),
                  section.integer("frame_bytes_max"),
                  section.integer("idle_ms"),
                  section.integer("write_queue_bytes_max"),
                  section.integer("connections_max")};
  return door;
}

Outcome<void> read_doors(const Document& document, NodeConfig& out) {
  Outcome<std::vector<Section>> doors = document.sections("net.door", keys_of("net.door"));
  if (!doors) return doors.error();
  for (const Section& section : *doors) {
    Outcome<DoorConfig> door = read_door(section);
    if (!door) return door.error();
    for (const DoorConfig& other : out.doors) {
      if (other.name == door->name) {
        return fail(fmt::format("{} = \"{}\": there is another door of this name",
                                section.where("name"), door->name));
      }
    }
    out.doors.push_back(std::move(*door));
  }
  return {};
}

}  // namespace

const std::vector<SectionKeys>& kernel_keys() {
  static const std::vector<SectionKeys> keys = make_keys();
  return keys;
}

Outcome<NodeConfig> NodeConfig::read(const Document& document) {
  static constexpr std::array<std::string_view, 7> sections = {
      "node", "runtime", "plugin", "net", "commitlog", "dispatch", "plugins"};
  if (Outcome<void> only = document.allow_only(sections); !only) return only.error();
  NodeConfig out;
  Outcome<Section> node = document.section("node", keys_of("node"));
  if (!node) return node.error();
  Outcome<Section> runtime = document.section("runtime", keys_of("runtime"));
  if (!runtime) return runtime.error();
  Outcome<Section> plugin = document.section("plugin", keys_of("plugin"));
  if (!plugin) return plugin.error();
  Outcome<Section> commitlog = document.section("commitlog", keys_of("commitlog"));
  if (!commitlog) return commitlog.error();
  Outcome<Section> dispatch = document.section("dispatch", keys_of("dispatch"));
  if (!dispatch) return dispatch.error();
  for (const char* key : {"cluster", "broker"}) {
    if (Outcome<void> name = check_name(*node, key); !name) return name.error();
  }
  out.data_dir = node->text("data_dir");
  if (out.data_dir.empty()) return fail(fmt::format("{} is empty", node->where("data_dir")));
  out.cluster = node->text("cluster");
  out.broker = node->text("broker");
  out.broker_id = node->integer("broker_id");
  out.shards = runtime->integer("shards");
  out.workers = runtime->integer("workers");
  out.experimental = plugin->boolean("experimental");
  out.plugin_directory = plugin->text("directory");
  out.load = plugin->list("load");
  out.stall_ms = plugin->integer("stall_ms");
  out.crashes_max = plugin->integer("crashes_max");
  out.end_ms_max = plugin->integer("end_ms_max");
  out.sync_flush = commitlog->text("flush") == "sync";
  out.flush_interval_ms = commitlog->integer("flush_interval_ms");
  out.segment_bytes = commitlog->integer("segment_bytes");
  out.warm_ahead_bytes = commitlog->integer("warm_ahead_bytes");
  out.message_bytes_max = commitlog->integer("message_bytes_max");
  out.lag_bytes_max = dispatch->integer("lag_bytes_max");
  out.visible_after = dispatch->list("visible_after");
  if (Outcome<void> doors = read_doors(document, out); !doors) return doors.error();
  return out;
}

}  // namespace gantry::config
