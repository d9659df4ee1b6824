// What the commands about modules share: members of the admin door's answers, and how they are
// written. Pure functions; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"

namespace gantry::ctl {

// Of the plugin command: rates, again and again.
void add_plugin_top(CLI::App& plugin, Command& chosen);

// What isn't there, or isn't so, is empty and 0: the node may be older than this program.
std::string text_in(const boost::json::object& object, std::string_view member);
uint64_t number_in(const boost::json::object& object, std::string_view member);
Outcome<std::vector<boost::json::object>> plugins_in(const boost::json::object& answer);

std::string duration_text(uint64_t ns);  // "12.5us"; "-" for none
std::string bytes_text(uint64_t bytes);  // "1.5K"
// Why it doesn't run, else what was last wrong.
std::string last_words(const boost::json::object& plugin);

}  // namespace gantry::ctl
