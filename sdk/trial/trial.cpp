#include "trial/trial.hpp"

#include <gantry/cap/facts.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <utility>

#include "cpp/values.hpp"

namespace gantry::sdk::trial {
namespace {

constexpr size_t batch_max = 32;

using Steady = std::chrono::steady_clock;

int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// Runs what judges and counts the time in it.
template <class Judge>
gantry_status timed(uint64_t& ns, Judge&& judge) {
  const auto begin = Steady::now();
  const gantry_status status = judge();
  ns += static_cast<uint64_t>(std::chrono::nanoseconds(Steady::now() - begin).count());
  return status;
}

gantry_index_entry entry_of(const gantry_message& message) {
  return {message.log_offset, message.tag_code, static_cast<int32_t>(message.record_size), 0};
}

bool is_error(uint8_t verdict) {
  return verdict != GANTRY_VERDICT_SKIP && verdict != GANTRY_VERDICT_DELIVER;
}

Verdict verdict_of(uint8_t verdict) {
  if (is_error(verdict)) return Verdict::error;
  return verdict == GANTRY_VERDICT_DELIVER ? Verdict::deliver : Verdict::skip;
}

std::string error_of(const gantry_call& call, gantry_status status) {
  if (call.error->text[0] != '\0') return call.error->text;
  return status < GANTRY_OK ? "the filter answered status " + std::to_string(status)
                            : "the filter said no reason";
}

void note_error(const gantry_call& call, gantry_status status, Pass& pass) {
  if (pass.first_error.empty()) pass.first_error = error_of(call, status);
}

Fact fact_of(const gantry_fact& fact) {
  Fact out{std::string(view(fact.subject)), std::string(view(fact.name)), false};
  switch (fact.value.kind) {
    case GANTRY_BOOL:
      out.value = fact.value.as.i != 0;
      break;
    case GANTRY_I64:
      out.value = fact.value.as.i;
      break;
    case GANTRY_F64:
      out.value = fact.value.as.f;
      break;
    default:
      out.value = std::string(view(fact.value.as.s));
  }
  return out;
}

}  // namespace

Trial::Trial(const TrialOptions& options) : clock_(wall_ms()) {
  std::vector<const gantry_plugin*> plugins;
  for (const std::string& library : options.libraries) {
    plugins.push_back(&libraries_.emplace_back(library).plugin());
  }
  if (!options.otherwise.empty() && !offers_filter(plugins, options.expression_type)) {
    plugins.push_back(&libraries_.emplace_back(options.otherwise).plugin());
  }
  fake::HostOptions host;
  host.clock = &clock_;
  host_ = std::make_unique<fake::Host>(host);
  modules_ = load_modules(*host_, plugins, options);
  host_->start();
  table_ = &modules_.filter->table<gantry_filter>(GANTRY_CAP_FILTER, modules_.expression_type);
}

Trial::~Trial() {
  end();
}

std::vector<std::string> Trial::end() {
  if (!host_) return {};
  if (program_) table_->release(std::exchange(program_, nullptr));
  std::vector<std::string> breaches = host_->take_breaches();
  try {
    host_->stop();
  } catch (const std::exception& broken) {
    breaches.emplace_back(broken.what());
  }
  host_.reset();
  return breaches;
}

std::optional<Wrong> Trial::compile(std::string_view expression) {
  std::optional<Wrong> wrong;
  host_->on_worker([&](const gantry_call& call) {
    gantry_compiled compiled{};
    compiled.struct_size = sizeof compiled;
    const gantry_status status =
        table_->compile(modules_.filter->self(), &call, str(expression), &compiled);
    program_ = compiled.program;
    if (status == GANTRY_OK && program_) return;
    wrong = Wrong{error_of(call, status), compiled.line, compiled.column};
  });
  return wrong;
}

Pass Trial::judge(const Records& records) {
  Pass pass;
  pass.verdicts.reserve(records.size());
  std::span<const gantry_message> left = records.messages();
  while (!left.empty()) {
    const auto messages = left.first(std::min(left.size(), batch_max));
    host_->on_shard([&](const gantry_call& call) { judge_batch(call, messages, pass); });
    left = left.subspan(messages.size());
  }
  return pass;
}

void Trial::judge_batch(const gantry_call& call, std::span<const gantry_message> messages,
                        Pass& pass) {
  std::array<uint8_t, batch_max> verdicts;
  std::array<gantry_index_entry, batch_max> entries;
  verdicts.fill(GANTRY_VERDICT_LOOK);
  std::ranges::transform(messages, entries.begin(), entry_of);
  if (table_->match_index) {
    const auto count = static_cast<uint32_t>(messages.size());
    const gantry_status status = timed(pass.ns, [&] {
      return table_->match_index(program_, &call, entries.data(), count, verdicts.data());
    });
    if (status < GANTRY_OK) verdicts.fill(GANTRY_VERDICT_ERROR);
    if (std::ranges::count(verdicts, GANTRY_VERDICT_ERROR) > 0) note_error(call, status, pass);
  }
  std::array<gantry_message, batch_max> unsure;
  std::array<size_t, batch_max> places;
  size_t looks = 0;
  for (size_t i = 0; i < messages.size(); ++i) {
    if (verdicts[i] != GANTRY_VERDICT_LOOK) continue;
    places[looks] = i;
    unsure[looks++] = messages[i];
  }
  pass.looked += looks;
  std::array<uint8_t, batch_max> looked;
  look(call, {unsure.data(), looks}, looked.data(), pass);
  for (size_t i = 0; i < looks; ++i) verdicts[places[i]] = looked[i];
  for (size_t i = 0; i < messages.size(); ++i) pass.verdicts.push_back(verdict_of(verdicts[i]));
}

// Readers stop at the first error, so a filter need not judge what is behind it: that is asked for
// one by one.
void Trial::look(const gantry_call& call, std::span<const gantry_message> messages,
                 uint8_t* verdicts, Pass& pass) {
  if (messages.empty()) return;
  const gantry_status status = match(call, messages, verdicts, pass);
  if (messages.size() == 1) return;
  const uint8_t* first = std::find_if(verdicts, verdicts + messages.size(), is_error);
  const size_t begin = status < GANTRY_OK ? 0 : static_cast<size_t>(first - verdicts) + 1;
  for (size_t i = begin; i < messages.size(); ++i) {
    if (is_error(verdicts[i])) match(call, messages.subspan(i, 1), verdicts + i, pass);
  }
}

gantry_status Trial::match(const gantry_call& call, std::span<const gantry_message> messages,
                           uint8_t* verdicts, Pass& pass) {
  gantry_batch batch{};
  batch.struct_size = sizeof batch;
  batch.stride = sizeof(gantry_message);
  batch.count = static_cast<uint32_t>(messages.size());
  batch.first = messages.data();
  std::fill_n(verdicts, messages.size(), uint8_t{GANTRY_VERDICT_ERROR});
  const gantry_status status =
      timed(pass.ns, [&] { return table_->match(program_, &call, &batch, verdicts); });
  if (status < GANTRY_OK) std::fill_n(verdicts, messages.size(), uint8_t{GANTRY_VERDICT_ERROR});
  if (std::any_of(verdicts, verdicts + messages.size(), is_error)) note_error(call, status, pass);
  return status;
}

std::vector<Fact> Trial::facts() {
  std::vector<Fact> out;
  for (fake::Instance* instance : modules_.all) {
    const gantry_facts* table = instance->find_table<gantry_facts>(GANTRY_CAP_FACTS);
    if (!table) continue;
    host_->on_worker([&](const gantry_call& call) {
      std::vector<gantry_fact> room;
      uint32_t count = 0;
      do {
        room.resize(count);
        const gantry_status status =
            table->read(instance->self(), &call, room.data(), count, &count);
        if (status != GANTRY_OK) return;
      } while (count > room.size());
      room.resize(count);
      for (const gantry_fact& fact : room) out.push_back(fact_of(fact));
    });
  }
  return out;
}

}  // namespace gantry::sdk::trial
