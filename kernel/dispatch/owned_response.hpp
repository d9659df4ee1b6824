// OwnedResponse: an answer on its way to another thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dispatch/requests.hpp"

namespace gantry::dispatch {

struct OwnedResponse {
  OwnedResponse(Token to, const Response& response)
      : token(to), code(response.code), has_remark(response.remark.data != nullptr),
        remark(response.remark.view()) {
    for (const Field& field : response.fields) texts.emplace_back(field.key, field.value);
    for (Slice& slice : response.body) body.push_back(std::move(slice));
  }

  // Calls use(const Response&); the slices move along.
  template <class F>
  void view(F&& use) {
    std::vector<Field> fields;
    for (const auto& [key, value] : texts) fields.push_back({std::string_view(key), std::string_view(value)});
    use(Response{code, has_remark ? Text(remark) : Text(), fields, body});
  }

  struct After {
    AfterOptions options;
    std::vector<int32_t> late_codes;
  };

  Token token;
  int32_t code;
  bool has_remark;
  std::string remark;
  std::vector<std::pair<std::string, std::string>> texts;
  std::vector<Slice> body;
  std::optional<After> after;
};

}  // namespace gantry::dispatch
