// NodeAdmin: the module. Answers what operators ask of one node and RocketMQ has no code for, with
// JSON. Reading figures walks over every histogram and facts may block, so each request is answered
// on a worker. Made and ended on the control thread; handlers run on any shard.
#pragma once

#include <string>

#include "cpp/module.hpp"
#include "cpp/reply.hpp"
#include "fact_reader.hpp"
#include "figures.hpp"

namespace gantry::node_admin {

class NodeAdmin : public sdk::Module {
 public:
  explicit NodeAdmin(const gantry_host* host);

  gantry_status start(gantry_token) override;
  gantry_status handle(const gantry_call& call, const gantry_request& request, gantry_token token,
                       uint32_t why);
  void session_closed(const gantry_call&, gantry_session) {}

 private:
  struct Job;
  gantry_status answer(const gantry_call& call, const Job& job) const;
  gantry_status list(const gantry_call& call, gantry_token token) const;
  gantry_status describe(const gantry_call& call, const std::string& name,
                         gantry_token token) const;

  const gantry_timer& timer_;
  const sdk::Reply reply_;
  const Figures figures_;
  FactReader facts_;
};

}  // namespace gantry::node_admin
