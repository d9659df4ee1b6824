// Reply: how the module answers. Holds the host's tables; copied freely, any thread.
#pragma once

#include <span>
#include <string_view>

#include "cpp/host.hpp"

namespace gantry::nameserver {

class Reply {
 public:
  explicit Reply(const sdk::Host& host);

  // Code 0. Always OK: a client that hung up is nobody's fault.
  gantry_status body(gantry_token token, std::string_view bytes) const;
  gantry_status fields(gantry_token token, std::span<const gantry_property> fields,
                       std::string_view body = {}) const;
  gantry_status empty(gantry_token token) const { return body(token, {}); }
  gantry_status error(gantry_token token, int32_t code, std::string_view remark) const;

 private:
  gantry_status send(gantry_token token, gantry_response& response, std::string_view body) const;

  const gantry_host* host_;
  const gantry_requests& requests_;
  const gantry_buffers& buffers_;
};

}  // namespace gantry::nameserver
