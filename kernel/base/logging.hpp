// Diagnostics for operators: one line a message on stderr, levels as in spdlog. Any thread.
// Control characters in a text become spaces. Never called per message on the hot path.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace gantry::logging {

// off: for set_level, tells nothing.
enum class Level : int { debug = 0, info = 1, warn = 2, error = 3, off = 4 };

void set_level(Level level);
bool enabled(Level level);
void write(Level level, std::string_view source, std::string_view text);

template <class... Args>
void log(Level level, std::string_view source, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(level)) write(level, source, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(std::string_view source, fmt::format_string<Args...> format, Args&&... args) {
  log(Level::info, source, format, std::forward<Args>(args)...);
}
template <class... Args>
void warn(std::string_view source, fmt::format_string<Args...> format, Args&&... args) {
  log(Level::warn, source, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(std::string_view source, fmt::format_string<Args...> format, Args&&... args) {
  log(Level::error, source, format, std::forward<Args>(args)...);
}

}  // namespace gantry::logging
