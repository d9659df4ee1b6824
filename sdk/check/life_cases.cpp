// Cases of the life cycle: alone, twice, beside itself, and on a host that lacks services.
#include <gantry/cap/groups.h>
#include <gantry/cap/metadata_store.h>
#include <gantry/cap/topics.h>

#include "check/case.hpp"
#include "check/load.hpp"
#include "check/rig.hpp"
#include "check/shim.hpp"
#include "cpp/values.hpp"

namespace gantry::sdk::check {
namespace {

constexpr int64_t long_ms = 60'000;

// "<module>: start failed with status -3: " has no reason in it.
void expect_a_reason(const std::exception& refused) {
  const std::string text = refused.what();
  if (text.ends_with(": "))
    throw Failed("it refused to start without filling the error record: " + text);
}

void live(Rig& rig) {
  rig.start();
  rig.host.quiesce(rig.instance());
  rig.host.resume(rig.instance());
  rig.host.run_until_idle();
}

// One call of a capability whose completion the module owes.
class Owed {
 public:
  Owed(std::string what, Rig& rig,
       const std::function<gantry_status(const gantry_call&, gantry_completion)>& call)
      : what_(std::move(what)) {
    rig.host.on_shard([&](const gantry_call& now) {
      taken_ = call(now, then_.get()) >= GANTRY_OK;
      if (then_.called()) throw Failed(what_ + " completed before it returned");
    });
  }
  void expect_one(const char* when) const {
    const int expected = taken_ ? 1 : 0;
    if (then_.count() != expected)
      throw Failed(what_ + (taken_ ? "" : ", which was refused,") + " was completed " +
                   std::to_string(then_.count()) + " times " + when);
  }

 private:
  const std::string what_;
  fake::Completion then_;
  bool taken_ = false;
};

// A call of each capability of the module that completes later.
std::list<Owed> ask_all(Rig& rig) {
  std::list<Owed> out;
  const fake::Instance& of = rig.instance();
  if (rig.offer(GANTRY_CAP_METADATA_STORE))
    out.emplace_back("metadata_store.write", rig, [&](const auto& call, auto then) {
      const auto& table = of.table<gantry_metadata_store>(GANTRY_CAP_METADATA_STORE);
      const gantry_document document{str("checks"), bytes(std::string_view("key")),
                                     bytes(std::string_view("value"))};
      return table.write(of.self(), &call, &document, 1, GANTRY_WRITE_NOW, then);
    });
  if (rig.offer(GANTRY_CAP_TOPICS))
    out.emplace_back("topics.ensure", rig, [&](const auto& call, auto then) {
      const auto& table = of.table<gantry_topics>(GANTRY_CAP_TOPICS);
      const gantry_topic wanted = fake::Broker::plain_topic();
      return table.ensure(of.self(), &call, str("checked"), &wanted, then);
    });
  if (rig.offer(GANTRY_CAP_GROUPS))
    out.emplace_back("groups.ensure", rig, [&](const auto& call, auto then) {
      const auto& table = of.table<gantry_groups>(GANTRY_CAP_GROUPS);
      return table.ensure(of.self(), &call, str("checked"), then);
    });
  return out;
}

}  // namespace

void lives_without_what_it_may_lack(Subject& subject) {
  Shim shim(*subject.module, true);
  Rig rig(*subject.plugin, shim.module(), subject, {.offers_optional = false});
  try {
    live(rig);
  } catch (const std::runtime_error& refused) {
    return expect_a_reason(refused);
  }
  Load load(rig, subject.seed, false);
  load.run_all();
  rig.stop();
}

void lives_twice(Subject& subject) {
  const auto stored = std::make_shared<Stored>();
  for (int i = 0; i < 2; ++i) {
    Rig rig(subject, {.stored = stored});
    live(rig);
    Load(rig, subject.seed, false).run_all();  // the second life begins with what it left
    rig.host.advance_ms(long_ms);
    rig.stop();
  }
}

void completes_once(Subject& subject) {
  Shim shim(*subject.module, false);
  Rig rig(*subject.plugin, shim.module(), subject);
  live(rig);
  const std::list<Owed> early = ask_all(rig);
  rig.host.advance_ms(long_ms);
  for (const Owed& one : early) one.expect_one("after a minute");
  const std::list<Owed> late = ask_all(rig);
  rig.stop();
  for (const Owed& one : early) one.expect_one("by the end of stop");
  for (const Owed& one : late) one.expect_one("by the end of stop");
  std::string faults;
  for (const std::string& fault : shim.faults()) faults += (faults.empty() ? "" : "; ") + fault;
  if (!faults.empty()) throw Failed(faults);
}

void lives_beside_itself(Subject& subject) {
  Rig one(subject, {.folder = "one"});
  Rig other(subject, {.folder = "other"});
  one.start();
  Load first(one, subject.seed, false);
  first.run_all();
  other.start();
  Load second(other, subject.seed + 1, false);
  first.run_all();
  second.run_all();
  one.stop();
  second.run_all();
  other.stop();
}

void shares_a_folder_or_refuses(Subject& subject) {
  if (subject.module->flags & GANTRY_MODULE_STORE_ROOT)
    throw Skipped("it claims files of the store root, which the host gives to one instance only");
  Rig one(subject);
  one.start();
  Rig other(subject);
  bool both = false;
  try {
    other.start();
    both = true;
  } catch (const std::runtime_error& refused) {
    expect_a_reason(refused);
  }
  Load first(one, subject.seed, false);
  first.run_all();
  if (both) {
    Load second(other, subject.seed + 1, false);
    second.run_all();
    other.stop();
  }
  first.run_all();
  one.stop();
}

}  // namespace gantry::sdk::check
