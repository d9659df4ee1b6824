// KvConfig: what operators keep at the nameserver: values by namespace and key (namesrv:
// KVConfigManager). The namespace ORDER_TOPIC_CONFIG is the one the nameserver itself reads: which
// queues of which brokers an ordered topic has. Owned by the NameServer, lives from start to stop.
//
// A change is durable before it is visible, where the node has a metadata store; without one it is
// gone at the next start. Changes are made one at a time, so that store and memory agree on their
// order.
#pragma once

#include <gantry/cap/metadata_store.h>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cpp/host.hpp"

namespace gantry::nameserver {

inline constexpr std::string_view order_topics = "ORDER_TOPIC_CONFIG";

struct KvChange {
  std::string name_space;
  std::string key;
  std::optional<std::string> value;  // none: erased
};

class KvConfig {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;  // by key
  // status OK, or a reason why nothing was changed.
  using Told = std::function<void(gantry_status status, std::string_view reason)>;

  // store: null without one.
  KvConfig(const sdk::Host& host, gantry_binding* store, size_t bytes_max);

  void load();  // [control], before calls

  std::optional<std::string> value(std::string_view name_space, std::string_view key) const;
  std::optional<Values> values(std::string_view name_space) const;  // none: nobody put any

  void change(const gantry_call& call, KvChange change, Told told);  // [any]
  // Nothing is changed any more; then() follows when what was begun has ended. [control]
  void close(std::function<void()> then);

 private:
  struct Waiting {
    KvChange change;
    Told told;
  };

  std::string cannot(const KvChange& change) const;  // with lock_ held
  void go_on(const gantry_call& call);
  const KvChange* next(std::function<void()>& closed);
  gantry_status write(const gantry_call& call, const KvChange& change);
  void end(gantry_status status, std::string_view reason);
  void apply(const KvChange& change);  // with lock_ held

  const sdk::Host host_;
  const gantry_capabilities& capabilities_;
  gantry_binding* const store_;
  const size_t bytes_max_;

  mutable std::mutex lock_;  // guards what follows; never held across a host call
  std::map<std::string, Values, std::less<>> spaces_;
  size_t bytes_ = 0;              // of all names and values
  size_t bytes_coming_ = 0;       // of the puts that wait
  std::deque<Waiting> waiting_;   // the first is being made
  bool is_going_ = false;         // somebody makes them
  std::function<void()> closed_;  // told when nobody does
  bool is_closing_ = false;
};

}  // namespace gantry::nameserver
