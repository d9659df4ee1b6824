// FixedAnswer: 256 bytes to every request, of which only the opaque differs. The yardstick "echo".
#pragma once

#include <array>

#include "echo_server.hpp"

namespace gantry::bench {

inline constexpr size_t fixed_answer_bytes = 256;

class FixedAnswer final : public Responder {
 public:
  FixedAnswer();
  ErrorCode respond(const wire::Frame& request, wire::ByteSink& out) override;

 private:
  std::array<uint8_t, fixed_answer_bytes> bytes_;
};

}  // namespace gantry::bench
