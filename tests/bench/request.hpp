// RequestShape: the bytes of one request as a Java client sends it (code 310: SEND_MESSAGE_V2 with
// properties), and where its changing parts are, so that the next one is made by overwriting a few
// digits. Constant once made; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/header.hpp"

namespace gantry::bench {

inline constexpr int32_t opaque_min = 1'000'000'000;  // ten digits each
inline constexpr int32_t opaque_max = 2'147'483'647;

struct RequestOptions {
  int32_t code = 310;
  wire::Serialize serialize = wire::Serialize::json;
  std::string topic = "bench";
  int32_t queue_id = 0;
  uint32_t body_bytes = 1024;
  bool keys = true;  // a KEYS property beside the unique one
};

class RequestShape {
 public:
  explicit RequestShape(const RequestOptions& options);

  const std::vector<uint8_t>& bytes() const { return bytes_; }

  // Makes `frame`, a copy of bytes(), the request `opaque`; `number` goes into its keys.
  void stamp(uint8_t* frame, int32_t opaque, uint32_t number, std::string_view born_ms) const;

 private:
  void find_parts(bool keys);

  wire::Serialize serialize_;
  std::vector<uint8_t> bytes_;
  uint64_t opaque_at_ = 0;
  uint64_t born_at_ = 0;
  uint64_t unique_key_at_ = 0;
  uint64_t key_at_ = 0;  // 0: no such property
};

inline constexpr size_t born_ms_digits = 13;

}  // namespace gantry::bench
