// What a tag filter costs: an entry of the queue index judged by its code, and a message by its tag.
// Medians of repetitions that take turns; a line each: name and nanoseconds.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "filter_tag/tag_expression.hpp"
#include "filter_tag/tag_program.hpp"
#include "protocol/ids.hpp"

namespace {

using namespace gantry;
using filter_tag::TagProgram;

constexpr int repetitions = 31;
constexpr size_t slice_entries = 800;  // what a scanning pull judges at a time
constexpr int tag_kinds = 100;         // of the messages; a filter of n tags hits n percent

std::string tag(size_t i) {
  return "OrderTag" + std::to_string(i * 7919 % tag_kinds);
}

TagProgram program_of(int tags) {
  std::string text;
  for (int i = 0; i < tags; ++i) text += (i ? " || " : "") + ("OrderTag" + std::to_string(i));
  filter_tag::TagExpression expression;
  if (filter_tag::parse(text, tag_kinds, expression)) std::abort();
  return TagProgram(std::move(expression));
}

struct Messages {
  Messages() : texts(slice_entries), entries(slice_entries), messages(slice_entries) {
    for (size_t i = 0; i < slice_entries; ++i) {
      texts[i] =
          "KEYS\x01order-1\x02UNIQ_KEY\x01" "7F0000012DA5D2BC1EC87AAEB7380000\x02TAGS\x01" +
          tag(i) + "\x02WAIT\x01true\x02MSG_REGION\x01" "DefaultRegion\x02TRACE_ON\x01true\x02";
      entries[i] = {0, protocol::tag_code(tag(i)), 1024, 0};
      messages[i].struct_size = sizeof messages[i];
      messages[i].property_text = {texts[i].data(), texts[i].size()};
    }
  }
  std::vector<std::string> texts;
  std::vector<gantry_index_entry> entries;
  std::vector<gantry_message> messages;
};

template <class Work>
double ns_each(Work&& work) {
  using Clock = std::chrono::steady_clock;
  constexpr int rounds = 200;
  std::vector<double> found;
  for (int i = 0; i < repetitions; ++i) {
    const auto begin = Clock::now();
    for (int round = 0; round < rounds; ++round) work();
    const std::chrono::duration<double, std::nano> took = Clock::now() - begin;
    found.push_back(took.count() / (rounds * static_cast<double>(slice_entries)));
  }
  std::nth_element(found.begin(), found.begin() + repetitions / 2, found.end());
  return found[repetitions / 2];
}

}  // namespace

int main() {
  const Messages given;
  std::vector<uint8_t> verdicts(slice_entries);
  const gantry_batch batch{sizeof batch, sizeof(gantry_message), slice_entries, 0,
                           given.messages.data()};
  for (const int tags : {1, 4, 36}) {
    const TagProgram program = program_of(tags);
    const auto keep = [&] { asm volatile("" : : "r"(verdicts.data()) : "memory"); };
    const double index = ns_each([&] {
      program.match_index({}, given.entries, verdicts.data());
      keep();
    });
    const double message = ns_each([&] {
      program.match({}, batch, verdicts.data());
      keep();
    });
    fmt::print("{:2} tags   entry {:6.2f} ns   message {:6.1f} ns\n", tags, index, message);
  }
}
