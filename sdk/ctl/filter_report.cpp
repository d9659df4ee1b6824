#include "filter_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "client/words.hpp"
#include "output.hpp"

namespace gantry::ctl {

namespace bj = boost::json;
namespace trial = sdk::trial;

using trial::Verdict;

namespace {

constexpr size_t properties_width_max = 60;

std::optional<size_t> first_of(const trial::Pass& pass, Verdict verdict) {
  const auto found = std::ranges::find(pass.verdicts, verdict);
  if (found == pass.verdicts.end()) return std::nullopt;
  return static_cast<size_t>(found - pass.verdicts.begin());
}

std::vector<size_t> first_matches(const FilterReport& report) {
  std::vector<size_t> out;
  for (size_t i = 0; i < report.pass.verdicts.size() && out.size() < report.show; ++i) {
    if (report.pass.verdicts[i] == Verdict::deliver) out.push_back(i);
  }
  return out;
}

// The application's own are what one filters by; the client's and the broker's say little here.
bool is_own(std::string_view property) {
  static constexpr std::string_view others[] = {"TAGS",    "KEYS",       "UNIQ_KEY", "WAIT",
                                                "CLUSTER", "MSG_REGION", "TRACE_ON"};
  return std::ranges::find(others, property) == std::end(others);
}

std::string own_properties(const client::Received& message) {
  std::string out;
  for (const auto& [name, value] : client::properties_of(message)) {
    if (is_own(name)) out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, value);
  }
  if (out.size() > properties_width_max) {
    size_t end = properties_width_max;
    while ((static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;  // not within a character
    out.replace(end, out.npos, "...");
  }
  return out;
}

// "message 7F00... of broker-a queue 0 offset 17"
std::string name_of(const StoredMessages& messages, size_t i) {
  const auto message = messages.message(i);
  if (!message) return message.error().text;
  return fmt::format("message {} of {} queue {} offset {}", message->message_id,
                     message->queue.broker, message->queue.id, message->queue_offset);
}

bj::value place_json(const StoredMessages& messages, std::optional<size_t> i,
                     const std::string& text) {
  if (!i) return nullptr;
  const auto message = messages.message(*i);
  if (!message) return bj::object{{"text", text}};
  return bj::object{{"messageId", message->message_id}, {"offsetId", message->offset_id},
                    {"broker", message->queue.broker},  {"queue", message->queue.id},
                    {"offset", message->queue_offset},  {"text", text}};
}

bj::value fact_json(const trial::Fact& fact) {
  bj::object out{{"subject", fact.subject}, {"name", fact.name}};
  std::visit([&](const auto& value) { out["value"] = value; }, fact.value);
  return out;
}

void show_json(const FilterReport& report, const StoredMessages& messages) {
  bj::array facts, matches;
  for (const trial::Fact& fact : report.facts) facts.push_back(fact_json(fact));
  for (const size_t i : first_matches(report)) {
    if (const auto message = messages.message(i)) matches.push_back(json_of(*message));
  }
  const size_t failed = report.count(Verdict::error);
  const auto instructions = report.instructions_per_message();
  print_json(bj::object{
      {"type", report.type},
      {"expression", report.expression},
      {"topic", report.wanted.topic},
      {"group", report.wanted.group},
      {"queues", messages.queues.size()},
      {"read", messages.records.size()},
      {"judged", messages.records.size() - failed},
      {"matched", report.count(Verdict::deliver)},
      {"failed", failed},
      {"firstFailure",
       place_json(messages, first_of(report.pass, Verdict::error), report.pass.first_error)},
      {"different", report.different.size()},
      {"looked", report.pass.looked},
      {"passes", report.pass_ns.size()},
      {"nanosecondsPerMessage", report.ns_per_message()},
      {"instructionsPerMessage", instructions ? bj::value(*instructions) : bj::value(nullptr)},
      {"facts", std::move(facts)},
      {"matches", std::move(matches)}});
}

void show_words(const FilterReport& report, const StoredMessages& messages) {
  const size_t failed = report.count(Verdict::error);
  const size_t judged = messages.records.size() - failed;
  const size_t matched = report.count(Verdict::deliver);
  const auto& [topic, group, count, from_last] = report.wanted;
  fmt::print("read      {} messages of topic {}, {}, of {} queues\n", messages.records.size(),
             topic, group.empty() ? "the newest" : "before group " + group, messages.queues.size());
  fmt::print("judged    {}, {} of them from the index\n", judged,
             messages.records.size() - report.pass.looked);
  fmt::print(
      "matched   {} ({:.1f} %)\n", matched,
      judged == 0 ? 0.0 : 100.0 * static_cast<double>(matched) / static_cast<double>(judged));
  if (const auto first = first_of(report.pass, Verdict::error)) {
    fmt::print("failed    {}, the first of them {}: {}\n", failed, name_of(messages, *first),
               report.pass.first_error);
  }
  if (report.pass.verdicts.empty()) return;
  fmt::print("time      {:.0f} ns a message, the median of {} passes\n", report.ns_per_message(),
             report.pass_ns.size());
  if (const auto instructions = report.instructions_per_message()) {
    fmt::print("work      {:.1f} instructions a message\n", *instructions);
  }
  const std::vector<size_t> matches = first_matches(report);
  if (matches.empty()) return;
  Table table({"message", "keys", "tag", "properties"});
  for (const size_t i : matches) {
    const auto message = messages.message(i);
    if (!message) continue;
    table.add({message->message_id, message->keys, message->tags, own_properties(*message)});
  }
  fmt::print("\n");
  table.print();
}

std::string line_of(std::string_view text, uint32_t line) {
  for (; line > 1 && !text.empty(); --line) {
    text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  }
  return std::string(text.substr(0, text.find('\n')));
}

// "vip.lua:3: ..." is about line 3 of the file.
std::optional<uint32_t> line_named(std::string_view text, const std::string& script) {
  const std::string name = std::filesystem::path(script).filename().string() + ':';
  const size_t at = text.find(name);
  uint32_t line = 0;
  if (at == text.npos) return std::nullopt;
  const char* begin = text.data() + at + name.size();
  const auto [rest, error] = std::from_chars(begin, text.data() + text.size(), line);
  return error == std::errc() && line > 0 ? std::optional(line) : std::nullopt;
}

}  // namespace

size_t FilterReport::count(Verdict verdict) const {
  return static_cast<size_t>(std::ranges::count(pass.verdicts, verdict));
}

double FilterReport::ns_per_message() const {
  if (pass.verdicts.empty()) return 0;
  std::vector<uint64_t> sorted = pass_ns;
  const auto middle = sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return static_cast<double>(*middle) / static_cast<double>(pass.verdicts.size());
}

std::optional<double> FilterReport::instructions_per_message() const {
  int64_t sum = 0;
  bool is_told = false;
  for (const trial::Fact& fact : facts) {
    const auto* number = std::get_if<int64_t>(&fact.value);
    if (!number || fact.name != "instructions") continue;
    is_told = true;
    sum += *number;
  }
  if (!is_told || pass.verdicts.empty()) return std::nullopt;
  return static_cast<double>(sum) / static_cast<double>(pass.verdicts.size());
}

int show(const Context& context, const FilterReport& report, const StoredMessages& messages) {
  if (context.json) {
    show_json(report, messages);
  } else {
    show_words(report, messages);
  }
  if (!report.different.empty()) {
    return complain(fail(fmt::format(
        "asked again, the filter says something else of {} messages, first of {}: consumers would "
        "lose messages or see them twice",
        report.different.size(), name_of(messages, report.different.front()))));
  }
  const size_t failed = report.count(Verdict::error);
  if (failed == 0) return 0;
  return complain(
      fail(fmt::format("{} of {} messages could not be judged: a reader would stop there", failed,
                       messages.records.size())));
}

Failure refusal(const trial::Wrong& wrong, std::string_view expression, const std::string& script) {
  if (!script.empty()) {
    const auto line = line_named(wrong.text, script);
    if (!line) return fail(wrong.text);
    std::ifstream file(script, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    return fail(fmt::format("{}\n  {} | {}", wrong.text, *line, line_of(text, *line)));
  }
  if (wrong.line == 0) return fail(wrong.text);
  const std::string line = line_of(expression, wrong.line);
  std::string mark;
  for (size_t at = 0; at < line.size() && mark.size() + 1 < wrong.column; ++at) {
    const bool continues = (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80;
    if (!continues) mark += line[at] == '\t' ? '\t' : ' ';
  }
  return fail(fmt::format("{}\n  {}\n  {}^", wrong.text, line, mark));
}

}  // namespace gantry::ctl
