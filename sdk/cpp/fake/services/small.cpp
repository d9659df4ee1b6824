// The services that only look at what the host has: logging, clock, settings, buffers.
#include <gantry/host/buffers.h>

#include <algorithm>

#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

InstanceState& of(const gantry_host* host) {
  return InstanceState::of(host);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

uint32_t known(uint32_t level) {
  for (const uint32_t one : {GANTRY_LOGGING_ERROR, GANTRY_LOGGING_WARN, GANTRY_LOGGING_INFO}) {
    if (level >= one) return one;
  }
  return GANTRY_LOGGING_DEBUG;
}

uint32_t enabled(const gantry_host*, uint32_t) {
  return 1;
}

void write(const gantry_host* host, uint32_t level, gantry_str text) {
  std::string line(view(text));
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  of(host).core->lines.push_back({of(host).name, known(level), std::move(line)});
}

int64_t now_ms(const gantry_host* host) {
  return of(host).core->clock.now_ms();
}
uint64_t now_ns(const gantry_host* host) {
  return of(host).core->clock.now_ns();
}

const SettingValue* find_setting(const gantry_host* host, std::string_view key) {
  const InstanceState& instance = of(host);
  if (const auto own = instance.settings.find(key); own != instance.settings.end())
    return &own->second;
  const auto fact = instance.core->facts.find(key);
  return fact == instance.core->facts.end() ? nullptr : &fact->second;
}

struct ToValue {
  gantry_value operator()(bool value) const { return bool_value(value); }
  gantry_value operator()(int64_t value) const { return i64_value(value); }
  gantry_value operator()(double value) const { return {GANTRY_F64, 0, {.f = value}}; }
  gantry_value operator()(const std::string& value) const { return str_value(value); }
  gantry_value operator()(const SettingValue::List& value) const {
    return {GANTRY_LIST, 0, {.i = static_cast<int64_t>(value.size())}};
  }
};

gantry_status get(const gantry_host* host, gantry_str key, gantry_value* out) {
  const SettingValue* value = find_setting(host, view(key));
  if (!value) return GANTRY_GONE;
  *out = std::visit(ToValue(), value->get());
  return GANTRY_OK;
}

gantry_status item(const gantry_host* host, gantry_str key, uint32_t index, gantry_value* out) {
  const SettingValue* value = find_setting(host, view(key));
  const auto* list = value ? std::get_if<SettingValue::List>(&value->get()) : nullptr;
  if (!list || index >= list->size()) return GANTRY_GONE;
  *out = str_value((*list)[index]);
  return GANTRY_OK;
}

void retain(const gantry_host* host, gantry_buffer* buffer) {
  if (!of(host).core->buffers.retain(buffer))
    of(host).core->breach(of(host).name + " retained a buffer that is not alive");
  of(host).took(buffer);
}

void release(const gantry_host* host, gantry_buffer* buffer) {
  of(host).gave(buffer);
  if (!of(host).core->buffers.release(buffer))
    of(host).core->breach(of(host).name + " released a buffer that is not alive");
}

gantry_status reserve(const gantry_host* host, uint64_t size, gantry_slice* out,
                      uint8_t** writable) {
  *out = of(host).core->buffers.make(size, "buffers.reserve by " + of(host).name);
  *writable = const_cast<uint8_t*>(out->data);
  of(host).took(out->buffer);
  return GANTRY_OK;
}

uint8_t* scratch(gantry_arena* arena, uint64_t size) {
  return reinterpret_cast<Arena*>(arena)->take(size);
}

}  // namespace

const gantry_logging& logging_service() {
  static constexpr gantry_logging table{sizeof table, 0, enabled, write};
  return table;
}

const gantry_clock& clock_service() {
  static constexpr gantry_clock table{sizeof table, 0, now_ms, now_ns};
  return table;
}

const gantry_settings& settings_service() {
  static constexpr gantry_settings table{sizeof table, 0, get, item};
  return table;
}

const gantry_buffers& buffers_service() {
  static constexpr gantry_buffers table{sizeof table, 0, retain, release, reserve, scratch};
  return table;
}

}  // namespace gantry::sdk::fake
