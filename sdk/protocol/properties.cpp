#include "protocol/properties.hpp"

#include <algorithm>
#include <cstring>

namespace gantry::protocol {
namespace {

// Sorted, for the search. What an application may not set (common: MessageConst.STRING_HASH_SET).
constexpr std::string_view reserved_names[] = {"1ST_POP_TIME",
                                               "ARRIVE_TIME",
                                               "BORN_TIMESTAMP",
                                               "BUYER_ID",
                                               "CLUSTER",
                                               "CONSUME_START_TIME",
                                               "CORRECTION_FLAG",
                                               "CORRELATION_ID",
                                               "DELAY",
                                               "DLQ_ORIGIN_MESSAGE_ID",
                                               "DLQ_ORIGIN_TOPIC",
                                               "DUP_INFO",
                                               "EXTEND_UNIQ_INFO",
                                               "INNER_MULTI_QUEUE_OFFSET",
                                               "INSTANCE_ID",
                                               "KEYS",
                                               "MAX_OFFSET",
                                               "MAX_RECONSUME_TIMES",
                                               "MIN_OFFSET",
                                               "MQ2_FLAG",
                                               "MSG_REGION",
                                               "MSG_TYPE",
                                               "ORIGIN_GROUP",
                                               "ORIGIN_MESSAGE_ID",
                                               "PGROUP",
                                               "POP_CK",
                                               "POP_CK_OFFSET",
                                               "PUSH_REPLY_TIME",
                                               "REAL_QID",
                                               "REAL_TOPIC",
                                               "RECONSUME_TIME",
                                               "REPLY_TO_CLIENT",
                                               "RETRY_TOPIC",
                                               "TAGS",
                                               "TIMER_DELAY_LEVEL",
                                               "TIMER_DELAY_MS",
                                               "TIMER_DELAY_SEC",
                                               "TIMER_DELIVER_MS",
                                               "TIMER_DEL_UNIQKEY",
                                               "TIMER_DEQUEUE_MS",
                                               "TIMER_ENQUEUE_MS",
                                               "TIMER_OUT_MS",
                                               "TIMER_ROLL_TIMES",
                                               "TRACE_ON",
                                               "TRANSFER_FLAG",
                                               "TRAN_MSG",
                                               "TRAN_PREPARED_QUEUE_OFFSET",
                                               "TTL",
                                               "UNIQ_KEY",
                                               "WAIT",
                                               "_SYS_MSG_PRIORITY_",
                                               "__BORNHOST",
                                               "__CRC32#",
                                               "__LITE_TOPIC"};
static_assert(std::is_sorted(std::begin(reserved_names), std::end(reserved_names)));

// Takes a piece, without its 0x02, off the head of `rest`.
std::string_view take_piece(std::string_view& rest) {
  const void* found = std::memchr(rest.data(), property_separator, rest.size());
  const std::size_t size =
      found ? static_cast<std::size_t>(static_cast<const char*>(found) - rest.data()) : rest.size();
  const std::string_view piece = rest.substr(0, size);
  rest.remove_prefix(std::min(size + 1, rest.size()));
  return piece;
}

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' '; });
}

}  // namespace

void Properties::Iterator::advance() {
  while (!rest_.empty()) {
    const std::string_view piece = take_piece(rest_);
    const auto parting = piece.find(name_value_separator);
    if (parting == 0 || parting == std::string_view::npos || parting + 1 == piece.size()) continue;
    current_ = {piece.substr(0, parting), piece.substr(parting + 1)};
    return;
  }
  current_ = {};
  end_ = true;
}

std::optional<std::string_view> find_property(std::string_view text, std::string_view name) {
  std::optional<std::string_view> found;
  if (name.empty()) return found;
  while (!text.empty()) {
    const std::string_view piece = take_piece(text);
    if (piece.size() > name.size() + 1 && piece[name.size()] == name_value_separator &&
        piece.starts_with(name)) {
      found = piece.substr(name.size() + 1);
    }
  }
  return found;
}

void append_property(std::string& text, std::string_view name, std::string_view value) {
  if (!text.empty() && text.back() != property_separator) text.push_back(property_separator);
  text.reserve(text.size() + name.size() + value.size() + 2);
  text += name;
  text.push_back(name_value_separator);
  text += value;
  text.push_back(property_separator);
}

void set_property(std::string& text, std::string_view name, std::string_view value) {
  erase_property(text, name);
  append_property(text, name, value);
}

bool erase_property(std::string& text, std::string_view name) {
  if (!find_property(text, name)) return false;
  std::string kept;
  kept.reserve(text.size());
  std::string_view rest = text;
  while (!rest.empty()) {
    const char* start = rest.data();
    const std::string_view piece = take_piece(rest);
    const bool namesake = piece.size() > name.size() &&
                          piece[name.size()] == name_value_separator && piece.starts_with(name);
    if (!namesake) kept.append(start, static_cast<std::size_t>(rest.data() - start));
  }
  text = std::move(kept);
  return true;
}

bool is_property_text(std::string_view name_or_value) {
  static constexpr char separators[] = {name_value_separator, property_separator};
  return !name_or_value.empty() &&
         name_or_value.find_first_of(std::string_view(separators, 2)) == std::string_view::npos;
}

bool is_reserved_property(std::string_view name) {
  return std::binary_search(std::begin(reserved_names), std::end(reserved_names), name);
}

std::string check_user_property(std::string_view name, std::string_view value) {
  if (is_reserved_property(name)) {
    return "The Property<" + std::string(name) + "> is used by system, input another please";
  }
  if (is_blank(name) || is_blank(value)) {
    return "The name or value of property can not be null or blank string!";
  }
  return {};
}

}  // namespace gantry::protocol
