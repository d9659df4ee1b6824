// Routes: which brokers live, and which topics they serve. Readers on any shard take an immutable
// RouteTable; writers (registrations, ends, expiry) change the current one under a lock and publish
// a copy when something changed: a plain heartbeat copies nothing. Owned by the module.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "registration.hpp"
#include "route_table.hpp"

namespace gantry::nameserver {

class Routes {
 public:
  struct Accepted {
    enum class Kind : uint8_t {
      taken,
      lone_topic,  // of a broker that never sent them all: refused
      outdated,    // another address has this broker's id, and a later state: ignored
    };
    Kind kind = Kind::taken;
    std::string master_address;  // for slaves, when a master lives
    std::string ha_address;      // of that master
  };

  // [any] now_ms is steady time, here and below.
  Accepted register_broker(const Registration& registration, uint64_t session, int64_t now_ms);
  void unregister(const BrokerId& broker);
  // The version of its topics this broker was last heard with; none for a stranger. Counts as a
  // sign of life, and the broker lives with this session from now on.
  std::optional<protocol::DataVersion> query(const BrokerId& broker, uint64_t session,
                                             int64_t now_ms);
  // Both give the addresses of the brokers that are forgotten.
  std::vector<std::string> forget_session(uint64_t session);
  std::vector<std::string> expire(int64_t now_ms);

  // ── what operators do; a registration with another version undoes it
  // How many topics the broker has.
  size_t set_writable(const std::string& broker, bool writable);
  void delete_topic(const std::string& topic, const std::string& cluster);  // "": of every cluster
  // All of it; or nothing, and the name of a broker in it that doesn't live.
  std::optional<std::string> register_topic(const std::string& topic,
                                            const std::vector<protocol::QueueData>& queues);
  // A sign of life of a broker that is known.
  void heard(const std::string& cluster, const std::string& address, int64_t now_ms);

  // [any] Valid as long as it is held; a later one may say otherwise.
  std::shared_ptr<const RouteTable> table() const {
    const std::lock_guard lock(published_mutex_);
    return published_;
  }

 private:
  struct Life {
    std::string broker_name;
    std::string ha_address;
    uint64_t session = 0;
    int64_t heard_ms = 0;
    int64_t timeout_ms = 0;
    protocol::DataVersion version;  // of its topics
  };
  using LifeKey = std::pair<std::string, std::string>;  // cluster, address

  // All with mutex_ held.
  bool is_outdated(const Registration& from, const std::string& address) const;
  void register_topics(const Registration& from, bool stands_in, bool changed);
  Accepted accepted(const BrokerId& broker) const;
  void remove(const LifeKey& key);
  void publish();
  template <class Map, class Value>
  void set(Map& map, const typename Map::key_type& key, Value value);
  template <class Ended>
  std::vector<std::string> remove_if(Ended ended);

  std::mutex mutex_;  // guards what follows; published_mutex_ may be taken inside it
  std::map<LifeKey, Life> lives_;
  RouteTable current_;
  bool changed_ = false;  // since the last publish

  mutable std::mutex published_mutex_;  // guards the pointer only; a leaf lock
  std::shared_ptr<const RouteTable> published_ = std::make_shared<RouteTable>();
};

}  // namespace gantry::nameserver
