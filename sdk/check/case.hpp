// Case: one question asked of a library or of one of its modules, in a process of its own. A case
// passes by returning, skips or fails by throwing, and may warn on its way. The lists of cases are
// constant; a Subject lives as long as the child process that asks.
#pragma once

#include <gantry/plugin.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace gantry::sdk::check {

enum class Outcome { passed, warning, skipped, failed, crashed };

// Thrown by a case that can't be asked here.
struct Skipped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Thrown by a case that found a fault.
struct Failed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Subject {
  std::string path;                       // of the library
  std::string data_dir;                   // an empty folder of this case alone
  uint64_t seed = 1;                      // of everything random
  const gantry_plugin* plugin = nullptr;  // null for cases of a library, which load it themselves
  const gantry_module* module = nullptr;  // likewise
  std::vector<std::string> modules = {};  // what the case `tables` found
  std::vector<std::string> warnings = {};
};

struct Case {
  const char* name;
  const char* sentence;  // what passes
  void (*run)(Subject& subject);
};

std::span<const Case> library_cases();  // in order; `tables` comes first of those that load it
std::span<const Case> module_cases();

// The cases, by the file they are in.
void exports_one_symbol(Subject& subject);
void has_no_unique_symbols(Subject& subject);
void needs_nothing_of_gantry(Subject& subject);
void tables_keep_the_contract(Subject& subject);
void routes_declare_their_access(Subject& subject);
void unmaps(Subject& subject);

void lives_without_what_it_may_lack(Subject& subject);
void lives_twice(Subject& subject);
void lives_beside_itself(Subject& subject);
void shares_a_folder_or_refuses(Subject& subject);
void refuses_bad_settings(Subject& subject);
void takes_valid_settings(Subject& subject);
void quiesces_under_load(Subject& subject);
void stops_under_load(Subject& subject);
void completes_once(Subject& subject);
void retains_nothing(Subject& subject);
void returns_soon(Subject& subject);
void survives_random_views(Subject& subject);

}  // namespace gantry::sdk::check
