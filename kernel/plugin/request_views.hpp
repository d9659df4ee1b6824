// Requests and responses on their way between the kernel and a plugin, both directions.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "dispatch/kept_request.hpp"
#include "dispatch/request.hpp"
#include "plugin/outstanding.hpp"
#include "plugin/views.hpp"
#include "wire/header.hpp"

namespace gantry::plugin {

// A kernel request as a plugin sees it; valid as long as both.
class LentRequest {
 public:
  explicit LentRequest(const dispatch::Request& request);
  LentRequest(const LentRequest&) = delete;
  LentRequest& operator=(const LentRequest&) = delete;
  const gantry_request* get() const { return &request_; }

 private:
  gantry_slice body_;
  gantry_request request_;
};

// The same for a kept request: made once, lives with it.
const gantry_request* view_of(dispatch::KeptRequest& kept);

// A plugin's response for the kernel, which takes over the references of its body.
class ResponseView {
 public:
  explicit ResponseView(const gantry_response& response);
  const dispatch::Response& get() const { return response_; }

 private:
  std::array<Slice, 8> few_;
  std::vector<Slice> many_;
  dispatch::Response response_;
};

// A kernel response lent to a plugin's completion; the body's references stay with the kernel.
class LentResponse {
 public:
  explicit LentResponse(const dispatch::Response& response);
  const gantry_response* get() const { return &response_; }

 private:
  std::vector<gantry_slice> body_;
  gantry_response response_;
};

// A plugin's request for the kernel, as one body; borrows from it. The plugin keeps its references:
// whoever needs the body longer copies or shares it.
class BorrowedRequest {
 public:
  explicit BorrowedRequest(const gantry_request& request);
  const dispatch::Request& get() const { return request_; }

 private:
  BufferRef joined_;
  dispatch::Request request_;
};

// The header of a plugin's request on its way out of the node; borrows from it.
wire::Header header_of(const gantry_request& request);

// [any] Ends the promise on its own shard (or a worker) with a copy of the response, at once if this
// is it. `text` goes to the call's error, when the status is one.
void complete_on(Pending* pending, gantry_status status, const dispatch::Response* response,
                 std::string_view text = {});

}  // namespace gantry::plugin
