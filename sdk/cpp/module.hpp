// Registration: a module is a class; these templates make the constant tables the ABI wants, with the
// barrier in every function. What the class must have is what the table has: see each capability's
// header for meaning and thread.
//
//   constexpr gantry_request_handler handler = sdk::request_handler<Echo>(routes);
//   constexpr gantry_offer offers_handler = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
//   constexpr const gantry_offer* offers[] = {&offers_handler};
//   constexpr gantry_module module = sdk::module<Echo>({.name = "echo", .offers = offers});
//   constexpr const gantry_module* modules[] = {&module};
//   extern "C" const gantry_plugin gantry_plugin_v1 = sdk::plugin("org.acme.echo", "1.0", modules);
#pragma once

#include <gantry/plugin.h>

#include <span>

#include "cpp/host.hpp"

namespace gantry::sdk {

// Base of a module's class: the life-cycle steps it need not care for. A step that returns
// GANTRY_PENDING ends by host->complete(token).
class Module {
 public:
  explicit Module(const gantry_host* host) : host_(host) {}
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  virtual gantry_status start(gantry_token) { return GANTRY_OK; }
  virtual gantry_status quiesce(gantry_token) { return GANTRY_OK; }
  virtual void resume() {}
  virtual gantry_status drain(gantry_token) { return GANTRY_OK; }
  virtual void stop() {}

  const Host& host() const { return host_; }

 protected:
  Host host_;
};

template <class T>
T& from(gantry_instance* self) {
  return *reinterpret_cast<T*>(self);
}

struct ModuleFacts {
  const char* name;
  uint32_t flags = 0;
  std::span<const gantry_offer* const> offers = {};
  std::span<const gantry_need* const> needs = {};
  std::span<const gantry_setting* const> settings = {};
  const char* const* store_claims = nullptr;
};

template <class T>  // T: Module, constructible from const gantry_host*
constexpr gantry_module module(ModuleFacts facts) {
  gantry_module out{};
  out.struct_size = sizeof out;
  out.flags = facts.flags;
  out.name = facts.name;
  out.offer_count = static_cast<uint32_t>(facts.offers.size());
  out.need_count = static_cast<uint32_t>(facts.needs.size());
  out.setting_count = static_cast<uint32_t>(facts.settings.size());
  out.offers = facts.offers.data();
  out.needs = facts.needs.data();
  out.settings = facts.settings.data();
  out.store_claims = facts.store_claims;
  out.create = [](const gantry_host* host, gantry_instance** made, gantry_error* error) {
    return barrier(error, [&] {
      *made = reinterpret_cast<gantry_instance*>(new T(host));
      return GANTRY_OK;
    });
  };
  out.start = [](gantry_instance* self, gantry_token ready, gantry_error* error) {
    return barrier(error, [&] { return from<T>(self).start(ready); });
  };
  out.quiesce = [](gantry_instance* self, gantry_token idle, gantry_error* error) {
    return barrier(error, [&] { return from<T>(self).quiesce(idle); });
  };
  out.resume = [](gantry_instance* self, gantry_error* error) {
    return barrier(error, [&] {
      from<T>(self).resume();
      return GANTRY_OK;
    });
  };
  out.drain = [](gantry_instance* self, gantry_token drained, gantry_error* error) {
    return barrier(error, [&] { return from<T>(self).drain(drained); });
  };
  out.stop = [](gantry_instance* self) {
    barrier(nullptr, [&] {
      from<T>(self).stop();
      return GANTRY_OK;
    });
  };
  out.destroy = [](gantry_instance* self) { delete &from<T>(self); };
  return out;
}

constexpr gantry_offer offer(const char* id, const char* name, const void* table,
                             const char* const* after = nullptr) {
  return {sizeof(gantry_offer), 0, id, name, table, after};
}

constexpr gantry_need need(const char* id, bool required = true) {
  return {sizeof(gantry_need), required ? 1u : 0u, id};
}

constexpr gantry_setting setting_i64(const char* key, const char* help, int64_t fallback,
                                     int64_t least, int64_t most, uint32_t flags = 0) {
  return {sizeof(gantry_setting), GANTRY_I64,       flags, 0, key, help, i64_value(fallback),
          i64_value(least),       i64_value(most)};
}
constexpr gantry_setting setting_bool(const char* key, const char* help, bool fallback,
                                      uint32_t flags = 0) {
  return {sizeof(gantry_setting), GANTRY_BOOL,  flags, 0, key, help, bool_value(fallback),
          null_value(),           null_value()};
}
constexpr gantry_setting setting_str(const char* key, const char* help, const char* fallback,
                                     uint32_t flags = 0) {
  return {sizeof(gantry_setting), GANTRY_STR,   flags, 0, key, help, str_value(fallback),
          null_value(),           null_value()};
}
constexpr gantry_setting setting_list(const char* key, const char* help, const char* fallback,
                                      uint32_t flags = 0) {
  return {sizeof(gantry_setting), GANTRY_LIST,  flags, 0, key, help, str_value(fallback),
          null_value(),           null_value()};
}

template <size_t N>
constexpr gantry_plugin plugin(const char* id, const char* version,
                               const gantry_module* const (&modules)[N]) {
  return {sizeof(gantry_plugin), GANTRY_ABI_MAJOR, GANTRY_ABI_MINOR, 0, N, id, version, modules};
}

}  // namespace gantry::sdk
