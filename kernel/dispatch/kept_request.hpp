// KeptRequest: a request held beyond the call it came in with. A frame under 16 KiB is copied into
// one right-sized block; of a larger one only the header is, and its buffer is pinned: ten thousand
// parked pulls must not pin ten thousand read buffers.
#pragma once

#include <memory>

#include "dispatch/request.hpp"

namespace gantry::dispatch {

class KeptRequest {
 public:
  explicit KeptRequest(const Request& request);
  const Request& request() const { return request_; }
  void mark_in_process() {
    request_.in_process = true;
    request_.session = SessionId();
  }

  // What another layer wants to live as long as this.
  std::shared_ptr<void> attachment;

 private:
  Request request_;
  std::unique_ptr<uint8_t[]> block_;  // fields, then every text, then the body unless pinned
  BufferRef pinned_;
};

}  // namespace gantry::dispatch
