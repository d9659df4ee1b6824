// gantryctl: what users and operators do from a shell.
#include <fmt/format.h>

#include <cstdio>

#include "command.hpp"

namespace gantry::ctl {

int complain(const Failure& why) {
  std::fflush(stdout);
  fmt::print(stderr, "gantryctl: {}\n", why.text);
  return 1;
}

}  // namespace gantry::ctl

int main(int argc, char** argv) {
  using namespace gantry;
  constexpr int wrong_usage = 2;
  CLI::App app{"gantryctl, the tool for users and operators of Gantry"};
  app.require_subcommand(1);
  app.fallthrough();
  std::string nameservers = "127.0.0.1:9876";
  app.add_option("-n,--nameserver,--namesrvAddr", nameservers, "\"host:port\", several with ;")
      ->envname("NAMESRV_ADDR");
  std::string admin = "127.0.0.1:10910";
  app.add_option("--admin", admin, "\"host:port\" of a node's admin door, for plugin")
      ->envname("GANTRY_ADMIN");
  bool json = false;
  app.add_flag("--json", json, "documents, one a line, instead of tables");
  ctl::Command chosen;
  ctl::add_topic(app, chosen);
  ctl::add_group(app, chosen);
  ctl::add_message(app, chosen);
  ctl::add_send(app, chosen);
  ctl::add_consume(app, chosen);
  ctl::add_filter(app, chosen);
  ctl::add_cluster(app, chosen);
  ctl::add_plugin(app, chosen);
  ctl::add_completion(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& shown) {
    return app.exit(shown);
  } catch (const CLI::ParseError& wrong) {
    app.exit(wrong);
    return wrong_usage;
  }
  client::Cluster cluster(nameservers);
  client::AdminDoor admin_door(admin);
  ctl::Context context{cluster, admin_door, json};
  return chosen(context);
}
