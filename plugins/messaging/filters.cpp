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

constexpr std::string_view tag = "TAG";
constexpr uint64_t compile_timeout_ms = 5000;
constexpr uint32_t names_max = 64;

// A table's entry, its program, and the text it is made of.
int64_t bytes_of(const Expression& expression) {
  return 512 + 4 * static_cast<int64_t>(expression.text.size());
}

}  // namespace

Expression expression(std::string_view type, std::string_view text) {
  return {type.empty() ? tag : type, text};
}

bool is_everything(const Expression& expression) {
  return expression.type == tag && (expression.text.empty() || expression.text == "*");
}

size_t Filters::Hash::operator()(const Expression& expression) const {
  const std::hash<std::string_view> hash;
  return hash(expression.text) * 31 + hash(expression.type);
}

Filters::Filters(const Services& services, const Options& options)
    : services_(services), options_(options), shards_(services.host->shard_count) {
  gantry_str names[names_max];
  const uint32_t count =
      services_.capabilities.list(services_.host, GANTRY_CAP_FILTER, names, names_max);
  for (uint32_t i = 0; i < std::min(count, names_max); ++i) {
    gantry_binding* binding = nullptr;
    gantry_error error{.struct_size = sizeof error, .code = 0, .wire_code = 0, .text = {}};
    const gantry_status bound =
        services_.capabilities.bind(services_.host, GANTRY_CAP_FILTER, names[i], &binding, &error);
    if (bound == GANTRY_OK) bindings_.emplace(sdk::view(names[i]), binding);
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

const FilterRef* Filters::find(const gantry_call& call, const Expression& expression) {
  Shard& shard = shards_[call.shard];
  const auto fresh = [](const FilterRef& filter) {
    return !filter->program || !filter->program->stale();
  };
  if (const auto at = shard.filters.find(expression); at != shard.filters.end()) {
    if (fresh(at->second)) return &at->second;
    shard.bytes -= bytes_of(expression);
    shard.filters.erase(at);
  }
  FilterRef known;
  {
    const std::lock_guard guard(lock_);
    const auto at = slots_.find(expression);
    if (at != slots_.end()) known = at->second->filter;
  }
  return known && fresh(known) ? &keep(shard, known) : nullptr;
}

const FilterRef& Filters::keep(Shard& shard, const FilterRef& filter) {
  const int64_t bytes = bytes_of(filter->expression());
  if (shard.bytes + bytes > options_.filter_cache_bytes_max) {
    shard.filters.clear();
    shard.bytes = 0;
  }
  shard.bytes += bytes;
  return shard.filters.emplace(filter->expression(), filter).first->second;
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
    ready = known && (!known->program || !known->program->stale());
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
    auto filter = std::make_shared<Filter>();
    sdk::Program::Place place;
    filter->program = sdk::Program::compile(services_.capabilities, bindings_.find(type)->second,
                                            call, text, status, place);
    if (!filter->program && status != GANTRY_INVALID) {
      return fail(own, code::system_error, call.error->text);
    }
    if (!filter->program) filter->wrong = call.error->text;
    filter->type = type;
    filter->text = text;
    finish(own, std::move(filter));
  };
  const gantry_status given = give(
      [&](gantry_completion job) { return services_.timer.work(services_.host, job); }, compile_it);
  if (given < 0) fail(expression, code::system_busy, protocol::remark::overload);
}

void Filters::finish(const Expression& expression, FilterRef filter) {
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
    const FilterRef& filter = entry.second->filter;
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
               shards_[i].filters.clear();
               closed();
             });
    if (posted < 0) closed();
  }
}

gantry_status Filters::match(const gantry_call& call, const Filter& filter,
                             const gantry_batch& batch, uint8_t* verdicts) const {
  const gantry_status status = filter.program->match(call, batch, verdicts);
  if (status == GANTRY_REFUSED) return status;
  if (status < 0) std::fill_n(verdicts, batch.count, uint8_t{GANTRY_ERROR});
  const auto is_error = [](uint8_t verdict) {
    return verdict != GANTRY_DELIVER && verdict != GANTRY_SKIP;
  };
  if (std::any_of(verdicts, verdicts + batch.count, is_error) &&
      !filter.complained.exchange(true)) {
    services_.warn("filter " + filter.type + " \"" + filter.text +
                   "\" cannot judge a message, which is not delivered: " +
                   (status < 0 ? call.error->text : "its verdict is an error"));
  }
  return GANTRY_OK;
}

}  // namespace gantry::messaging
