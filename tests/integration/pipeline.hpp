// Pipeline: a client that sends requests without waiting for the answers before. What it sends is
// served in order: once a later request is answered, an earlier one without an answer is held by
// the node. Owned and used by one thread; every wait ends after receive_timeout.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "client/connection.hpp"

namespace gantry::integration {

inline constexpr std::chrono::seconds receive_timeout{10};

class Pipeline {
 public:
  // Throws what keeps it from connecting.
  explicit Pipeline(const std::string& address);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // The number of the request.
  int32_t send(int32_t code, const client::Fields& fields, const std::string& body = {});

  struct Answer {
    int32_t request = 0;
    int32_t code = 0;
    client::Fields fields;
    std::string body;
  };
  Outcome<Answer> receive();

 private:
  int descriptor_ = -1;
  int32_t opaque_ = 0;
  std::vector<uint8_t> received_;
};

}  // namespace gantry::integration
