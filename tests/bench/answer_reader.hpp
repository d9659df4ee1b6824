// AnswerReader: code and opaque of an answer. A server's answers look alike, so it looks first
// where it found them last time, and decodes the whole header only when they are not there. Owned
// by one run, on its thread.
#pragma once

#include <cstdint>

#include "wire/decode.hpp"
#include "wire/frame.hpp"

namespace gantry::bench {

struct Answer {
  int32_t code = 0;
  int32_t opaque = 0;
};

class AnswerReader {
 public:
  ErrorCode read(const wire::Frame& frame, Answer& out);
  // The remark of the answer read last, if it has one: for a complaint.
  std::string_view remark(const wire::Frame& frame);

 private:
  bool read_json(Bytes header, Answer& out) const;
  void learn(Bytes header);

  uint64_t code_at_ = 0;  // of the digits; 0: not known
  uint64_t opaque_at_ = 0;
  wire::HeaderScratch scratch_;
};

}  // namespace gantry::bench
