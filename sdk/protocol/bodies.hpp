// Typed bodies: each has to_json() and a static from_json(). Values that own their memory; any
// thread.
//
// Reading follows fastjson: unknown members are skipped, missing and null ones keep the default,
// numbers may be texts, enums may be names or ordinals. What cannot be read is an error that names
// the member and the value. Writing: members in alphabetical order, as Java writes them.
#pragma once

#include <string>
#include <string_view>

#include "protocol/body_clients.hpp"
#include "protocol/body_connections.hpp"
#include "protocol/body_groups.hpp"
#include "protocol/body_offsets.hpp"
#include "protocol/body_route.hpp"
#include "protocol/body_running.hpp"
#include "protocol/body_tables.hpp"
#include "protocol/body_topics.hpp"
#include "protocol/json.hpp"

namespace gantry::protocol {

namespace detail {
// Where body types meet Boost.JSON, so that includers of this header need not.
template <class Body>
struct BodyText {
  static Result<Body> read(std::string_view text, const JsonLimits& limits);
  static std::string write(const Body& body, JsonStyle style);
};
}  // namespace detail

// read_body<HeartbeatData>(text). Instantiated for the types of the headers above.
template <class Body>
Result<Body> read_body(std::string_view text, const JsonLimits& limits = {}) {
  return detail::BodyText<Body>::read(text, limits);
}

template <class Body>
std::string write_body(const Body& body, JsonStyle style = JsonStyle::standard) {
  return detail::BodyText<Body>::write(body, style);
}

}  // namespace gantry::protocol
