// Values a test hands to the fake host and gets back: plain data that owns its bytes.
#pragma once

#include <gantry/cap/request_handler.h>
#include <gantry/host/logging.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gantry::sdk::fake {

// What a test may configure for one key of a module.
class SettingValue {
 public:
  using List = std::vector<std::string>;
  // Implicit, so that a test writes {{"expiry_ms", 60000}}.
  SettingValue(bool value) : value_(value) {}
  SettingValue(int value) : value_(int64_t{value}) {}
  SettingValue(int64_t value) : value_(value) {}
  SettingValue(double value) : value_(value) {}
  SettingValue(const char* value) : value_(std::string(value)) {}
  SettingValue(std::string value) : value_(std::move(value)) {}
  SettingValue(List value) : value_(std::move(value)) {}
  const std::variant<bool, int64_t, double, std::string, List>& get() const { return value_; }

 private:
  std::variant<bool, int64_t, double, std::string, List> value_;
};
using Settings = std::map<std::string, SettingValue>;

using Fields = std::vector<std::pair<std::string, std::string>>;  // in wire order

struct Request {
  int32_t code = 0;
  Fields fields = {};
  std::string body = {};
  std::string remark = {};
  gantry_session session = 1;  // a session is open from the first request that names it
  int32_t version = 513;       // RocketMQ's MQVersion ordinal (5.5.0)
  int32_t language = 0;        // Java
  int32_t opaque = 0;
  bool one_way = false;
  std::string peer = {};  // address bytes and big-endian port; empty: 127.0.0.1:50000
};

struct Answer {
  int32_t code = 0;
  std::string remark = {};
  Fields fields = {};
  std::string body = {};

  std::optional<std::string> field(std::string_view name) const {
    const auto at = std::find_if(fields.begin(), fields.end(),
                                 [&](const auto& field) { return field.first == name; });
    return at == fields.end() ? std::nullopt : std::optional(at->second);
  }
};

// One request on its way: shared between the test and the host.
struct Exchange {
  Request request;
  std::optional<Answer> answer;
  bool dropped = false;  // its session ended first
};

// What a module sent to a session by sessions.request or sessions.notify.
struct Push {
  gantry_session session = 0;
  bool one_way = false;
  Request request;
};

struct LogLine {
  std::string instance;
  uint32_t level = GANTRY_LOGGING_DEBUG;
  std::string text;
};

}  // namespace gantry::sdk::fake
