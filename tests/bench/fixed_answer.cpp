#include "fixed_answer.hpp"

#include <cstring>
#include <string>
#include <string_view>

#include "base/endian.hpp"

namespace gantry::bench {
namespace {

constexpr std::string_view before = R"({"code":0,"flag":1,"language":"JAVA","opaque":)";
constexpr std::string_view behind =
    R"(,"version":513,"extFields":{"queueId":"1","MSG_REGION":"DefaultRegion","msgId":")";
constexpr std::string_view last = R"("}})";
constexpr size_t opaque_digits = 10;
constexpr size_t opaque_at = wire::prefix_bytes + before.size();
constexpr size_t compact_opaque_at = 5;  // behind code, language, version

// Where a number ends that starts at `at`.
size_t end_of_number(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == '-' || (text[at] >= '0' && text[at] <= '9'))) ++at;
  return at;
}

}  // namespace

FixedAnswer::FixedAnswer() {
  std::string text(before);
  text.append(opaque_digits, ' ').append(behind);
  text.append(bytes_.size() - wire::prefix_bytes - text.size() - last.size(), 'A').append(last);
  store_be(bytes_.data(), static_cast<uint32_t>(bytes_.size() - wire::length_bytes));
  store_be(bytes_.data() + wire::length_bytes, static_cast<uint32_t>(text.size()));
  std::memcpy(bytes_.data() + wire::prefix_bytes, text.data(), text.size());
}

ErrorCode FixedAnswer::respond(const wire::Frame& request, wire::ByteSink& out) {
  const std::string_view header(reinterpret_cast<const char*>(request.header.data()),
                                request.header.size());
  std::string digits;
  if (request.serialize == wire::Serialize::compact) {
    if (header.size() < compact_opaque_at + sizeof(int32_t)) return wire::Errc::compact_ends_early;
    digits = std::to_string(load_be<int32_t>(header.data() + compact_opaque_at));
  } else {
    constexpr std::string_view key = R"("opaque":)";  // near the end, as Java's writer has it
    const size_t found = header.rfind(key);
    if (found == header.npos) return wire::Errc::opaque_invalid;
    const size_t at = found + key.size();
    digits = header.substr(at, end_of_number(header, at) - at);
  }
  if (digits.empty() || digits.size() > opaque_digits) return wire::Errc::opaque_invalid;
  uint8_t* const to = out.reserve(bytes_.size());
  std::memcpy(to, bytes_.data(), bytes_.size());
  std::memcpy(to + opaque_at, digits.data(), digits.size());
  out.commit(bytes_.size());
  return {};
}

}  // namespace gantry::bench
