#include "catalog.hpp"

#include <gantry/cap/metadata_store.h>

#include <atomic>
#include <utility>

#include "documents.hpp"
#include "job.hpp"
#include "protocol/codes.hpp"
#include "reply.hpp"

namespace gantry::messaging {
namespace {

std::vector<std::string> keys_of(const CatalogChange& change) {
  std::vector<std::string> keys;
  for (const Topic& topic : change.topics) keys.push_back("t:" + topic.name);
  for (const Group& group : change.groups) keys.push_back("g:" + group.name);
  for (const std::string& topic : change.gone_topics) keys.push_back("t:" + topic);
  for (const std::string& group : change.gone_groups) keys.push_back("g:" + group);
  return keys;
}

gantry_document document(std::string_view table, const std::string& key, const std::string& value) {
  return {sdk::str(table), sdk::bytes(key), sdk::bytes(value)};
}

void bump(protocol::DataVersion& version, int64_t now_ms) {
  ++version.counter;
  version.timestamp = now_ms;
}

// Loading: a document that cannot be read is reported and left alone, not lost and not fatal.
struct Loading {
  const Services* services;
  CatalogSnapshot* into;
};

template <class Read, class Put>
gantry_status load_one(const Loading& loading, const gantry_document& document, Read read,
                       Put put) {
  const std::string key(sdk::view(document.key));
  auto thing = read(sdk::span(document.value));
  if (thing && thing->name == key) {
    put(std::move(*thing));
  } else {
    loading.services->warn("the stored document " + std::string(sdk::view(document.table)) + "/" +
                           key + " cannot be read and is left out");
  }
  return GANTRY_OK;
}

gantry_status load_topic(void* context, const gantry_document* document) {
  const auto& loading = *static_cast<const Loading*>(context);
  return load_one(loading, *document, read_topic,
                  [&](Topic topic) { loading.into->topics.put(std::move(topic)); });
}

gantry_status load_group(void* context, const gantry_document* document) {
  const auto& loading = *static_cast<const Loading*>(context);
  return load_one(loading, *document, read_group,
                  [&](Group group) { loading.into->groups.put(std::move(group)); });
}

}  // namespace

Catalog::Catalog(const Services& services, const Options& options, gantry_binding* metadata)
    : services_(services),
      options_(options),
      metadata_(metadata),
      announce_([](const auto&, const auto& then) { then(); }),
      shards_(services.host->shard_count),
      latest_(std::make_shared<const CatalogSnapshot>()) {}

void Catalog::load(std::vector<Topic> system_topics) {
  auto loaded = std::make_shared<CatalogSnapshot>();
  for (Topic& topic : system_topics) loaded->topics.put(std::move(topic));
  loaded->version.timestamp = loaded->group_version.timestamp = services_.now_ms();
  sdk::Lease<gantry_metadata_store> store(services_.capabilities, metadata_, nullptr);
  if (!store) throw sdk::Refusal(GANTRY_REFUSED, "the metadata store is not running");
  Loading loading{&services_, loaded.get()};
  const auto scan = [&](std::string_view table, auto each) {
    const gantry_status status =
        store->scan(store.self(), nullptr, sdk::str(table), gantry_bytes{}, each, &loading);
    if (store.end(status) == GANTRY_OK) return;
    throw sdk::Refusal(status, "the metadata store cannot read its table " + std::string(table));
  };
  scan(topics_table, load_topic);
  scan(groups_table, load_group);
  latest_ = std::move(loaded);
  for (Shard& shard : shards_) shard.snapshot = latest_;
}

std::shared_ptr<const CatalogSnapshot> Catalog::latest() const {
  const std::lock_guard guard(lock_);
  return latest_;
}

std::string Catalog::too_many(const CatalogChange& change) const {
  size_t topics = latest_->topics.size();
  for (const Topic& topic : change.topics) topics += !latest_->topics.find(topic.name);
  if (topics > static_cast<size_t>(options_.topics_max)) {
    return "this broker holds no more topics: topics_max is " + std::to_string(options_.topics_max);
  }
  size_t groups = latest_->groups.size();
  for (const Group& group : change.groups) groups += !latest_->groups.find(group.name);
  if (groups > static_cast<size_t>(options_.groups_max)) {
    return "this broker holds no more groups: groups_max is " + std::to_string(options_.groups_max);
  }
  return {};
}

gantry_status Catalog::change(const gantry_call& call, gantry_token token, CatalogChange change) {
  // Parked before it is registered: whoever finishes the change wakes a request that already
  // sleeps.
  const gantry_status parked =
      services_.requests.park(services_.host, token, options_.metadata_timeout_ms);
  if (parked < 0) return parked;
  std::shared_ptr<Pending> made;
  std::string refusal;
  {
    const std::lock_guard guard(lock_);
    const std::vector<std::string> keys = keys_of(change);
    for (const std::string& key : keys) {
      const auto under_way = pending_.find(key);
      if (under_way == pending_.end()) continue;
      under_way->second->waiting.push_back(token);
      return GANTRY_PENDING;
    }
    refusal = too_many(change);
    if (refusal.empty()) {
      made = std::make_shared<Pending>(Pending{std::move(change), {token}, {}});
      for (const std::string& key : keys) pending_.emplace(key, made);
    }
  }
  if (!made) return refuse(services_, token, protocol::response_code::system_error, refusal);
  write(&call, made);
  return GANTRY_PENDING;
}

void Catalog::ensure(const gantry_call* call, CatalogChange change, Ensured then) {
  std::shared_ptr<Pending> made;
  std::string refusal;
  {
    const std::lock_guard guard(lock_);
    const std::vector<std::string> keys = keys_of(change);
    for (const std::string& key : keys) {
      const auto under_way = pending_.find(key);
      if (under_way == pending_.end()) continue;
      // It may be another's change, or a deletion: looked at anew when that has ended.
      under_way->second->told.push_back(
          [this, change = std::move(change), then = std::move(then)](
              gantry_status, const std::string&) { ensure(nullptr, change, then); });
      return;
    }
    const CatalogSnapshot& known = *latest_;
    std::erase_if(change.topics, [&](const Topic& one) { return known.topics.find(one.name); });
    std::erase_if(change.groups, [&](const Group& one) { return known.groups.find(one.name); });
    refusal = too_many(change);
    if (refusal.empty() && !change.empty()) {
      made = std::make_shared<Pending>(Pending{std::move(change), {}, {then}});
      for (const std::string& key : keys_of(made->change)) pending_.emplace(key, made);
    }
  }
  if (made) return write(call, made);
  then(refusal.empty() ? GANTRY_OK : GANTRY_FAULT, refusal);
}

void Catalog::write(const gantry_call* call, const std::shared_ptr<Pending>& pending) {
  std::vector<std::string> values;
  for (const Topic& topic : pending->change.topics) values.push_back(write_document(topic));
  for (const Group& group : pending->change.groups) values.push_back(write_document(group));
  std::vector<gantry_document> documents;
  for (const Topic& topic : pending->change.topics) {
    documents.push_back(document(topics_table, topic.name, values[documents.size()]));
  }
  for (const Group& group : pending->change.groups) {
    documents.push_back(document(groups_table, group.name, values[documents.size()]));
  }
  const auto erase = [&](std::string_view table, const std::string& key) {
    documents.push_back({sdk::str(table), sdk::bytes(key), gantry_bytes{}});
  };
  for (const std::string& topic : pending->change.gone_topics) erase(topics_table, topic);
  for (const std::string& group : pending->change.gone_groups) erase(groups_table, group);

  sdk::Lease<gantry_metadata_store> store(services_.capabilities, metadata_, call);
  if (!store) return fail(pending, "the metadata store is not running");
  const gantry_status taken = give(
      [&](gantry_completion then) {
        return store->write(store.self(), call, documents.data(),
                            static_cast<uint32_t>(documents.size()), GANTRY_WRITE_NOW, then);
      },
      [this, pending](const gantry_call& done, gantry_status status, const void*) {
        if (status == GANTRY_OK) return publish(pending);
        fail(pending, done.error->text[0] ? done.error->text : "the metadata store failed");
      });
  if (store.end(taken) < 0) fail(pending, call ? call->error->text : "");
}

void Catalog::publish(const std::shared_ptr<Pending>& pending) {
  {
    const std::lock_guard guard(lock_);
    auto next = std::make_shared<CatalogSnapshot>(*latest_);
    const CatalogChange& change = pending->change;
    for (const Topic& topic : change.topics) next->topics.put(topic);
    for (const Group& group : change.groups) next->groups.put(group);
    for (const std::string& topic : change.gone_topics) next->topics.erase(topic);
    for (const std::string& group : change.gone_groups) next->groups.erase(group);
    const int64_t now_ms = services_.now_ms();
    if (!change.topics.empty() || !change.gone_topics.empty()) bump(next->version, now_ms);
    if (!change.groups.empty() || !change.gone_groups.empty()) bump(next->group_version, now_ms);
    latest_ = std::move(next);
  }
  // One turn of each shard; the last one goes on.
  struct Turns {
    std::atomic<size_t> missing;
    std::atomic<bool> cancelled = false;
  };
  const auto turns = std::make_shared<Turns>(shards_.size());
  const auto swapped = [this, pending, turns](gantry_status status) {
    if (status != GANTRY_OK) turns->cancelled = true;
    if (turns->missing.fetch_sub(1) > 1) return;
    // The module is stopping: the change is stored, nobody is left to be told.
    if (pending->change.topics.empty() || turns->cancelled) return finish(pending);
    announce_(pending->change.topics, [this, pending] { finish(pending); });
  };
  for (uint32_t shard = 0; shard < shards_.size(); ++shard) {
    const gantry_status posted = give(
        [&](gantry_completion then) { return services_.timer.post(services_.host, shard, then); },
        [this, shard, swapped](const gantry_call&, gantry_status status, const void*) {
          if (status == GANTRY_OK) swap(shard);
          swapped(status);
        });
    if (posted < 0) swapped(posted);
  }
}

// Takes the newest, not the one that was posted: posts of two changes may arrive in either order.
void Catalog::swap(uint32_t shard) {
  shards_[shard].snapshot = latest();
}

void Catalog::finish(const std::shared_ptr<Pending>& pending) {
  const Waiting waiting = forget(*pending);
  for (const gantry_token token : waiting.requests) {
    services_.requests.wake(services_.host, token);
  }
  for (const Ensured& told : waiting.told) told(GANTRY_OK, {});
}

void Catalog::fail(const std::shared_ptr<Pending>& pending, std::string_view reason) {
  std::string remark = "not stored, so not done: ";
  remark.append(reason.empty() ? "the metadata store refused" : reason);
  const Waiting waiting = forget(*pending);
  for (const gantry_token token : waiting.requests) {
    refuse(services_, token, protocol::response_code::system_error, remark);
  }
  for (const Ensured& told : waiting.told) told(GANTRY_FAULT, remark);
}

Catalog::Waiting Catalog::forget(Pending& pending) {
  const std::lock_guard guard(lock_);
  for (const std::string& key : keys_of(pending.change)) pending_.erase(key);
  return {std::exchange(pending.waiting, {}), std::exchange(pending.told, {})};
}

}  // namespace gantry::messaging
