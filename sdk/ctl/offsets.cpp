// gantryctl group reset-offset, skip-backlog, clone-offset: where groups go on.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <charconv>
#include <ctime>
#include <memory>
#include <optional>

#include "client/admin.hpp"
#include "command.hpp"
#include "output.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

namespace {

constexpr int64_t latest = -1;  // remoting: 222's timestamp for the end

struct Options {
  std::string group;
  std::string to_group;
  client::MessageQueue queue{{}, {}, -1};
  std::optional<int64_t> offset;
  std::string time;
  bool to_begin = false;
  bool to_end = false;
};

int moved(const Context& context, const Options& options,
          const Outcome<protocol::QueueOffsetTable>& table) {
  if (!table) return complain(table.error());
  bj::array queues;
  Table rows({"topic", "broker", "queue", "goes on at"});
  for (const auto& [queue, offset] : table->offsets) {
    queues.push_back(bj::object{{"topic", queue.topic},
                                {"broker", queue.broker_name},
                                {"queue", queue.queue_id},
                                {"offset", offset}});
    rows.add({queue.topic, queue.broker_name, fmt::format("{}", queue.queue_id),
              fmt::format("{}", offset)});
  }
  if (context.json) {
    print_json(bj::object{{"group", options.group}, {"queues", std::move(queues)}});
  } else {
    rows.print();
  }
  return 0;
}

// Milliseconds since 1970, or "2026-11-29T17:05:16" in UTC, with or without a Z.
Outcome<int64_t> time_of(const std::string& text) {
  int64_t ms = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, ms);
  if (error == std::errc() && rest == end && ms >= 0) return ms;
  std::tm parts{};
  const char* left = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (left != nullptr && (*left == '\0' || std::string_view(left) == "Z")) {
    return static_cast<int64_t>(timegm(&parts)) * 1000;
  }
  return fail(fmt::format("\"{}\" is no time: give milliseconds since 1970, or "
                          "2026-11-29T17:05:16 in UTC",
                          text));
}

int reset(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  if (options.offset) {
    if (options.queue.queue_id < 0) return complain(fail("--offset needs --queue"));
    return moved(context, options,
                 admin.reset_offset(options.group, options.queue, *options.offset));
  }
  int64_t time = options.to_end ? latest : 0;
  if (!options.time.empty()) {
    const auto given = time_of(options.time);
    if (!given) return complain(given.error());
    time = *given;
  }
  return moved(context, options, admin.reset_offsets(options.group, options.queue.topic, time));
}

int skip(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  return moved(context, options, admin.reset_offsets(options.group, options.queue.topic, latest));
}

int clone(Context& context, const Options& options) {
  client::Admin admin(context.cluster);
  const auto told = admin.clone_offsets(options.group, options.to_group, options.queue.topic);
  if (!told) return complain(told.error());
  if (context.json) {
    print_json(bj::object{{"from", options.group},
                          {"to", options.to_group},
                          {"topic", options.queue.topic},
                          {"brokers", json_of(*told)}});
    return 0;
  }
  for (const client::Master& master : *told) {
    fmt::print("group {} goes on where {} is, on {} ({})\n", options.to_group, options.group,
               master.broker, master.address);
  }
  return 0;
}

}  // namespace

void add_offsets(CLI::App& group, Command& chosen) {
  const auto options = std::make_shared<Options>();
  const auto action = [&chosen, options](int (*run)(Context&, const Options&)) {
    return [&chosen, options, run] {
      chosen = [options, run](Context& context) { return run(context, *options); };
    };
  };
  CLI::App* to = group.add_subcommand("reset-offset", "let a group go on somewhere else");
  to->add_option("-g,--group", options->group, "group")->required();
  to->add_option("-t,--topic", options->queue.topic, "topic")->required();
  CLI::Option_group* where = to->add_option_group("where", "one of");
  where->add_flag("--to-begin", options->to_begin, "the oldest message there is");
  where->add_flag("--to-end", options->to_end, "behind the newest");
  where->add_option("-s,--to-time", options->time,
                    "stored then or later: milliseconds, or 2026-11-29T17:05:16 (UTC)");
  where->add_option("-o,--offset", options->offset, "of the one queue --queue names")
      ->check(CLI::NonNegativeNumber);
  where->require_option(1);
  to->add_option("-q,--queue", options->queue.queue_id, "queue, with --offset")
      ->check(CLI::NonNegativeNumber);
  to->add_option("-b,--broker", options->queue.broker_name, "its broker's name");
  to->callback(action(reset));
  CLI::App* skipped = group.add_subcommand("skip-backlog", "go on behind the newest message");
  skipped->add_option("-g,--group", options->group, "group")->required();
  skipped->add_option("-t,--topic", options->queue.topic, "topic")->required();
  skipped->callback(action(skip));
  CLI::App* cloned =
      group.add_subcommand("clone-offset", "let a group go on where another one is");
  cloned->add_option("-s,--from,--group", options->group, "the group that is there")->required();
  cloned->add_option("-d,--to", options->to_group, "the group to move")->required();
  cloned->add_option("-t,--topic", options->queue.topic, "of this topic only");
  cloned->callback(action(clone));
}

}  // namespace gantry::ctl
