// MiniAnswer: the least a broker has to do for a send: scan the header, CRC the body, copy a record
// into a mapped file whose pages are in memory, answer in JSON. The yardstick "mini". The file is
// `log_bytes` long, has no name, and is begun anew at its end.
#pragma once

#include <string>

#include "base/result.hpp"
#include "echo_server.hpp"
#include "wire/decode.hpp"

namespace gantry::bench {

class MiniAnswer final : public Responder {
 public:
  // Makes the file in `folder` and brings its pages into memory. Throws std::system_error.
  MiniAnswer(const std::string& folder, uint64_t log_bytes);
  ~MiniAnswer() override;
  ErrorCode respond(const wire::Frame& request, wire::ByteSink& out) override;

 private:
  uint64_t append(std::string_view topic, std::string_view properties, Bytes body);

  uint8_t* log_ = nullptr;
  uint64_t log_bytes_;
  uint64_t end_ = 0;
  uint64_t count_ = 0;
  wire::HeaderScratch scratch_;
};

}  // namespace gantry::bench
