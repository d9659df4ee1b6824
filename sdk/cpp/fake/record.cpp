#include "cpp/fake/record.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "cpp/values.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr int32_t magic_v1 = static_cast<int32_t>(0xDAA320A7);
constexpr int32_t magic_v2 = static_cast<int32_t>(0xDAA320AB);
constexpr int32_t born_host_ipv6 = 0x10;
constexpr int32_t store_host_ipv6 = 0x20;
constexpr size_t v1_topic_bytes_max = 127;  // its length byte is read as signed
constexpr char name_end = '\x01';
constexpr char value_end = '\x02';

constexpr std::array<uint32_t, 256> crc_table = [] {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0xEDB88320u : 0);
    table[i] = value;
  }
  return table;
}();

class Writer {
 public:
  explicit Writer(std::vector<uint8_t>& out) : out_(out) {}
  void number(uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
      out_.push_back(static_cast<uint8_t>(value >> shift));
  }
  void i16(int64_t value) { number(static_cast<uint64_t>(value), 2); }
  void i32(int64_t value) { number(static_cast<uint64_t>(value), 4); }
  void i64(int64_t value) { number(static_cast<uint64_t>(value), 8); }
  void raw(const void* data, size_t size) {
    const auto* from = static_cast<const uint8_t*>(data);
    out_.insert(out_.end(), from, from + size);
  }

 private:
  std::vector<uint8_t>& out_;
};

// Reads with bounds: past the end everything is 0 and ok() is false.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  int64_t number(int size) {
    const auto from = raw(size < 0 ? 0 : static_cast<uint64_t>(size));
    uint64_t value = 0;
    for (const uint8_t byte : from) value = value << 8 | byte;
    return static_cast<int64_t>(value);
  }
  int32_t i32() { return static_cast<int32_t>(number(4)); }
  int64_t i64() { return number(8); }
  std::span<const uint8_t> raw(uint64_t size) {
    if (size > bytes_.size() - at_) ok_ = false;
    if (!ok_) return {};
    at_ += size;
    return bytes_.subspan(at_ - size, size);
  }
  size_t at() const { return at_; }
  bool ok() const { return ok_; }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

gantry_str text(std::span<const uint8_t> bytes) {
  return str(view(sdk::bytes(bytes)));
}

// The next code point of UTF-8; a stray byte stands for itself.
uint32_t code_point(std::string_view utf8, size_t& at) {
  const auto first = static_cast<uint8_t>(utf8[at++]);
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  uint32_t point = more == 0 ? first : first & (0x3Fu >> more);
  for (int i = 0; i < more && at < utf8.size(); ++i)
    point = point << 6 | (static_cast<uint8_t>(utf8[at++]) & 0x3Fu);
  return point;
}

std::string wrong(const char* field, uint64_t value, uint64_t most) {
  return std::string(field) + ": " + std::to_string(value) + " bytes, at most " +
         std::to_string(most);
}

}  // namespace

uint32_t crc32(std::span<const uint8_t> bytes) {
  uint32_t value = 0xFFFFFFFFu;
  for (const uint8_t byte : bytes) value = (value >> 8) ^ crc_table[(value ^ byte) & 0xFF];
  return ~value;
}

int64_t tag_code(std::string_view tag) {
  uint32_t hash = 0;
  for (size_t at = 0; at < tag.size();) {
    const uint32_t point = code_point(tag, at);
    if (point < 0x10000) {
      hash = hash * 31 + point;
    } else {
      hash = hash * 31 + (0xD800 + ((point - 0x10000) >> 10));
      hash = hash * 31 + (0xDC00 + ((point - 0x10000) & 0x3FF));
    }
  }
  return static_cast<int32_t>(hash);
}

std::optional<std::string_view> find_property(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find(value_end));
    const size_t split = pair.find(name_end);
    if (split != pair.npos && pair.substr(0, split) == name) return pair.substr(split + 1);
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
  }
  return std::nullopt;
}

void add_property(std::string& text, std::string_view name, std::string_view value) {
  if (!text.empty() && text.back() != value_end) text += value_end;
  text.append(name).append(1, name_end).append(value).append(1, value_end);
}

