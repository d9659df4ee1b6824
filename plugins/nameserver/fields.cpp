#include "fields.hpp"

#include <utility>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"
#include "protocol/codes.hpp"

namespace gantry::nameserver {

void refuse(std::string text) {
  throw sdk::Refusal(GANTRY_INVALID, std::move(text), protocol::response_code::system_error);
}

std::optional<std::string> field(const gantry_request& request, std::string_view key) {
  for (uint32_t i = 0; i < request.field_count; ++i)
    if (sdk::view(request.fields[i].key) == key)
      return std::string(sdk::view(request.fields[i].value));
  return std::nullopt;
}

std::string required(const gantry_request& request, std::string_view key) {
  auto value = field(request, key);
  if (!value || value->empty()) refuse("the field " + std::string(key) + " is missing");
  return std::move(*value);
}

std::string joined_body(const gantry_request& request, size_t bytes_max) {
  std::string out;
  for (uint32_t i = 0; i < request.body_count; ++i) {
    const gantry_slice& slice = request.body[i];
    if (slice.size > bytes_max - out.size())
      refuse("the body has more than " + std::to_string(bytes_max) + " bytes");
    out.append(reinterpret_cast<const char*>(slice.data), slice.size);
  }
  return out;
}

}  // namespace gantry::nameserver
