// The recorded data this suite compares with, line by line, read by Boost.JSON's own parser.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.hpp"
#include "support/golden.hpp"

namespace gantry::protocol::testing {

using gantry::testing::golden;

inline std::string text(const boost::json::value& value) {
  return std::string(value.as_string().c_str(), value.as_string().size());
}

inline std::string bytes(const boost::json::value& hex) {
  return *from_hex(text(hex));
}

inline void each_line(const std::filesystem::path& file,
                      const std::function<void(const boost::json::value&)>& use) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.empty()) use(boost::json::parse(line));
  }
}

// Calls `use` with every case of one kind; says how many there were, 0 without golden data.
inline int each_case(std::string_view kind,
                     const std::function<void(const boost::json::object&)>& use) {
  int count = 0;
  const auto file = golden("codec.jsonl");
  if (!file) return 0;
  each_line(*file, [&](const boost::json::value& line) {
    if (line.at("kind").as_string() != boost::json::string_view(kind)) return;
    INFO(boost::json::serialize(line).substr(0, 500));
    use(line.as_object());
    ++count;
  });
  CHECK(count > 0);
  return count;
}

// A frame of the wire recordings, taken apart.
struct WireFrame {
  std::string file;
  std::int64_t code = 0;
  bool request = true;
  boost::json::value header;
  std::string kind;  // of the body
  std::string body;
};

inline void each_frame(const std::function<void(const WireFrame&)>& use) {
  const auto folder = golden("wire");
  if (!folder) return;
  for (const auto& entry : std::filesystem::directory_iterator(*folder)) {
    each_line(entry.path(), [&](const boost::json::value& line) {
      for (const char* side : {"request", "response"}) {
        const auto* frame = line.as_object().if_contains(side);
        if (!frame || frame->is_null()) continue;
        const std::string raw = bytes(frame->at("hex"));
        WireFrame out{entry.path().filename(),
                      line.at("code").to_number<std::int64_t>(),
                      side == std::string_view("request"),
                      frame->at("header"),
                      "none",
                      ""};
        if (const auto* body = frame->as_object().if_contains("body"); body && body->is_object()) {
          out.kind = text(body->at("kind"));
        }
        const std::size_t header_size = load_be<std::uint32_t>(raw.data() + 4) & 0xffffff;
        out.body = raw.substr(8 + header_size);
        use(out);
      }
    });
  }
}

}  // namespace gantry::protocol::testing
