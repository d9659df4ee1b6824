// Host: a module's typed view of gantry_host and its services. Copied freely; valid as long as the
// instance. Every call may be made from any thread unless the service's header says otherwise.
#pragma once

#include <gantry/host.h>
#include <gantry/host/buffers.h>
#include <gantry/host/capabilities.h>
#include <gantry/host/clock.h>
#include <gantry/host/commitlog.h>
#include <gantry/host/logging.h>
#include <gantry/host/peers.h>
#include <gantry/host/requests.h>
#include <gantry/host/sessions.h>
#include <gantry/host/settings.h>
#include <gantry/host/timer.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cpp/barrier.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk {

class Host {
 public:
  explicit Host(const gantry_host* host) : host_(host) {}

  const gantry_host* raw() const { return host_; }
  uint32_t shard_count() const { return host_->shard_count; }
  std::string_view name() const { return view(host_->instance_name); }
  std::string data_dir() const { return std::string(view(host_->data_dir)); }

  // The table of a service the module declared as required.
  template <class Table>
  const Table& service(const char* id) const {
    const auto* table = static_cast<const Table*>(host_->service(host_, id));
    if (!table) throw Refusal(GANTRY_GONE, std::string("this host has no service ") + id);
    return *table;
  }

  void log(uint32_t level, std::string_view text) const {
    const auto& logging = service<gantry_logging>(GANTRY_HOST_LOGGING);
    if (logging.enabled(host_, level)) logging.write(host_, level, str(text));
  }
  void info(std::string_view text) const { log(GANTRY_LOGGING_INFO, text); }
  void warn(std::string_view text) const { log(GANTRY_LOGGING_WARN, text); }
  void error(std::string_view text) const { log(GANTRY_LOGGING_ERROR, text); }

  int64_t now_ms() const { return service<gantry_clock>(GANTRY_HOST_CLOCK).now_ms(host_); }
  uint64_t now_ns() const { return service<gantry_clock>(GANTRY_HOST_CLOCK).now_ns(host_); }

  // [control] The offer of this id and name, for Lease; the module lists the id among its needs. No
  // name: the only one, or the first configured. Throws when nobody offers it.
  gantry_binding* bind(const char* id, std::string_view name = {}) const;
  // The same, and null then.
  gantry_binding* bind_if_offered(const char* id, std::string_view name = {}) const;

  int64_t setting_i64(std::string_view key) const { return setting(key, GANTRY_I64).as.i; }
  bool setting_bool(std::string_view key) const { return setting(key, GANTRY_BOOL).as.i != 0; }
  std::string setting_str(std::string_view key) const {
    return std::string(view(setting(key, GANTRY_STR).as.s));
  }
  std::vector<std::string> setting_list(std::string_view key) const;

 private:
  gantry_value setting(std::string_view key, uint32_t kind) const;

  const gantry_host* host_;
};

inline gantry_binding* Host::bind_if_offered(const char* id, std::string_view name) const {
  gantry_binding* binding = nullptr;
  gantry_error error{.struct_size = sizeof error, .code = 0, .wire_code = 0, .text = {}};
  const auto& capabilities = service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES);
  const gantry_status status = capabilities.bind(host_, id, str(name), &binding, &error);
  if (status == GANTRY_GONE) return nullptr;
  if (status != GANTRY_OK) throw Refusal(status, error.text);
  return binding;
}

inline gantry_binding* Host::bind(const char* id, std::string_view name) const {
  if (gantry_binding* binding = bind_if_offered(id, name)) return binding;
  throw Refusal(GANTRY_GONE, std::string("nobody offers ") + id + (name.empty() ? "" : " as ") +
                                 std::string(name));
}

inline gantry_value Host::setting(std::string_view key, uint32_t kind) const {
  gantry_value value{};
  const auto& settings = service<gantry_settings>(GANTRY_HOST_SETTINGS);
  const gantry_status status = settings.get(host_, str(key), &value);
  if (status != GANTRY_OK || value.kind != kind) {
    throw Refusal(GANTRY_INVALID, "setting " + std::string(key) + " is not declared, or not so");
  }
  return value;
}

inline std::vector<std::string> Host::setting_list(std::string_view key) const {
  const int64_t count = setting(key, GANTRY_LIST).as.i;
  const auto& settings = service<gantry_settings>(GANTRY_HOST_SETTINGS);
  std::vector<std::string> items;
  for (int64_t i = 0; i < count; ++i) {
    gantry_value item{};
    if (settings.item(host_, str(key), static_cast<uint32_t>(i), &item) != GANTRY_OK) break;
    items.emplace_back(view(item.as.s));
  }
  return items;
}

// Lease: one call of another module through a binding; leaves when it goes out of scope.
//   if (Lease<gantry_queue_index> index{capabilities, binding, call})
//     index.end(index->bounds(index.self(), call, topic, queue_id, &out));
template <class Table>
class Lease {
 public:
  Lease(const gantry_capabilities& capabilities, gantry_binding* binding, const gantry_call* call)
      : capabilities_(capabilities) {
    entered_ = capabilities_.enter(binding, call, &lease_) == GANTRY_OK;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  // Left by an exception, the call was a fault: no answer of it is known.
  ~Lease() {
    const bool thrown = std::uncaught_exceptions() > exceptions_;
    if (entered_) capabilities_.leave(&lease_, thrown ? GANTRY_FAULT : status_);
  }
  explicit operator bool() const { return entered_; }
  const Table* operator->() const { return static_cast<const Table*>(lease_.table); }
  gantry_instance* self() const { return lease_.instance; }
  uint64_t generation() const { return lease_.generation; }
  gantry_status end(gantry_status status) { return status_ = status; }

 private:
  const gantry_capabilities& capabilities_;
  gantry_lease lease_{};
  gantry_status status_ = GANTRY_OK;
  bool entered_ = false;
  const int exceptions_ = std::uncaught_exceptions();
};

}  // namespace gantry::sdk
