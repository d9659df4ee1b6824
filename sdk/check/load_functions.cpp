// The part of a Load that calls functions as the expressions of others would.
#include <gantry/cap/function.h>

#include <cstring>
#include <deque>
#include <optional>

#include "check/batch.hpp"
#include "check/load.hpp"

namespace gantry::sdk::check {
namespace {

constexpr int rounds = 24;
constexpr uint32_t arguments_max = 4;
constexpr int messages = 4;  // each call is invoked for

// Of one call in an expression; they own their texts.
class Arguments {
 public:
  Arguments(Words& words, uint32_t count) : constants_(count), values_(count) {
    for (gantry_value& constant : constants_)
      if (words.one_in(2)) constant = some(words);
  }

  // Those that are not constant become another message's.
  void change(Words& words) {
    for (size_t i = 0; i < values_.size(); ++i)
      values_[i] = constants_[i].kind != GANTRY_NULL ? constants_[i] : some(words);
  }
  const gantry_value* constants() const { return constants_.empty() ? nullptr : constants_.data(); }
  const gantry_value* values() const { return values_.empty() ? nullptr : values_.data(); }
  uint32_t count() const { return static_cast<uint32_t>(values_.size()); }

 private:
  gantry_value some(Words& words) {
    switch (words.below(5)) {
      case 0:
        return null_value();
      case 1:
        return bool_value(words.one_in(2));
      case 2:
        return i64_value(words.number());
      case 3:
        return {GANTRY_F64, 0, {.f = static_cast<double>(words.number()) / 4}};
      default:
        return str_value(texts_.emplace_back(words.value()));
    }
  }

  std::deque<std::string> texts_;
  std::vector<gantry_value> constants_;
  std::vector<gantry_value> values_;
};

// What a function said, without what the value points at.
struct Said {
  gantry_status status;
  uint32_t kind;
  uint64_t bits;
  std::string text;

  bool operator==(const Said&) const = default;
};

Said invoke(const gantry_function& table, gantry_prepared* prepared, const gantry_call& call,
            const gantry_message& message, const Arguments& arguments) {
  gantry_value value{};
  Said said{};
  said.status = table.invoke(prepared, &call, &message, arguments.values(), arguments.count(), &value);
  if (said.status != GANTRY_OK) return said;
  said.kind = value.kind;
  if (value.kind > GANTRY_STR)
    throw Failed("a function gave a value of kind " + std::to_string(value.kind) +
                 ", which no expression knows");
  if (value.kind == GANTRY_STR) said.text = view(value.as.s);
  else if (value.kind != GANTRY_NULL) std::memcpy(&said.bits, &value.as, sizeof said.bits);
  return said;
}

}  // namespace

void Load::call_function(const gantry_function& table) {
  Arguments arguments(words_, static_cast<uint32_t>(words_.below(arguments_max + 1)));
  gantry_prepared* prepared = nullptr;
  gantry_status status = GANTRY_OK;
  rig_.host.on_worker([&](const gantry_call& call) {
    status = table.prepare(rig_.instance().self(), &call, arguments.constants(), arguments.count(),
                           &prepared);
  });
  if ((status == GANTRY_OK) != (prepared != nullptr))
    throw Failed(prepared ? "a function refused its arguments and yet gave a prepared call"
                          : "a function took its arguments and gave no prepared call");
  if (!prepared) return;
  const Batch batch(words_, messages);
  for (const gantry_message& message : batch) {
    arguments.change(words_);
    std::optional<Said> first;
    for (const uint32_t shard : {0, 0, 1})
      rig_.host.on_shard(
          [&](const gantry_call& call) {
            Said said = invoke(table, prepared, call, message, arguments);
            // Where it fails it may do so for a while only.
            if (said.status != GANTRY_OK) return;
            if (!first) first = std::move(said);
            else if (said != *first)
              throw Failed("a function gave two values for one message and the same arguments");
          },
          shard);
  }
  table.release(prepared);
}

void Load::add_functions() {
  const gantry_module& module = rig_.module();
  for (uint32_t i = 0; i < module.offer_count; ++i) {
    const gantry_offer& offer = *module.offers[i];
    if (std::string_view(offer.id) != GANTRY_CAP_FUNCTION) continue;
    const auto& table = *static_cast<const gantry_function*>(offer.table);
    for (int round = 0; round < rounds; ++round)
      add("a call of the function " + std::string(offer.name), [this, &table] {
        call_function(table);
      });
  }
}

}  // namespace gantry::sdk::check
