// Frame: a request's bytes and the gantry_request that borrows from them. Answers likewise. A frame
// that goes away frees its memory, so a sanitizer sees a module that kept a pointer.
#pragma once

#include <gantry/host/requests.h>

#include <vector>

#include "cpp/fake/loop.hpp"
#include "cpp/fake/values.hpp"

namespace gantry::sdk::fake {

class Frame {
 public:
  // A body becomes one counted buffer, as if read from a socket.
  Frame(const Request& request, uint32_t flags, Buffers& buffers);
  // A copy that shares the body's buffers; slices without one are copied.
  Frame(const gantry_request& request, gantry_session session, uint32_t flags, Buffers& buffers);
  // What keep() makes of it: small bodies are copied (no buffer), large ones pinned.
  Frame(const Frame& other, Buffers& buffers);
  Frame& operator=(const Frame&) = delete;
  ~Frame();

  const gantry_request& view() const { return view_; }
  bool one_way() const { return (view_.flags & GANTRY_REQUEST_ONE_WAY) != 0; }

 private:
  void point(uint32_t flags);

  Buffers& buffers_;
  Request request_;
  std::vector<gantry_property> fields_;
  std::vector<gantry_slice> body_;
  gantry_request view_{};
};

// Copies. Body bytes are joined.
Request request_of(const gantry_request& request);
Answer answer_of(const gantry_response& response);

// The response that borrows from an answer.
class ResponseView {
 public:
  explicit ResponseView(const Answer& answer);
  ResponseView(const ResponseView&) = delete;
  ResponseView& operator=(const ResponseView&) = delete;
  const gantry_response* get() const { return &view_; }

 private:
  std::vector<gantry_property> fields_;
  gantry_slice body_{};
  gantry_response view_{};
};

}  // namespace gantry::sdk::fake
