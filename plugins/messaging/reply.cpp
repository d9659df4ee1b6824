#include "reply.hpp"

#include <stdexcept>

#include "protocol/codes.hpp"

namespace gantry::messaging {

Reply::Reply(int32_t code, std::string_view remark) {
  response_.struct_size = sizeof response_;
  this->code(code).remark(remark);
}

Reply& Reply::field(std::string_view key, std::string_view value) {
  if (response_.field_count == fields_max) throw std::logic_error("an answer of too many fields");
  fields_[response_.field_count++] = {sdk::str(key), sdk::str(value)};
  return *this;
}

Reply& Reply::code(int32_t code) {
  response_.code = code;
  return *this;
}

Reply& Reply::remark(std::string_view remark) {
  response_.remark = sdk::str(remark);
  if (remark.empty()) response_.remark.data = nullptr;
  return *this;
}

Reply& Reply::body(std::span<const gantry_slice> slices) {
  response_.body = slices.data();
  response_.body_count = static_cast<uint32_t>(slices.size());
  return *this;
}

gantry_status Reply::send(const Services& services, gantry_token token) {
  static_cast<void>(services.requests.respond(services.host, token, &response()));
  return GANTRY_OK;
}

gantry_status refuse(const Services& services, gantry_token token, int32_t code,
                     std::string_view remark) {
  return Reply(code, remark).send(services, token);
}

gantry_slice body_slice(const Services& services, std::string_view text) {
  gantry_slice slice{};
  uint8_t* bytes = nullptr;
  if (services.buffers.reserve(services.host, text.size(), &slice, &bytes) != GANTRY_OK) return {};
  text.copy(reinterpret_cast<char*>(bytes), text.size());
  return slice;
}

gantry_status answer_body(const Services& services, gantry_token token, std::string_view text,
                          std::initializer_list<gantry_property> fields) {
  const gantry_slice slice = body_slice(services, text);
  if (!slice.buffer) {
    return refuse(services, token, protocol::response_code::system_busy,
                  protocol::remark::overload);
  }
  Reply reply(protocol::response_code::success);
  for (const gantry_property& field : fields) {
    reply.field(sdk::view(field.key), sdk::view(field.value));
  }
  return reply.body({&slice, 1}).send(services, token);
}

}  // namespace gantry::messaging