std::string host_bytes(std::string_view address) {
  std::vector<uint8_t> out;
  std::string_view rest = address;
  for (const char end : {'.', '.', '.', ':', '\0'}) {
    uint32_t number = 0;
    const auto [at, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    const auto used = static_cast<size_t>(at - rest.data());
    const bool ended = end ? used < rest.size() && rest[used] == end : used == rest.size();
    if (error != std::errc() || !ended || number > (end ? 255u : 65535u))
      throw std::invalid_argument("address " + std::string(address) + " is not a.b.c.d:port");
    Writer(out).number(number, end ? 1 : 4);
    rest.remove_prefix(std::min(rest.size(), used + 1));
  }
  return {out.begin(), out.end()};
}

std::optional<std::string> refuse(const gantry_message& message, uint64_t told_bytes) {
  if (message.topic.size == 0) return "topic: empty";
  if (message.topic.size > topic_bytes_max)
    return wrong("topic", message.topic.size, topic_bytes_max);
  if (message.body.size > body_bytes_max) return wrong("body", message.body.size, body_bytes_max);
  if (message.property_text.size + told_bytes > property_bytes_max)
    return wrong("properties", message.property_text.size + told_bytes, property_bytes_max);
  if (message.queue_id < 0) return "queue_id: " + std::to_string(message.queue_id) + ", at least 0";
  for (const gantry_bytes host : {message.born_host, message.store_host})
    if (host.size != 8 && host.size != 20)
      return "born_host or store_host: " + std::to_string(host.size) + " bytes, must be 8 or 20";
  return std::nullopt;
}

std::vector<uint8_t> encode(const gantry_message& message) {
  const bool v2 = message.topic.size > v1_topic_bytes_max;
  int32_t sys_flag = message.sys_flag & ~(born_host_ipv6 | store_host_ipv6);
  if (message.born_host.size == 20) sys_flag |= born_host_ipv6;
  if (message.store_host.size == 20) sys_flag |= store_host_ipv6;
  std::vector<uint8_t> out;
  Writer to(out);
  to.i32(0);  // the size, once it is known
  to.i32(v2 ? magic_v2 : magic_v1);
  to.i32(crc32(span(message.body)) & 0x7FFFFFFF);
  to.i32(message.queue_id);
  to.i32(message.app_flag);
  to.i64(message.queue_offset);
  to.i64(message.log_offset);
  to.i32(sys_flag);
  to.i64(message.born_ms);
  to.raw(message.born_host.data, message.born_host.size);
  to.i64(message.stored_ms);
  to.raw(message.store_host.data, message.store_host.size);
  to.i32(message.reconsume_times);
  to.i64(message.prepared_offset);
  to.i32(static_cast<int64_t>(message.body.size));
  to.raw(message.body.data, message.body.size);
  to.number(message.topic.size, v2 ? 2 : 1);
  to.raw(message.topic.data, message.topic.size);
  to.i16(static_cast<int64_t>(message.property_text.size));
  to.raw(message.property_text.data, message.property_text.size);
  std::vector<uint8_t> size;
  Writer(size).i32(static_cast<int64_t>(out.size()));
  std::memcpy(out.data(), size.data(), size.size());
  return out;
}

std::optional<gantry_message> decode(std::span<const uint8_t> bytes, bool check_body) {
  Reader from(bytes);
  gantry_message out{};
  out.struct_size = sizeof out;
  out.record_size = static_cast<uint32_t>(from.i32());
  if (out.record_size > bytes.size()) return std::nullopt;
  const int32_t magic = from.i32();
  if (magic != magic_v1 && magic != magic_v2) return std::nullopt;
  const auto body_crc = static_cast<uint32_t>(from.i32());
  out.queue_id = from.i32();
  out.app_flag = from.i32();
  out.queue_offset = from.i64();
  out.log_offset = from.i64();
  out.sys_flag = from.i32();
  out.born_ms = from.i64();
  out.born_host = sdk::bytes(from.raw(out.sys_flag & born_host_ipv6 ? 20 : 8));
  out.stored_ms = from.i64();
  out.store_host = sdk::bytes(from.raw(out.sys_flag & store_host_ipv6 ? 20 : 8));
  out.reconsume_times = from.i32();
  out.prepared_offset = from.i64();
  out.body = sdk::bytes(from.raw(static_cast<uint32_t>(from.i32())));
  out.topic = text(from.raw(static_cast<uint64_t>(from.number(magic == magic_v2 ? 2 : 1))));
  out.property_text = text(from.raw(static_cast<uint64_t>(from.number(2))));
  if (!from.ok() || from.at() != out.record_size || out.topic.size == 0) return std::nullopt;
  if (check_body && (crc32(span(out.body)) & 0x7FFFFFFF) != body_crc) return std::nullopt;
  out.tag_code = tag_code(find_property(view(out.property_text), "TAGS").value_or(""));
  out.record = sdk::bytes(bytes.first(out.record_size));
  return out;
}

}  // namespace gantry::sdk::fake
