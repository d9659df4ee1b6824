// JSON as RocketMQ's peers write it (fastjson's dialect): a tolerant reader, a writer of its forms.
// Pure functions; any thread. Values are Boost.JSON's and own their memory.
//
// Read: standard JSON, and
//   {0:"x"}               a number as key becomes the string key "0"
//   {{"queueId":0,..}:5}  an object as key becomes a string key holding its canonical text
//                         (read_json_key gives the object back)
//   {"$ref":"$.a.b[0]"}   becomes a copy of the value at that path, which must come before it;
//                         "$", ".." and "@" name a value that contains the reference: an error here
// One document; blanks around it are skipped. Of equal keys the last wins. Strings must be UTF-8.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace gantry::protocol {

struct JsonLimits {
  std::size_t bytes_max = 16u << 20;
  std::size_t depth_max = 64;
  std::size_t copied_bytes_max = 16u << 20;  // made by references, all together
};

// Errors read "byte 17: expected ':' after a key".
Result<boost::json::value> read_json(std::string_view text, const JsonLimits& limits = {});

// The object a key like {"brokerName":"b","queueId":0,"topic":"t"} stands for.
Result<boost::json::value> read_json_key(std::string_view key);

enum class JsonStyle {
  standard,          // every key is quoted
  standard_escaped,  // also writes non-ASCII as \uXXXX and "/" as "\/" (routes, remoting: 105)
  legacy,            // keys of raw_key_maps that are whole numbers or objects are not quoted
};

// The members whose maps Java keys by numbers or by MessageQueue. Applies at any depth below them.
extern const std::span<const std::string_view> raw_key_maps;

// Compact; members in the order they have; a double always has a fraction, as Java writes it.
std::string write_json(const boost::json::value& value, JsonStyle style = JsonStyle::standard);
void append_json(std::string& out, const boost::json::value& value,
                 JsonStyle style = JsonStyle::standard);

// Compact with the members in alphabetical order: equal values give equal texts.
std::string canonical_json(const boost::json::value& value);

}  // namespace gantry::protocol
