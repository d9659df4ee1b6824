#include "trial/records.hpp"

#include <stdexcept>

#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::trial {

void Records::add(std::string bytes) {
  pulled_.push_back(std::move(bytes));
  std::span<const uint8_t> left = span(sdk::bytes(std::string_view(pulled_.back())));
  while (!left.empty()) {
    const auto message = fake::decode(left, false);
    if (!message) {
      throw std::runtime_error("what was read is no record " +
                               std::to_string(pulled_.back().size() - left.size()) +
                               " bytes behind the begin of an answer");
    }
    messages_.push_back(*message);
    left = left.subspan(message->record_size);
  }
  bytes_ += pulled_.back().size();
}

std::string_view Records::record(size_t i) const {
  return view(messages_[i].record);
}

}  // namespace gantry::sdk::trial
