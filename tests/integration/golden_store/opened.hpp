// Opened: a node on a recorded store, with the file sizes of the broker that wrote it, and a client
// that reads through it. Owned by a test; stopped when it ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/connection.hpp"
#include "recorded.hpp"
#include "integration/test_node.hpp"

namespace gantry::golden_store {

struct Bounds {
  int64_t min = 0;
  int64_t max = 0;

  bool operator==(const Bounds&) const = default;
};

struct Found {
  std::vector<int64_t> log_offsets;  // newest first
  int64_t newest = 0;
  int64_t newest_ms = 0;
};

struct Query {
  std::string topic;
  std::string key;
  int64_t begin_ms = 0;
  int64_t end_ms = 0;
  int64_t most = 32;
};

class Opened {
 public:
  explicit Opened(const std::filesystem::path& root);
  // What the node is started with.
  static std::string configuration(const std::filesystem::path& root);
  ~Opened();

  Bounds bounds(const std::string& topic, int64_t queue_id);
  // The bytes of a record; nothing where there is none.
  std::optional<std::string> record(const std::string& topic, int64_t queue_id, int64_t offset);
  std::optional<std::string> view(int64_t log_offset);
  Found find(const Query& query);
  int64_t at_time(const std::string& topic, int64_t queue_id, int64_t ms, bool upper);

  void stop();
  std::string failure() const { return node_.failure(); }

 private:
  client::Reply ask(int32_t code, const client::Fields& fields);

  integration::TestNode node_;
  std::optional<client::Connection> connection_;
};

}  // namespace gantry::golden_store
