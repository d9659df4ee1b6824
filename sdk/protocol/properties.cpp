#include "protocol/properties.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

constexpr std::size_t block_bytes = 16;

// A bit for each of the `size` bytes at `from` that is a separator. As many bytes lie before them
// when `behind_others`.
std::uint32_t separators_in(const char* from, std::size_t size, [[maybe_unused]] bool behind_others) {
#if defined(__SSE2__)
  if (size == block_bytes || behind_others) {
    const std::size_t skipped = block_bytes - size;
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from - skipped));
    const __m128i names = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(name_value_separator));
    const __m128i ends = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(property_separator));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_or_si128(names, ends))) >> skipped;
  }
#endif
  std::uint32_t marks = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const bool separator = from[i] == name_value_separator || from[i] == property_separator;
    marks |= static_cast<std::uint32_t>(separator) << i;
  }
  return marks;
}

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' '; });
}

}  // namespace

// Properties are short: looking at a block of bytes for both separators costs less than a call to
// find each.
const char* Properties::Iterator::next_separator() {
  while (marks_ == 0) {
    if (next_block_ == text_end_) return text_end_;
    const auto size = std::min(static_cast<std::size_t>(text_end_ - next_block_), block_bytes);
    marks_ = separators_in(next_block_, size, block_ != nullptr);
    block_ = next_block_;
    next_block_ += size;
  }
  const char* const found = block_ + std::countr_zero(marks_);
  marks_ &= marks_ - 1;
  return found;
}

void Properties::Iterator::advance() {
  while (at_ != text_end_) {
    const char* const piece = at_;
    const char* parting = nullptr;  // the first 0x01
    const char* stop = next_separator();
    for (; stop != text_end_ && *stop == name_value_separator; stop = next_separator()) {
      if (!parting) parting = stop;
    }
    at_ = stop == text_end_ ? stop : stop + 1;
    if (!parting || parting == piece || parting + 1 == stop) continue;
    current_ = {{piece, static_cast<std::size_t>(parting - piece)},
                {parting + 1, static_cast<std::size_t>(stop - parting - 1)}};
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
