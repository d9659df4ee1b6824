// Reply: one answer being made: code, remark, a few fields, perhaps body slices. Lives on the stack
// of whoever answers; the texts it borrows must live until it is sent. Any thread.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "services.hpp"

namespace gantry::messaging {

// A number as decimal text, without an allocation.
class NumberText {
 public:
  explicit NumberText(int64_t value)
      : size_(static_cast<size_t>(
            std::to_chars(digits_.data(), digits_.data() + digits_.size(), value).ptr -
            digits_.data())) {}
  std::string_view view() const { return {digits_.data(), size_}; }

 private:
  std::array<char, 20> digits_;
  size_t size_;
};

class Reply {
 public:
  explicit Reply(int32_t code, std::string_view remark = {});

  Reply& field(std::string_view key, std::string_view value);
  Reply& code(int32_t code);
  Reply& remark(std::string_view remark);
  // Their buffers go to the host with send(), whatever becomes of it.
  Reply& body(std::span<const gantry_slice> slices);

  // A request that is gone by now is nothing to worry about: always OK.
  gantry_status send(const Services& services, gantry_token token);
  // As it goes to the host: valid while this reply and what it borrows are.
  const gantry_response& response() {
    response_.fields = fields_.data();
    return response_;
  }

 private:
  static constexpr size_t fields_max = 12;
  std::array<gantry_property, fields_max> fields_;
  gantry_response response_{};
};

// An answer with code and remark only.
gantry_status refuse(const Services& services, gantry_token token, int32_t code,
                     std::string_view remark);

// A copy of text in a buffer of the host, as a body; a null buffer when memory is short.
gantry_slice body_slice(const Services& services, std::string_view text);

// Code 0 with text as body, or 2 when memory is short.
gantry_status answer_body(const Services& services, gantry_token token, std::string_view text,
                          std::initializer_list<gantry_property> fields = {});

}  // namespace gantry::messaging
