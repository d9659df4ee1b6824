#include <string>

#include "check.hpp"
#include "protocol/body_topics.hpp"
#include "protocol/message.hpp"
#include "targets.hpp"

namespace gantry::protocol::fuzz {

int records(std::string_view bytes) {
  if (const auto views = decode_records(bytes); views.has_value()) {
    std::string all;
    for (const auto& view : *views) {
      const auto record = encode_record(view);
      check(record.has_value());
      all += *record;
      check(!view.message_id().empty());
    }
    check(all == bytes);
  }
  if (const auto items = decode_batch(bytes); items.has_value()) {
    std::string all;
    for (const auto& item : *items) check(append_batch_item(all, item).has_value());
    const auto again = decode_batch(all);
    check(again.has_value() && *again == *items);
  }
  for (const bool with_mappings : {false, true}) {
    const auto body = read_register_layout(bytes, with_mappings);
    check(body.has_value() || !body.error().text.empty());
    if (!body.has_value()) continue;
    const auto again = read_register_layout(write_register_layout(*body), true);
    check(again.has_value() && *again == *body);
  }
  return 0;
}

}  // namespace gantry::protocol::fuzz
