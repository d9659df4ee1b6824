// Maps keyed by a MessageQueue, whose values are bodies. Used by the body_*.cpp files only.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/body_members.hpp"
#include "protocol/body_route.hpp"

namespace gantry::protocol {

template <class Body>
boost::json::object json_by_queue(const std::map<MessageQueue, Body>& table) {
  boost::json::object out;
  for (const auto& [queue, body] : table) out[queue.json_key()] = body.to_json();
  return out;
}

template <class Body>
Result<std::map<MessageQueue, Body>> read_by_queue(Members& in, std::string_view name) {
  std::map<std::string, Body> texts;
  in.read_map(name, texts);
  std::map<MessageQueue, Body> out;
  for (auto& [key, body] : texts) {
    auto queue = MessageQueue::from_json_key(key);
    if (!queue) return queue.error();
    out.emplace(std::move(*queue), std::move(body));
  }
  return out;
}

}  // namespace gantry::protocol
