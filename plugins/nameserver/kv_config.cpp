#include "kv_config.hpp"

#include <utility>

#include "cpp/barrier.hpp"

namespace gantry::nameserver {
namespace {

constexpr std::string_view table = "kv_config";
constexpr size_t document_key_bytes_max = 480;  // of a metadata store
constexpr size_t waiting_max = 1024;

std::string document_key(const KvChange& change) {
  return change.name_space + '\0' + change.key;
}

size_t bytes_of(std::string_view name_space, std::string_view key, std::string_view value) {
  return name_space.size() + key.size() + value.size();
}

size_t bytes_of(const KvChange& change) {
  return change.value ? bytes_of(change.name_space, change.key, *change.value) : 0;
}

}  // namespace

KvConfig::KvConfig(const sdk::Host& host, gantry_binding* store, size_t bytes_max)
    : host_(host),
      capabilities_(host.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES)),
      store_(store),
      bytes_max_(bytes_max) {}

void KvConfig::load() {
  if (!store_) return;
  const auto each = [](void* context, const gantry_document* document) -> gantry_status {
    auto& self = *static_cast<KvConfig*>(context);
    const std::string_view key = sdk::view(document->key);
    const size_t end = key.find('\0');
    if (end == std::string_view::npos) {
      self.host_.warn("the stored document kv_config/" + std::string(key) +
                      " cannot be read and is left out");
      return GANTRY_OK;
    }
    const std::lock_guard guard(self.lock_);
    self.apply({std::string(key.substr(0, end)), std::string(key.substr(end + 1)),
                std::string(sdk::view(document->value))});
    return GANTRY_OK;
  };
  sdk::Lease<gantry_metadata_store> store(capabilities_, store_, nullptr);
  if (!store) throw sdk::Refusal(GANTRY_REFUSED, "the metadata store is not running");
  const gantry_status status =
      store->scan(store.self(), nullptr, sdk::str(table), gantry_bytes{}, each, this);
  if (store.end(status) != GANTRY_OK)
    throw sdk::Refusal(status, "the metadata store cannot read its table kv_config");
}

std::optional<std::string> KvConfig::value(std::string_view name_space,
                                           std::string_view key) const {
  const std::lock_guard guard(lock_);
  const auto space = spaces_.find(name_space);
  if (space == spaces_.end()) return std::nullopt;
  const auto found = space->second.find(key);
  if (found == space->second.end()) return std::nullopt;
  return found->second;
}

std::optional<KvConfig::Values> KvConfig::values(std::string_view name_space) const {
  const std::lock_guard guard(lock_);
  const auto space = spaces_.find(name_space);
  if (space == spaces_.end()) return std::nullopt;
  return space->second;
}

std::string KvConfig::cannot(const KvChange& change) const {
  if (is_closing_) return "the nameserver is stopping";
  if (waiting_.size() >= waiting_max)
    return std::to_string(waiting_max) + " changes of KV configuration wait already: try later";
  if (change.name_space.find('\0') != std::string::npos)
    return "the field namespace has a zero byte, which no name may have";
  const size_t key_bytes = document_key(change).size();
  if (key_bytes > document_key_bytes_max)
    return "the fields namespace and key have " + std::to_string(key_bytes - 1) +
           " bytes together; at most " + std::to_string(document_key_bytes_max - 1) +
           " can be kept";
  if (change.value && bytes_ + bytes_coming_ + bytes_of(change) > bytes_max_)
    return "the KV configuration has " + std::to_string(bytes_ + bytes_coming_) + " bytes, and " +
           std::to_string(bytes_of(change)) + " more are over kv_bytes_max, " +
           std::to_string(bytes_max_) + ": delete some, or raise it";
  return {};
}

void KvConfig::change(const gantry_call& call, KvChange change, Told told) {
  std::string refusal;
  bool is_next = false;
  {
    const std::lock_guard guard(lock_);
    refusal = cannot(change);
    if (refusal.empty()) {
      is_next = !std::exchange(is_going_, true);
      bytes_coming_ += bytes_of(change);
      waiting_.push_back({std::move(change), std::move(told)});
    }
  }
  if (!refusal.empty()) return told(GANTRY_REFUSED, refusal);
  if (is_next) go_on(call);
}

// Until one waits for the store: its completion goes on. Once closed() was called nothing of this
// is touched any more.
void KvConfig::go_on(const gantry_call& call) {
  std::function<void()> closed;
  while (const KvChange* change = next(closed)) {
    const gantry_status taken = store_ ? write(call, *change) : GANTRY_OK;
    if (store_ && taken >= 0) return;
    end(taken, call.error->text);
  }
  if (closed) closed();
}

// The first that waits stays in its place, where only this chain of calls removes it.
const KvChange* KvConfig::next(std::function<void()>& closed) {
  const std::lock_guard guard(lock_);
  if (!waiting_.empty()) return &waiting_.front().change;
  is_going_ = false;
  closed = std::exchange(closed_, nullptr);
  return nullptr;
}

gantry_status KvConfig::write(const gantry_call& call, const KvChange& change) {
  sdk::Lease<gantry_metadata_store> store(capabilities_, store_, &call);
  if (!store) return GANTRY_REFUSED;
  const std::string key = document_key(change);
  const gantry_document document{sdk::str(table), sdk::bytes(key),
                                 change.value ? sdk::bytes(*change.value) : gantry_bytes{}};
  const gantry_completion then{
      [](void* self, const gantry_call* done, gantry_status status, const void*) {
        sdk::barrier(done->error, [&] {
          static_cast<KvConfig*>(self)->end(status, done->error->text);
          static_cast<KvConfig*>(self)->go_on(*done);
          return GANTRY_OK;
        });
      },
      this};
  return store.end(store->write(store.self(), &call, &document, 1, GANTRY_WRITE_NOW, then));
}

// Of the first that waits.
void KvConfig::end(gantry_status status, std::string_view reason) {
  Told told;
  {
    const std::lock_guard guard(lock_);
    const KvChange& change = waiting_.front().change;
    bytes_coming_ -= bytes_of(change);
    if (status == GANTRY_OK) apply(change);
    told = std::move(waiting_.front().told);
    waiting_.pop_front();
  }
  if (status != GANTRY_OK && reason.empty()) reason = "the metadata store failed";
  told(status, reason);
}

void KvConfig::apply(const KvChange& change) {
  if (!change.value) {
    const auto space = spaces_.find(change.name_space);
    if (space == spaces_.end()) return;
    const auto found = space->second.find(change.key);
    if (found == space->second.end()) return;
    bytes_ -= bytes_of(change.name_space, change.key, found->second);
    space->second.erase(found);
    return;
  }
  const auto [at, fresh] = spaces_[change.name_space].try_emplace(change.key);
  if (!fresh) bytes_ -= bytes_of(change.name_space, change.key, at->second);
  at->second = *change.value;
  bytes_ += bytes_of(change);
}

void KvConfig::close(std::function<void()> then) {
  {
    const std::lock_guard guard(lock_);
    is_closing_ = true;
    if (is_going_) {
      closed_ = std::move(then);
      return;
    }
  }
  then();
}

}  // namespace gantry::nameserver
