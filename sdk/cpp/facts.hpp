// Facts: what a module answers to gantry.facts. Lives for one read; texts are copied to the call's
// arena. Facts of one subject are added together.
#pragma once

#include <gantry/cap/facts.h>
#include <gantry/host/buffers.h>

#include <concepts>
#include <cstring>
#include <string_view>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk {

class Facts {
 public:
  Facts(const gantry_buffers& buffers, const gantry_call& call, gantry_fact* facts, uint32_t most)
      : buffers_(buffers), call_(call), facts_(facts), most_(most) {}

  // subject: "" for the instance; name: snake_case, the unit last.
  void add(std::string_view subject, std::string_view name, std::string_view text) {
    if (gantry_fact* fact = next(subject, name)) fact->value = str_value(copy(text));
  }
  template <std::integral Number>
  void add(std::string_view subject, std::string_view name, Number number) {
    gantry_fact* const fact = next(subject, name);
    if (!fact) return;
    if constexpr (std::same_as<Number, bool>) fact->value = bool_value(number);
    else fact->value = i64_value(static_cast<int64_t>(number));
  }
  void add(std::string_view subject, std::string_view name, std::floating_point auto number) {
    if (gantry_fact* fact = next(subject, name)) fact->value = {GANTRY_F64, 0, {.f = number}};
  }
  uint32_t count() const { return count_; }  // also of those there is no room for

 private:
  gantry_fact* next(std::string_view subject, std::string_view name) {
    if (count_++ >= most_) return nullptr;
    gantry_fact& fact = facts_[count_ - 1];
    fact = {str(copy(subject)), str(copy(name)), null_value()};
    return &fact;
  }
  std::string_view copy(std::string_view text) const {
    if (text.empty()) return {};
    uint8_t* const room = buffers_.scratch(call_.arena, text.size());
    if (!room) throw Refusal(GANTRY_BUSY, "no memory for facts");
    std::memcpy(room, text.data(), text.size());
    return {reinterpret_cast<const char*>(room), text.size()};
  }

  const gantry_buffers& buffers_;
  const gantry_call& call_;
  gantry_fact* const facts_;
  const uint32_t most_;
  uint32_t count_ = 0;
};

}  // namespace gantry::sdk
