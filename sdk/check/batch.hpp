// Batch: messages of random words, which it owns, as the ABI shows them. Lives for one call, on its
// stack.
#pragma once

#include <gantry/message.h>

#include <string>
#include <utility>
#include <vector>

#include "check/words.hpp"
#include "cpp/fake/record.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::check {

class Batch {
 public:
  Batch(Words& words, uint32_t count) : host_(fake::host_bytes("127.0.0.1:10911")) {
    texts_.reserve(size_t{3} * count);  // the views point into it
    for (uint32_t i = 0; i < count; ++i) {
      gantry_message message{};
      message.struct_size = sizeof message;
      message.topic = text(words.name());
      message.body = bytes(view(text(words.body())));
      message.property_text = text(words.properties());
      message.queue_id = static_cast<int32_t>(words.below(4));
      message.queue_offset = words.number();
      message.log_offset = words.number();
      message.born_ms = message.stored_ms = words.number();
      message.tag_code = words.number();
      message.born_host = message.store_host = bytes(std::string_view(host_));
      messages_.push_back(message);
    }
    view_.struct_size = sizeof view_;
    view_.stride = sizeof(gantry_message);
    view_.count = count;
    view_.first = messages_.data();
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  const gantry_batch& get() const { return view_; }
  gantry_message& operator[](size_t i) { return messages_[i]; }
  auto begin() const { return messages_.begin(); }
  auto end() const { return messages_.end(); }

 private:
  // Of an empty one the data is null, as the ABI allows.
  gantry_str text(std::string words) {
    if (words.empty()) return {};
    return str(texts_.emplace_back(std::move(words)));
  }

  const std::string host_;
  std::vector<std::string> texts_;
  std::vector<gantry_message> messages_;
  gantry_batch view_{};
};

}  // namespace gantry::sdk::check
