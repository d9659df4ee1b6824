#include "filters.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <utility>

#include "job.hpp"
#include "protocol/codes.hpp"
#include "reply.hpp"

namespace gantry::messaging {
namespace {

namespace code = protocol::response_code;

constexpr uint64_t compile_timeout_ms = 5000;
constexpr uint32_t names_max = 64;

// A table's entry, its program, and the text it is made of.
int64_t bytes_of(const Expression& expression) {
  return 512 + 4 * static_cast<int64_t>(expression.text.size());
}

}  // namespace

size_t Filters::Hash::operator()(const Expression& expression) const {
  const std::hash<std::string_view> hash;
  return hash(expression.text) * 31 + hash(expression.type);
}

Filters::Filters(const Services& services, const Options& options)
    : services_(services), options_(options), shards_(services.host->shard_count) {
  gantry_str names[names_max];
  const uint32_t count =
      services_.capabilities.list(services_.host, GANTRY_CAP_FILTER, names, names_max);
  for (uint32_t i = 0; i < std::min(count, names_max); ++i) bind(sdk::view(names[i]));
}

void Filters::bind(std::string_view type) {
  gantry_binding* const binding =
      sdk::Host(services_.host).bind_if_offered(GANTRY_CAP_FILTER, type);
  if (!binding) return;
  bindings_.emplace(type, binding);
  const sdk::Lease<gantry_filter> filter(services_.capabilities, binding, nullptr);
  if (filter && GANTRY_HAS(filter.operator->(), gantry_filter, bound) && filter->bound) {
    binders_.push_back({std::string(type), filter.operator->(), filter.self()});
  }
}

// The first words are RocketMQ's, of a broker without property filters.
std::string Filters::unserved(std::string_view type) {
  const bool is_name = std::all_of(
      type.begin(), type.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  std::string module = "filter_";
  for (const unsigned char c : type) module += static_cast<char>(std::tolower(c));
  return "The broker does not support consumer to filter message by " + std::string(type) +
         (is_name ? ": it has no module for it, as " + module + " would be"
                  : ": no module offers it");
}

void Filters::Shard::clear() {
  filters.clear();
  combined.clear();
  bytes = 0;
}

const CompiledRef* Filters::find(const gantry_call& call, const Expression& expression) {
  Shard& shard = shards_[call.shard];
  if (const auto at = shard.filters.find(expression); at != shard.filters.end()) {
    if (!at->second->stale()) return &at->second;
    shard.clear();  // combinations may have it, too
  }
  CompiledRef known;
  {
    const std::lock_guard guard(lock_);
    const auto at = slots_.find(expression);
    if (at != slots_.end()) known = at->second->filter;
  }
  return known && !known->stale() ? &keep(shard, known) : nullptr;
}

void Filters::make_room(Shard& shard, int64_t bytes) const {
  if (shard.bytes + bytes > options_.filter_cache_bytes_max) shard.clear();
  shard.bytes += bytes;
}

const CompiledRef& Filters::keep(Shard& shard, const CompiledRef& filter) {
  make_room(shard, bytes_of(filter->expression()));
  return shard.filters.emplace(filter->expression(), filter).first->second;
}

void Filters::bound(const gantry_call& call, std::string_view topic, std::string_view group,
                    std::vector<Expression>& out) const {
  for (const Binder& binder : binders_) {
    gantry_str expression{};
    const gantry_status status = binder.table->bound(binder.self, &call, sdk::str(topic),
                                                     sdk::str(group), &expression);
    if (status == GANTRY_OK) out.push_back({binder.type, sdk::view(expression)});
  }
}

FilterRef Filters::combine(const gantry_call& call, std::vector<Part> parts) {
  Shard& shard = shards_[call.shard];
  if (parts.size() == 1 && parts[0].first.empty()) return parts[0].second;
  if (const auto at = shard.combined.find(parts); at != shard.combined.end()) return at->second;
  std::map<std::string, std::vector<FilterRef>, std::less<>> by_origin;
  int64_t bytes = 0;
  for (const auto& [origin, filter] : parts) {
    by_origin[origin].push_back(filter);
    bytes += bytes_of(filter->expression());
  }
  ByOrigin::Filters origins;
  for (auto& [origin, filters] : by_origin) {
    origins[origin] = filters.size() == 1 ? std::move(filters[0])
                                          : std::make_shared<AllOf>(std::move(filters));
  }
  const bool any_record = origins.size() == 1 && origins.begin()->first.empty();
  FilterRef made = any_record ? origins.begin()->second
                              : std::make_shared<ByOrigin>(std::move(origins));
  make_room(shard, bytes);
  return shard.combined.emplace(std::move(parts), std::move(made)).first->second;
}

gantry_status Filters::compile(gantry_token token, const Expression& expression) {
  // Parked before it is registered: whoever finishes wakes a request that already sleeps.
  const gantry_status parked = services_.requests.park(services_.host, token, compile_timeout_ms);
  if (parked < 0) {
    return refuse(services_, token, code::system_busy, protocol::remark::overload);
  }
  bool ready = false;
  {
    const std::lock_guard guard(lock_);
    auto at = slots_.find(expression);
    if (at != slots_.end() && !at->second->filter) {
      at->second->waiting.push_back(token);
      return GANTRY_PENDING;
    }
    const auto* known = at != slots_.end() ? at->second->filter.get() : nullptr;
    ready = known && !known->stale();
    if (!ready) {
      if (at != slots_.end()) {
        bytes_ -= bytes_of(expression);
        slots_.erase(at);  // of a module that was reloaded since
      }
      if (bytes_ > options_.filter_cache_bytes_max) forget_unused();
      auto slot = std::make_unique<Slot>(
          Slot{std::string(expression.type), std::string(expression.text), nullptr, {token}});
      const Expression key{slot->type, slot->text};
      slots_.emplace(key, std::move(slot));
      bytes_ += bytes_of(expression);
    }
  }
  if (ready) {  // since this shard looked
    static_cast<void>(services_.requests.wake(services_.host, token));
    return GANTRY_PENDING;
  }
  run(expression);
  return GANTRY_PENDING;
}

void Filters::run(const Expression& expression) {
  const auto compile_it = [this, type = std::string(expression.type),
                           text = std::string(expression.text)](const gantry_call& call,
                                                                gantry_status status, const void*) {
    const Expression own{type, text};
    if (status != GANTRY_OK) return fail(own, code::system_busy, protocol::remark::overload);
    sdk::Program::Place place;
    auto program = sdk::Program::compile(services_.capabilities, bindings_.find(type)->second, call,
                                         text, status, place);
    // What isn't wrong by itself may come to be right: the next pull asks again.
    if (!program && status == GANTRY_GONE) {
      return fail(own, code::subscription_parse_failed, call.error->text);
    }
    if (!program && status != GANTRY_INVALID) {
      return fail(own, code::system_error,
                  call.error->text[0] ? call.error->text : Filters::not_running);
    }
    const std::string wrong = program ? "" : call.error->text;
    finish(own, std::make_shared<Compiled>(services_, own, std::move(program), wrong));
  };
  const gantry_status given = give(
      [&](gantry_completion job) { return services_.timer.work(services_.host, job); }, compile_it);
  if (given < 0) fail(expression, code::system_busy, protocol::remark::overload);
}

void Filters::finish(const Expression& expression, CompiledRef filter) {
  std::vector<gantry_token> waiting;
  {
    const std::lock_guard guard(lock_);
    const auto at = slots_.find(expression);
    if (at == slots_.end()) return;
    at->second->filter = std::move(filter);
    waiting = std::exchange(at->second->waiting, {});
  }
  for (const gantry_token token : waiting) {
    static_cast<void>(services_.requests.wake(services_.host, token));
  }
}

void Filters::fail(const Expression& expression, int32_t code, std::string_view remark) {
  for (const gantry_token token : take(expression)) refuse(services_, token, code, remark);
}

std::vector<gantry_token> Filters::take(const Expression& expression) {
  const std::lock_guard guard(lock_);
  const auto at = slots_.find(expression);
  if (at == slots_.end()) return {};
  auto waiting = std::move(at->second->waiting);
  bytes_ -= bytes_of(expression);
  slots_.erase(at);
  return waiting;
}

void Filters::forget_unused() {
  std::erase_if(slots_, [this](const auto& entry) {
    const CompiledRef& filter = entry.second->filter;
    if (!filter || filter.use_count() > 1) return false;
    bytes_ -= bytes_of(entry.first);
    return true;
  });
}

void Filters::close(std::function<void()> then) {
  const auto missing = std::make_shared<std::atomic<size_t>>(shards_.size());
  const auto closed = [this, missing, then = std::move(then)] {
    if (missing->fetch_sub(1) > 1) return;
    decltype(slots_) gone;
    {
      const std::lock_guard guard(lock_);
      gone = std::exchange(slots_, {});
    }
    gone.clear();
    then();
  };
  for (uint32_t i = 0; i < shards_.size(); ++i) {
    const gantry_status posted =
        give([&](gantry_completion job) { return services_.timer.post(services_.host, i, job); },
             [this, i, closed](const gantry_call&, gantry_status, const void*) {
               shards_[i].clear();
               closed();
             });
    if (posted < 0) closed();
  }
}

}  // namespace gantry::messaging
