#include "output.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdio>

#include "client/words.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

void Table::print() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i + 1 == row.size()) {
        line += row[i];
      } else {
        line += fmt::format("{:<{}}  ", row[i], widths[i]);
      }
    }
    fmt::print("{}\n", line);
  }
}

void print_json(const bj::value& document) {
  fmt::print("{}\n", client::json_text(document));
}

std::string time_text(int64_t ms) {
  if (ms <= 0) return "-";
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), ms % 1000);
}

bj::array json_of(const std::vector<client::Master>& masters) {
  bj::array out;
  for (const client::Master& master : masters) {
    out.push_back(bj::object{{"broker", master.broker}, {"address", master.address}});
  }
  return out;
}

bj::object json_of(const client::Received& message) {
  bj::object properties;
  for (const auto& [name, value] : client::properties_of(message)) properties[name] = value;
  return bj::object{{"messageId", message.message_id},
                    {"offsetId", message.offset_id},
                    {"topic", message.topic},
                    {"broker", message.queue.broker},
                    {"queue", message.queue.id},
                    {"offset", message.queue_offset},
                    {"logOffset", message.log_offset},
                    {"tags", message.tags},
                    {"keys", message.keys},
                    {"bornAt", message.born_ms},
                    {"bornHost", message.born_host},
                    {"storedAt", message.stored_ms},
                    {"storeHost", message.store_host},
                    {"tries", message.reconsume_times},
                    {"flag", message.flag},
                    {"properties", std::move(properties)},
                    {"body", message.body}};
}

void print_message(const client::Received& message) {
  fmt::print("message id  {}\n", message.message_id);
  fmt::print("offset id   {}\n", message.offset_id);
  fmt::print("topic       {}\n", message.topic);
  fmt::print("queue       {}{}{} offset {}\n", message.queue.broker,
             message.queue.broker.empty() ? "" : " queue ", message.queue.id,
             message.queue_offset);
  fmt::print("born        {} at {}\n", time_text(message.born_ms), message.born_host);
  fmt::print("stored      {} at {}\n", time_text(message.stored_ms), message.store_host);
  if (message.reconsume_times > 0) fmt::print("tries       {}\n", message.reconsume_times);
  for (const auto& [name, value] : client::properties_of(message)) {
    fmt::print("property    {}={}\n", name, value);
  }
  fmt::print("body        {}\n", message.body);
}

}  // namespace gantry::ctl
