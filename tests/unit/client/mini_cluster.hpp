// MiniCluster: a nameserver and broker "a" in one scripted server, with a topic "orders" of a few
// queues, as far as consumers need them. Messages are put in before consumers start; a pull that
// finds nothing is held for ever. The knobs are turned from any thread, between requests.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "scripted_server.hpp"

namespace gantry::client::testing {

class MiniCluster {
 public:
  explicit MiniCluster(int32_t queues)
      : queues_(queues), server_([this](const Request& request) { return answer(request); }) {}

  std::string address() const { return server_.address(); }
  ScriptedServer& server() { return server_; }

  void put(int32_t queue, const std::string& body, const std::string& tags = {});
  // Members besides those whose heartbeat came.
  void set_others(std::vector<std::string> ids);
  void set_committed(int32_t queue, int64_t offset);
  // What a code is answered instead of what it should be.
  void refuse(int32_t code, int32_t with);
  void allow(int32_t code);
  // How pulls answer a message: as it is, as no record at all, or with a body nobody can inflate.
  enum class Bytes { whole, no_record, no_body };
  void spoil(int32_t queue, int64_t offset, Bytes bytes);
  // The first offset a queue still has.
  void trim(int32_t queue, int64_t begin);
  int64_t committed(int32_t queue) const;  // -1: nothing
  std::string client_id() const;           // of the last heartbeat
  // The offsets pulls of a queue asked for, in order.
  std::vector<int64_t> pulled(int32_t queue) const;

 private:
  std::optional<Reply> answer(const Request& request);
  std::optional<Reply> pull(const protocol::FieldReader<Fields::value_type>& in) const;
  Reply lock(const Request& request) const;

  const int32_t queues_;
  mutable std::mutex mutex_;  // guards what follows
  struct Stored {
    std::string body;
    std::string tags;
    Bytes bytes = Bytes::whole;
  };
  std::map<int32_t, std::vector<Stored>> messages_;
  std::map<int32_t, int64_t> begins_;
  std::map<int32_t, int64_t> committed_;
  std::map<int32_t, int32_t> refused_;
  std::set<std::string> members_;
  std::string last_member_;
  std::vector<std::string> others_;
  ScriptedServer server_;
};

}  // namespace gantry::client::testing
