#include "mini_answer.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "base/endian.hpp"
#include "commitlog/record.hpp"
#include "wire/encode.hpp"

namespace gantry::bench {
namespace {

constexpr uint64_t page_bytes = 4096;

[[noreturn]] void give_up(const std::string& what) {
  throw std::system_error(errno, std::system_category(), what);
}

uint8_t* put_text(uint8_t* to, std::string_view text) {
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

// The UNIQ_KEY among the properties, which the answer repeats.
std::string_view unique_key(std::string_view properties) {
  constexpr std::string_view name = "UNIQ_KEY\1";
  const size_t found = properties.find(name);
  if (found == properties.npos) return {};
  const std::string_view rest = properties.substr(found + name.size());
  return rest.substr(0, rest.find('\2'));
}

void put_hex(char* to, uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) *to++ = "0123456789ABCDEF"[(value >> shift) & 15];
}

}  // namespace

MiniAnswer::MiniAnswer(const std::string& folder, uint64_t log_bytes) : log_bytes_(log_bytes) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file < 0) give_up(folder);
  const auto size = static_cast<off_t>(log_bytes);
  if (const int error = ::posix_fallocate(file, 0, size); error != 0) {
    ::close(file);
    throw std::system_error(error, std::system_category(), folder);
  }
  void* const map = ::mmap(nullptr, log_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (map == MAP_FAILED) give_up(folder);
  log_ = static_cast<uint8_t*>(map);
  for (uint64_t at = 0; at < log_bytes; at += page_bytes) {
    *static_cast<volatile uint8_t*>(log_ + at) = 0;
  }
}

MiniAnswer::~MiniAnswer() {
  ::munmap(log_, log_bytes_);
}

ErrorCode MiniAnswer::respond(const wire::Frame& request, wire::ByteSink& out) {
  wire::Header header;
  if (const ErrorCode error = wire::decode_header(request, scratch_, header)) return error;
  const auto topic = wire::find(header.fields, "b");
  const auto queue_id = wire::find(header.fields, "e");
  const auto properties = wire::find(header.fields, "i");
  if (!topic || !queue_id || !properties) return wire::Errc::ext_fields_invalid;
  const uint64_t bytes = topic->size + properties->size + request.body.size();
  if (bytes + page_bytes > log_bytes_) return wire::Errc::frame_oversized;

  std::array<char, 32> id;
  std::memcpy(id.data(), "7F00000100002A9F", 16);
  put_hex(id.data() + 16, append(*topic, *properties, request.body));
  std::array<char, 20> number;
  const char* const end = std::to_chars(number.begin(), number.end(), count_++).ptr;
  const std::array<Field, 6> fields = {{
      {Text("msgId"), Text(id.data(), id.size())},
      {Text("queueId"), *queue_id},
      {Text("queueOffset"), Text(number.data(), static_cast<uint64_t>(end - number.data()))},
      {Text("transactionId"), Text(unique_key(*properties))},
      {Text("MSG_REGION"), Text("DefaultRegion")},
      {Text("TRACE_ON"), Text("true")},
  }};
  wire::Header answer;
  answer.version = header.version;
  answer.opaque = header.opaque;
  answer.flag = wire::flag_response;
  answer.fields = fields;
  answer.has_fields = true;
  return wire::encode_head(request.serialize, answer, 0, out);
}

// A record's fixed part, then body, topic and properties, as in the commit log. Where it lies.
uint64_t MiniAnswer::append(std::string_view topic, std::string_view properties, Bytes body) {
  const uint64_t size =
      commitlog::record_bytes_min + body.size() + topic.size() + properties.size();
  if (log_bytes_ - end_ < size) end_ = 0;
  const uint64_t place = end_;
  uint8_t* to = log_ + place;
  store_be(to, static_cast<uint32_t>(size));
  store_be(to + 4, commitlog::record_magic_v1);
  store_be(to + 8, commitlog::body_crc(body));
  store_be(to + 20, count_);
  store_be(to + 28, place);
  store_be(to + 84, static_cast<uint32_t>(body.size()));
  to = put_text(to + 88, {reinterpret_cast<const char*>(body.data()), body.size()});
  *to++ = static_cast<uint8_t>(topic.size());
  to = put_text(to, topic);
  store_be(to, static_cast<uint16_t>(properties.size()));
  put_text(to + 2, properties);
  end_ += size;
  return place;
}

}  // namespace gantry::bench
