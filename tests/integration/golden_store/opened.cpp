#include "opened.hpp"

#include <catch2/catch.hpp>
#include <sstream>
#include <string_view>

#include "reader.hpp"

namespace gantry::golden_store {
namespace {

integration::Shape shape() {
  integration::Shape out;
  out.load = {"metadata_lmdb", "store_file",
              std::string(GANTRY_BINARY_DIR) + "/lib/gantry/test-plugins/store_reader.so"};
  out.doors = {{"reader", "store_reader"}};
  out.segment_bytes = 65536;
  out.plugins = R"([plugins.store_reader]
required = true

[plugins.store_file]
consume_queue_file_bytes = 2000
index_slots = 100
index_entries = 400
)";
  return out;
}

std::string field(const client::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.fields) {
    if (key == name) return value;
  }
  FAIL("the answer has no " << name);
  return {};
}

}  // namespace

Opened::Opened(const std::filesystem::path& root) {
  const Outcome<void> started = node_.start_on(root, shape());
  INFO((started.has_value() ? "" : started.error().text));
  REQUIRE(started.has_value());
  connection_.emplace(node_.address("reader"));
}

std::string Opened::configuration(const std::filesystem::path& root) {
  return integration::configuration(shape(), root);
}

Opened::~Opened() {
  stop();
}

void Opened::stop() {
  connection_.reset();  // a client that stays would be given time
  node_.stop();
}

client::Reply Opened::ask(int32_t code, const client::Fields& fields) {
  const Outcome<client::Reply> reply = connection_->call(code, fields);
  INFO((reply.has_value() ? "" : reply.error().text));
  REQUIRE(reply.has_value());
  return *reply;
}

Bounds Opened::bounds(const std::string& topic, int64_t queue_id) {
  const client::Reply reply =
      ask(bounds_code, {{"topic", topic}, {"queue", std::to_string(queue_id)}});
  INFO(topic << "/" << queue_id << ": " << reply.remark);
  REQUIRE(reply.code == 0);
  return {std::stoll(field(reply, "min")), std::stoll(field(reply, "max"))};
}

std::optional<std::string> Opened::record(const std::string& topic, int64_t queue_id,
                                          int64_t offset) {
  const client::Reply reply = ask(record_code, {{"topic", topic},
                                                {"queue", std::to_string(queue_id)},
                                                {"offset", std::to_string(offset)}});
  return reply.code == 0 ? std::optional(reply.body) : std::nullopt;
}

std::optional<std::string> Opened::view(int64_t log_offset) {
  const client::Reply reply = ask(view_code, {{"offset", std::to_string(log_offset)}});
  return reply.code == 0 ? std::optional(reply.body) : std::nullopt;
}

Found Opened::find(const Query& query) {
  const client::Reply reply = ask(find_code, {{"topic", query.topic},
                                              {"key", query.key},
                                              {"begin", std::to_string(query.begin_ms)},
                                              {"end", std::to_string(query.end_ms)},
                                              {"most", std::to_string(query.most)}});
  INFO(query.key << ": " << reply.remark);
  REQUIRE(reply.code == 0);
  Found out{{}, std::stoll(field(reply, "newest")), std::stoll(field(reply, "newest_ms"))};
  std::istringstream offsets(field(reply, "offsets"));
  for (int64_t offset = 0; offsets >> offset;) out.log_offsets.push_back(offset);
  return out;
}

int64_t Opened::at_time(const std::string& topic, int64_t queue_id, int64_t ms, bool upper) {
  const client::Reply reply = ask(time_code, {{"topic", topic},
                                              {"queue", std::to_string(queue_id)},
                                              {"ms", std::to_string(ms)},
                                              {"upper", upper ? "1" : "0"}});
  INFO(topic << "/" << queue_id << " at " << ms << ": " << reply.remark);
  REQUIRE(reply.code == 0);
  return std::stoll(field(reply, "offset"));
}

}  // namespace gantry::golden_store
