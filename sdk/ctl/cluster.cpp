// gantryctl cluster
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "command.hpp"
#include "output.hpp"

namespace gantry::ctl {

namespace bj = boost::json;

namespace {

int show(Context& context) {
  const auto info = context.cluster.info();
  if (!info) return complain(info.error());
  bj::array brokers;
  Table table({"cluster", "broker", "id", "address"});
  for (const auto& [name, broker] : info->brokers) {
    for (const auto& [id, address] : broker.addresses) {
      brokers.push_back(bj::object{
          {"cluster", broker.cluster}, {"broker", name}, {"id", id}, {"address", address}});
      table.add({broker.cluster, name, fmt::format("{}", id), address});
    }
  }
  if (context.json) {
    print_json(bj::object{{"brokers", std::move(brokers)}});
  } else {
    table.print();
  }
  return 0;
}

}  // namespace

void add_cluster(CLI::App& app, Command& chosen) {
  app.add_subcommand("cluster", "brokers the nameserver knows")->callback([&chosen] {
    chosen = show;
  });
}

}  // namespace gantry::ctl
