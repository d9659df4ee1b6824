// The barrier: nothing thrown crosses the ABI. Refusal is how a module says no with a code and a
// sentence; anything else that is thrown becomes GANTRY_FAULT with its what().
#pragma once

#include <gantry/call.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::sdk {

class Refusal : public std::exception {
 public:
  // wire_code: the RocketMQ response code a handler's caller answers with; 0 for none.
  Refusal(gantry_status status, std::string text, int32_t wire_code = 0)
      : status_(status), wire_code_(wire_code), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }
  gantry_status status() const noexcept { return status_; }
  int32_t wire_code() const noexcept { return wire_code_; }

 private:
  gantry_status status_;
  int32_t wire_code_;
  std::string text_;
};

// Writes into a caller-owned error record, as far as the caller knows its members. Returns code.
inline gantry_status set_error(gantry_error* error, gantry_status code, std::string_view text,
                               int32_t wire_code = 0) noexcept {
  if (!error || !GANTRY_HAS(error, gantry_error, text)) return code;
  error->code = code;
  error->wire_code = wire_code;
  const size_t size = std::min(text.size(), sizeof error->text - 1);
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
  return code;
}

template <class F>
gantry_status barrier(gantry_error* error, F&& body) noexcept {
  try {
    return std::forward<F>(body)();
  } catch (const Refusal& refusal) {
    return set_error(error, refusal.status(), refusal.what(), refusal.wire_code());
  } catch (const std::exception& thrown) {
    return set_error(error, GANTRY_FAULT, thrown.what());
  } catch (...) {
    return set_error(error, GANTRY_FAULT, "an exception of unknown type");
  }
}

}  // namespace gantry::sdk
