// Catalog: the topics and groups this broker knows, durable before anything depends on them.
// Owned by the Broker. Each shard reads its own pointer to an immutable snapshot, so a lookup takes
// no lock and no count; other threads take a counted copy. Lives from start to stop.
//
// A change is written to the metadata store first. Until it is published on every shard and the
// nameservers know it, requests for any of its names wait, parked; then they are woken and run
// again. If the write fails they are answered with code 1, and nothing of it is in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"
#include "services.hpp"
#include "snapshot_map.hpp"
#include "topic.hpp"

namespace gantry::messaging {

struct CatalogSnapshot {
  SnapshotMap<Topic> topics;
  SnapshotMap<Group> groups;
  protocol::DataVersion version;        // of the topics, as nameservers compare it
  protocol::DataVersion group_version;  // of the groups, as slaves and tools compare it
};

struct CatalogChange {
  std::vector<Topic> topics;
  std::vector<Group> groups;
  std::vector<std::string> gone_topics;  // deleted, if they are there
  std::vector<std::string> gone_groups;
  bool empty() const {
    return topics.empty() && groups.empty() && gone_topics.empty() && gone_groups.empty();
  }
};

class Catalog {
 public:
  // Tells the nameservers; `then` must be called once, on any thread.
  using Announce =
      std::function<void(const std::vector<Topic>& topics, std::function<void()> then)>;

  Catalog(const Services& services, const Options& options, gantry_binding* metadata);

  // Reads what is stored; system topics are there whatever the store says. [control], before calls.
  void load(std::vector<Topic> system_topics);
  void announce_with(Announce announce) { announce_ = std::move(announce); }

  // What this call's shard sees; valid until the call returns. [shard]
  const CatalogSnapshot& on_shard(const gantry_call& call) const {
    return *shards_[call.shard].snapshot;
  }
  std::shared_ptr<const CatalogSnapshot> latest() const;  // [any]

  // Sees that the change's topics and groups are there: those that are stay as they are. `then`
  // follows once they are durable and on every shard, or with FAULT and the reason. [any]
  using Ensured = std::function<void(gantry_status status, const std::string& reason)>;
  void ensure(const gantry_call* call, CatalogChange change, Ensured then);

  // Parks the request and sees to the change, or joins one under way for any of its names. Woken,
  // the request starts over. Inside handle() only. Always PENDING, or OK when it was refused.
  gantry_status change(const gantry_call& call, gantry_token token, CatalogChange change);

 private:
  struct alignas(64) Shard {  // one line each: shards don't share it
    std::shared_ptr<const CatalogSnapshot> snapshot;
  };
  struct Pending {
    CatalogChange change;
    std::vector<gantry_token> waiting;  // guarded by lock_, and so is
    std::vector<Ensured> told;
  };

  std::string too_many(const CatalogChange& change) const;  // needs lock_
  void write(const gantry_call* call, const std::shared_ptr<Pending>& pending);
  void publish(const std::shared_ptr<Pending>& pending);
  void swap(uint32_t shard);
  void finish(const std::shared_ptr<Pending>& pending);
  void fail(const std::shared_ptr<Pending>& pending, std::string_view reason);
  // Nobody waits for it any more; who did is handed out.
  struct Waiting {
    std::vector<gantry_token> requests;
    std::vector<Ensured> told;
  };
  Waiting forget(Pending& pending);

  const Services& services_;
  const Options& options_;
  gantry_binding* const metadata_;
  Announce announce_;
  std::vector<Shard> shards_;  // each read and written on its shard only

  mutable std::mutex lock_;  // "catalog": held for memory only, never across a host call
  std::shared_ptr<const CatalogSnapshot> latest_;
  // By "t:<topic>" and "g:<group>".
  std::map<std::string, std::shared_ptr<Pending>, std::less<>> pending_;
};

}  // namespace gantry::messaging
