// Every typed body of the library by its name, with what is promised of it. Constant; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <span>
#include <string_view>

namespace gantry::protocol::fuzz {

enum class BodyRead { refused, defaults, members };  // members: at least one was taken over

struct BodyKind {
  std::string_view name;
  // Reads it; what was read is written and read again, equal. Aborts when that does not hold.
  BodyRead (*check)(const boost::json::value& json);
};

std::span<const BodyKind> body_kinds();

}  // namespace gantry::protocol::fuzz
