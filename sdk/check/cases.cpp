// The lists of cases, in the order they are asked.
#include "check/case.hpp"

namespace gantry::sdk::check {

std::span<const Case> library_cases() {
  static constexpr Case all[] = {
      {"exports", "the library exports gantry_plugin_v1 and nothing else", exports_one_symbol},
      {"unique", "it has no unique symbols, which would keep it mapped", has_no_unique_symbols},
      {"undefined", "it expects no symbol of Gantry from the program that loads it",
       needs_nothing_of_gantry},
      {"tables", "it can be opened, and its tables keep the contract of the headers",
       tables_keep_the_contract},
      {"access", "every route says who may use it, and names resources where it says FIELD",
       routes_declare_their_access},
      {"unmaps", "after its modules have lived, closing the library unmaps it", unmaps},
  };
  return all;
}

std::span<const Case> module_cases() {
  static constexpr Case all[] = {
      {"missing_services", "without the services it may lack, it starts or refuses with a reason",
       lives_without_what_it_may_lack},
      {"bad_settings", "defaults are valid; unknown keys and values out of bounds are refused",
       refuses_bad_settings},
      {"random_settings",
       "starts with any value its bounds allow, or names the other key that forbids it",
       takes_valid_settings},
      {"life_twice", "two whole lives in one process, the second on what the first has stored",
       lives_twice},
      {"completions", "life-cycle steps and calls that complete later do so once, and in time",
       completes_once},
      {"two_at_once", "two instances share nothing but code", lives_beside_itself},
      {"one_folder", "a second instance on the same folder lives, or is refused with a reason",
       shares_a_folder_or_refuses},
      {"under_load",
       "answers requests, takes records, judges and edits, also while it is quiescent",
       quiesces_under_load},
      {"stop_under_load", "stops with requests, records and writes on their way", stops_under_load},
      {"retained", "holds no buffer once it has stopped", retains_nothing},
      {"slow", "no call takes more than 50 ms, else a warning", returns_soon},
      {"random_views", "survives empty, huge and random texts wherever it is shown a message",
       survives_random_views},
  };
  return all;
}

}  // namespace gantry::sdk::check
