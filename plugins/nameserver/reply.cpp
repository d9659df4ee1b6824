#include "reply.hpp"

#include <cstring>

#include "protocol/codes.hpp"

namespace gantry::nameserver {

namespace response_code = protocol::response_code;

Reply::Reply(const sdk::Host& host)
    : host_(host.raw()),
      requests_(host.service<gantry_requests>(GANTRY_HOST_REQUESTS)),
      buffers_(host.service<gantry_buffers>(GANTRY_HOST_BUFFERS)) {}

gantry_status Reply::body(gantry_token token, std::string_view bytes) const {
  return fields(token, {}, bytes);
}

gantry_status Reply::fields(gantry_token token, std::span<const gantry_property> fields,
                            std::string_view body) const {
  gantry_response response{};
  response.fields = fields.data();
  response.field_count = static_cast<uint32_t>(fields.size());
  return send(token, response, body);
}

gantry_status Reply::error(gantry_token token, int32_t code, std::string_view remark) const {
  gantry_response response{};
  response.code = code;
  response.remark = sdk::str(remark);
  return send(token, response, {});
}

gantry_status Reply::send(gantry_token token, gantry_response& response,
                          std::string_view body) const {
  gantry_slice slice{};
  uint8_t* bytes = nullptr;
  if (!body.empty()) {
    if (buffers_.reserve(host_, body.size(), &slice, &bytes) != GANTRY_OK)
      throw sdk::Refusal(GANTRY_BUSY, "no memory for the answer", response_code::system_busy);
    std::memcpy(bytes, body.data(), body.size());
  }
  response.struct_size = sizeof response;
  response.body = &slice;
  response.body_count = body.empty() ? 0 : 1;
  requests_.respond(host_, token, &response);  // GONE: whoever asked hung up, nothing to do
  return GANTRY_OK;
}

}  // namespace gantry::nameserver
