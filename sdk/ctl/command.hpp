// Command: what the parsed command line chose to do, and how commands answer. Values of the one
// thread of gantryctl. Each add_...() gives the application a family of sub-commands; parsing one
// of them sets `chosen`.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <vector>

#include "client/admin_door.hpp"
#include "client/cluster.hpp"

namespace gantry::ctl {

// What every command is given.
struct Context {
  client::Cluster& cluster;
  client::AdminDoor& admin;
  bool json = false;  // answer with documents, one a line
};

// Answers the process's exit code: 0 when all was done, 1 when not.
using Command = std::function<int(Context&)>;

void add_topic(CLI::App& app, Command& chosen);
void add_group(CLI::App& app, Command& chosen);
// Of the group command: where groups go on.
void add_offsets(CLI::App& group, Command& chosen);
void add_message(CLI::App& app, Command& chosen);
void add_send(CLI::App& app, Command& chosen);
void add_consume(CLI::App& app, Command& chosen);
// Loads libraries of filters.
void add_filter(CLI::App& app, Command& chosen);
void add_cluster(CLI::App& app, Command& chosen);
void add_plugin(CLI::App& app, Command& chosen);
// Needs no cluster: prints while parsing, and ends that.
void add_completion(CLI::App& app);

// A sentence on standard error; answers 1.
int complain(const Failure& why);

}  // namespace gantry::ctl
