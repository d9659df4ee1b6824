// Fields: what handlers take out of a request. What isn't there, or isn't so, is refused by name:
// all but field() throw sdk::Refusal with the wire code. Any thread.
#pragma once

#include <gantry/host/requests.h>

#include <optional>
#include <string>
#include <string_view>

namespace gantry::nameserver {

[[noreturn]] void refuse(std::string text);

std::optional<std::string> field(const gantry_request& request, std::string_view key);
std::string required(const gantry_request& request, std::string_view key);  // and not empty
std::string joined_body(const gantry_request& request, size_t bytes_max);

}  // namespace gantry::nameserver
