#include "topic_attributes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "protocol/headers.hpp"

namespace gantry::messaging {
namespace {

constexpr std::array<std::string_view, 8> message_types = {
    "UNSPECIFIED", "MIXED", "TRANSACTION", "PRIORITY", "FIFO", "DELAY", "LITE", "NORMAL"};
constexpr std::array<std::string_view, 2> queue_types = {"BatchCQ", "SimpleCQ"};
constexpr std::array<std::string_view, 2> cleanup_policies = {"COMPACTION", "DELETE"};

struct Known {
  std::string_view key;
  bool changeable;
  std::span<const std::string_view> values;  // empty: a whole number, at least -1
};

const std::array<Known, 4> known_attributes = {{{"message.type", true, message_types},
                                                {"queue.type", false, queue_types},
                                                {"cleanup.policy", false, cleanup_policies},
                                                {"reserve.time", true, {}}}};

struct Step {
  bool adds;
  std::string_view key;
  std::string_view value;
};

protocol::Error error(std::string_view text, std::string_view what) {
  return protocol::error(std::string(text).append(what));
}

protocol::Result<Step> read_step(std::string_view text) {
  const size_t equals = text.find('=');
  const std::string_view signed_key = text.substr(0, equals);
  const bool adds = equals != std::string_view::npos;
  if (signed_key.size() < 2 || signed_key.front() != (adds ? '+' : '-')) {
    return error(
        adds ? "add/alter attribute format is wrong: " : "delete attribute format is wrong: ",
        signed_key);
  }
  return Step{adds, signed_key.substr(1), adds ? text.substr(equals + 1) : std::string_view()};
}

protocol::Result<std::vector<Step>> read_steps(std::string_view change) {
  std::vector<Step> steps;
  while (!change.empty()) {
    const size_t comma = change.find(',');
    auto step = read_step(change.substr(0, comma));
    if (!step.has_value()) return step.error();
    const auto same = [&](const Step& other) { return other.key == step->key; };
    if (std::any_of(steps.begin(), steps.end(), same)) {
      return error("key duplication: ", step->key);
    }
    steps.push_back(*step);
    change.remove_prefix(comma == std::string_view::npos ? change.size() : comma + 1);
  }
  return steps;
}

std::optional<protocol::Error> wrong_value(const Known& known, std::string_view value) {
  if (known.values.empty()) {
    const auto number = protocol::parse_i64(value);
    if (number && *number >= -1) return std::nullopt;
    return error("value is not in range(-1, 9223372036854775807): ", value);
  }
  if (std::find(known.values.begin(), known.values.end(), value) != known.values.end()) {
    return std::nullopt;
  }
  std::string set;
  for (const std::string_view one : known.values) {
    set.append(set.empty() ? "" : ", ").append(one);
  }
  return error("value is not in set: [", set.append("]"));
}

std::optional<protocol::Error> wrong_step(const Step& step, const Attributes& current,
                                          AttributeChange kind) {
  const bool creating = kind == AttributeChange::create;
  const bool stored = current.contains(std::string(step.key));
  if (!step.adds && creating) {
    return error("only add attribute is supported while creating topic. key: ", step.key);
  }
  if (!step.adds && !stored) {
    return error("attempt to delete a nonexistent key: ", step.key);
  }
  const auto known = std::find_if(known_attributes.begin(), known_attributes.end(),
                                  [&](const Known& one) { return one.key == step.key; });
  if (known == known_attributes.end()) return error("unsupported key: ", step.key);
  if (!creating && !known->changeable) {
    return error("attempt to update an unchangeable attribute. key: ", step.key);
  }
  return step.adds ? wrong_value(*known, step.value) : std::nullopt;
}

}  // namespace

protocol::Result<Attributes> change_attributes(const Attributes& current, std::string_view change,
                                               AttributeChange kind) {
  const auto steps = read_steps(change);
  if (!steps.has_value()) return steps.error();
  Attributes changed = current;
  for (const Step& step : *steps) {
    const auto stored = current.find(std::string(step.key));
    // Saying again what is so already is no change, also of what cannot be changed.
    if (step.adds && stored != current.end() && stored->second == step.value) continue;
    if (!step.adds && stored == current.end() && kind == AttributeChange::again) continue;
    if (auto wrong = wrong_step(step, current, kind)) return std::move(*wrong);
    if (step.adds) {
      changed[std::string(step.key)] = step.value;
    } else {
      changed.erase(std::string(step.key));
    }
  }
  return changed;
}

}  // namespace gantry::messaging
