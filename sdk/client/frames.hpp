// Frames of a client: a request or an answer as bytes, and received bytes cut into frames. Private to
// client; owned and used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "client/request.hpp"
#include "wire/byte_sink.hpp"
#include "wire/decode.hpp"

namespace gantry::client {

// Appends a whole frame.
ErrorCode append_request(const Request& request, int32_t opaque, bool oneway, wire::ByteSink& out);
ErrorCode append_answer(const Reply& reply, int32_t opaque, wire::ByteSink& out);

// FrameReader: received bytes, frame by frame.
class FrameReader {
 public:
  // Where the next bytes go; received() says how many came.
  std::vector<uint8_t>& room() { return chunk_; }
  void received(size_t bytes);

  struct Taken {
    wire::Header header;  // borrows from the reader until the next call
    Bytes body;
  };
  // The next whole frame; nothing while none is. A peer that sends no frames is an error, after
  // which nothing it sent means anything.
  Result<std::optional<Taken>> next();

 private:
  std::vector<uint8_t> chunk_ = std::vector<uint8_t>(64 * 1024);
  std::vector<uint8_t> bytes_;
  size_t taken_ = 0;  // of bytes_
  wire::HeaderScratch scratch_;
};

Reply reply_of(const FrameReader::Taken& frame);
Pushed pushed_of(const FrameReader::Taken& frame, const std::string& address);

}  // namespace gantry::client
