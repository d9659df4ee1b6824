// The services that lead to one call: logging, clock, settings, buffers.
#include "base/clock.hpp"
#include "base/logging.hpp"
#include "plugin/instance.hpp"
#include "plugin/services.hpp"
#include "plugin/views.hpp"

namespace gantry::plugin {
namespace {

logging::Level level_of(uint32_t level) {
  if (level >= GANTRY_LOGGING_ERROR) return logging::Level::error;
  if (level >= GANTRY_LOGGING_WARN) return logging::Level::warn;
  return level >= GANTRY_LOGGING_INFO ? logging::Level::info : logging::Level::debug;
}

uint32_t log_enabled(const gantry_host*, uint32_t level) {
  return logging::enabled(level_of(level)) ? 1 : 0;
}

void log_write(const gantry_host* host, uint32_t level, gantry_str text) {
  if (log_enabled(host, level)) {
    logging::write(level_of(level), Instance::of(host).name(), view(text));
  }
}

int64_t clock_now_ms(const gantry_host* host) { return Instance::of(host).context().clock->now_ms(); }
uint64_t clock_now_ns(const gantry_host* host) {
  return Instance::of(host).context().clock->now_ns();
}

gantry_status settings_get(const gantry_host* host, gantry_str key, gantry_value* out) {
  return Instance::of(host).settings().get(view(key), *out);
}
gantry_status settings_item(const gantry_host* host, gantry_str key, uint32_t index,
                            gantry_value* out) {
  return Instance::of(host).settings().item(view(key), index, *out);
}

void buffer_retain(const gantry_host* host, gantry_buffer* buffer) {
  Instance::of(host).held_buffers().took(*buffer_of(buffer));
  buffer_of(buffer)->retain();
}
void buffer_release(const gantry_host* host, gantry_buffer* buffer) {
  Instance::of(host).held_buffers().gave(*buffer_of(buffer));
  buffer_of(buffer)->release();
}

gantry_status buffer_reserve(const gantry_host* host, uint64_t size, gantry_slice* out,
                             uint8_t** writable) {
  try {
    BufferRef buffer = make_buffer(size);
    *writable = buffer->data();
    *out = {buffer->data(), size, opaque(buffer.detach())};
    Instance::of(host).held_buffers().took(*out);
    return GANTRY_OK;
  } catch (const std::bad_alloc&) {
    return GANTRY_BUSY;
  }
}

uint8_t* buffer_scratch(gantry_arena* arena, uint64_t size) {
  try {
    return reinterpret_cast<dispatch::Arena*>(arena)->take(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

const gantry_logging& logging_service() {
  static constexpr gantry_logging table{sizeof table, 0, log_enabled, log_write};
  return table;
}
const gantry_clock& clock_service() {
  static constexpr gantry_clock table{sizeof table, 0, clock_now_ms, clock_now_ns};
  return table;
}
const gantry_settings& settings_service() {
  static constexpr gantry_settings table{sizeof table, 0, settings_get, settings_item};
  return table;
}
const gantry_buffers& buffers_service() {
  static constexpr gantry_buffers table{sizeof table,   0,              buffer_retain,
                                        buffer_release, buffer_reserve, buffer_scratch};
  return table;
}

}  // namespace gantry::plugin
