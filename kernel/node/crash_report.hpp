// Crash reports: when the process dies of a signal, its last words say which module it was in, on
// the standard error output and in `gantry/crash` below the store root. One per process.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "plugin/crumbs.hpp"

namespace gantry::node::crash {

// From here on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT are reported, then end the process as they
// would have; a full stack only on threads that have a SignalStack. Under a sanitiser, which reports
// them itself, nothing is done.
void report_signals(const std::filesystem::path& root);

// Ends the process with a report of another thread's call.
[[noreturn]] void die(const std::string& what, const plugin::Crumb& crumb);

// What the last process left there.
struct Report {
  std::string instance;  // empty: it was in no module
  std::string capability;
  std::string call;
  std::string reason;  // "signal 11", or the watchdog's sentence
};
std::string text_of(const Report& report);
// Nothing in it when the text is no report.
Report parse(std::string_view text);

std::filesystem::path path_in(const std::filesystem::path& root);

}  // namespace gantry::node::crash
