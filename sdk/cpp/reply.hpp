// Reply: how a handler answers with fields, a body, or a refusal, by token. Holds the host's tables
// (requests and buffers must be among the module's needs); copied freely, any thread.
#pragma once

#include <gantry/host/buffers.h>
#include <gantry/host/requests.h>

#include <cstring>
#include <span>
#include <string_view>

#include "cpp/host.hpp"

namespace gantry::sdk {

class Reply {
 public:
  explicit Reply(const Host& host)
      : host_(host.raw()),
        requests_(host.service<gantry_requests>(GANTRY_HOST_REQUESTS)),
        buffers_(host.service<gantry_buffers>(GANTRY_HOST_BUFFERS)) {}

  // Code 0. Always OK: a client that hung up is nobody's fault.
  gantry_status body(gantry_token token, std::string_view bytes) const {
    return fields(token, {}, bytes);
  }
  gantry_status fields(gantry_token token, std::span<const gantry_property> fields,
                       std::string_view body = {}) const {
    gantry_response response{};
    response.fields = fields.data();
    response.field_count = static_cast<uint32_t>(fields.size());
    return send(token, response, body);
  }
  gantry_status empty(gantry_token token) const { return body(token, {}); }
  gantry_status error(gantry_token token, int32_t code, std::string_view remark) const {
    gantry_response response{};
    response.code = code;
    response.remark = str(remark);
    return send(token, response, {});
  }

 private:
  gantry_status send(gantry_token token, gantry_response& response, std::string_view body) const {
    constexpr int32_t system_busy = 2;  // of RocketMQ's response codes
    gantry_slice slice{};
    uint8_t* bytes = nullptr;
    if (!body.empty()) {
      if (buffers_.reserve(host_, body.size(), &slice, &bytes) != GANTRY_OK) {
        throw Refusal(GANTRY_BUSY, "no memory for the answer", system_busy);
      }
      std::memcpy(bytes, body.data(), body.size());
    }
    response.struct_size = sizeof response;
    response.body = &slice;
    response.body_count = body.empty() ? 0 : 1;
    requests_.respond(host_, token, &response);  // GONE: whoever asked hung up, nothing to do
    return GANTRY_OK;
  }

  const gantry_host* host_;
  const gantry_requests& requests_;
  const gantry_buffers& buffers_;
};

}  // namespace gantry::sdk
