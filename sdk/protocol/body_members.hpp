// Members: how typed bodies read an object, fastjson's way. Used by the body_*.cpp files only.
// The first thing wrong sticks; a missing or null member leaves its target as it is.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace gantry::protocol {

inline std::string_view text_of(boost::json::string_view text) {
  return {text.data(), text.size()};
}

class Members {
 public:
  // `what` names the body in errors ("heartbeat").
  Members(const boost::json::value& json, std::string_view what);

  bool ok() const { return error_.text.empty(); }
  const Error& error() const { return error_; }
  // The named member unless it is missing or null.
  const boost::json::value* find(std::string_view name) const;

  void read(std::string_view name, bool& out);
  void read(std::string_view name, std::int32_t& out);
  void read(std::string_view name, std::int64_t& out);
  // Also as a text of its 64 bits without a sign: how the C++ client writes -1.
  void read_unsigned(std::string_view name, std::int64_t& out);
  void read(std::string_view name, std::string& out);
  void read(std::string_view name, std::vector<std::string>& out);
  void read(std::string_view name, std::vector<std::int32_t>& out);
  void read(std::string_view name, std::map<std::string, std::string>& out);
  void read(std::string_view name, std::map<std::string, std::vector<std::string>>& out);
  void read(std::string_view name, std::map<std::int64_t, std::string>& out);
  // The member as JSON text, whatever it is.
  void read_raw(std::string_view name, std::string& out);

  template <class Body>
  void read_body(std::string_view name, Body& out) {
    if (const auto* json = find(name)) take(name, Body::from_json(*json), out);
  }

  template <class Body>
  void read_list(std::string_view name, std::vector<Body>& out) {
    for (const auto& item : array(name)) {
      Body body;
      take(name, Body::from_json(item), body);
      if (!ok()) return;
      out.push_back(std::move(body));
    }
  }

  template <class Body>
  void read_map(std::string_view name, std::map<std::string, Body>& out) {
    for (const auto& member : object(name)) {
      if (member.value().is_null()) continue;
      take(name, Body::from_json(member.value()), out[std::string(text_of(member.key()))]);
      if (!ok()) return;
    }
  }

  // An enum by its name or its ordinal in `names`.
  template <class Enum>
  void read_enum(std::string_view name, std::span<const std::string_view> names, Enum& out) {
    out = static_cast<Enum>(enum_index(name, names, static_cast<int>(out)));
  }

 private:
  const boost::json::array& array(std::string_view name);
  const boost::json::object& object(std::string_view name);
  int enum_index(std::string_view name, std::span<const std::string_view> names, int absent);
  void wrong(std::string_view name, const boost::json::value& json, std::string_view wanted);
  bool number(std::string_view name, const boost::json::value& json, std::int64_t& out);
  bool text(std::string_view name, const boost::json::value& json, std::string& out);
  void texts(std::string_view name, const boost::json::value& json, std::vector<std::string>& out);

  template <class Body>
  void take(std::string_view name, Result<Body> result, Body& out) {
    if (result.has_value()) {
      out = std::move(*result);
    } else if (ok()) {
      error_ = protocol::error(what_ + "." + std::string(name) + ": " + result.error().text);
    }
  }

  std::string what_;
  const boost::json::object* object_ = nullptr;
  Error error_;
};

// Lists and maps of bodies as JSON.
template <class Body>
boost::json::array json_list(const std::vector<Body>& bodies) {
  boost::json::array out;
  for (const auto& body : bodies) out.push_back(body.to_json());
  return out;
}

template <class Body>
boost::json::object json_map(const std::map<std::string, Body>& bodies) {
  boost::json::object out;
  for (const auto& [key, body] : bodies) out[key] = body.to_json();
  return out;
}

boost::json::array json_texts(const std::vector<std::string>& texts);
boost::json::object json_texts(const std::map<std::string, std::string>& texts);
boost::json::object json_texts(const std::map<std::string, std::vector<std::string>>& lists);
boost::json::object json_texts(const std::map<std::int64_t, std::string>& texts);
// JSON text of a passthrough member; text that is not JSON becomes null.
boost::json::value json_raw(std::string_view text);

}  // namespace gantry::protocol
