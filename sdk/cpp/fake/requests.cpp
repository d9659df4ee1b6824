#include "cpp/fake/requests.hpp"

#include <algorithm>
#include <stdexcept>

#include "cpp/barrier.hpp"
#include "cpp/fake/core.hpp"

namespace gantry::sdk::fake {
namespace {

constexpr int32_t system_error = 1;
constexpr int32_t system_busy = 2;
constexpr int32_t not_supported = 3;

const gantry_route* route_of(const gantry_request_handler& table, int32_t code) {
  const auto* const end = table.routes + table.route_count;
  const auto* const found = std::find_if(
      table.routes, end, [&](const gantry_route* route) { return route->code == code; });
  return found == end ? nullptr : *found;
}

bool is_fallback(const gantry_route& route) {
  return (route.flags & GANTRY_ROUTE_FALLBACK) != 0;
}

}  // namespace

bool Requests::is_door(const std::string& door) const {
  return core_.doors.contains(door) ||
         std::any_of(core_.instances.begin(), core_.instances.end(),
                     [&](const InstanceState& instance) { return instance.name == door; });
}

std::vector<Requests::Target> Requests::handlers(const std::string& door) const {
  const auto listed = core_.doors.find(door);
  const std::vector<std::string> names =
      listed == core_.doors.end() ? std::vector<std::string>{door} : listed->second;
  std::vector<Target> out;
  for (const std::string& name : names)
    for (InstanceState& instance : core_.instances)
      if (instance.name == name)
        if (const gantry_offer* offer = instance.offer(GANTRY_CAP_REQUEST_HANDLER))
          out.push_back({&instance, static_cast<const gantry_request_handler*>(offer->table)});
  return out;
}

Requests::Target Requests::route(const std::string& door, int32_t code) const {
  Target fallback;
  for (const Target& target : handlers(door)) {
    const gantry_route* const found = route_of(*target.table, code);
    if (!target.instance->running || !found) continue;
    if (!is_fallback(*found)) return target;
    if (!fallback.table) fallback = target;
  }
  return fallback;
}

void Requests::connect() {
  for (const auto& [door, names] : core_.doors) {
    std::map<int32_t, std::string> served;
    for (const Target& target : handlers(door)) {
      for (uint32_t i = 0; i < target.table->route_count; ++i) {
        if (is_fallback(*target.table->routes[i])) continue;
        const int32_t code = target.table->routes[i]->code;
        const auto [at, fresh] = served.emplace(code, target.instance->name);
        if (!fresh)
          throw std::runtime_error("door " + door + ": code " + std::to_string(code) +
                                   " is served by " + at->second + " and by " +
                                   target.instance->name);
      }
    }
  }
}

gantry_session Requests::open_session(gantry_session session, const std::string& door) {
  const auto shard = static_cast<uint32_t>(session % core_.options.shard_count);
  sessions_.try_emplace(session, Session{shard, {}}).first->second.doors.insert(door);
  return session;
}

uint32_t Requests::shard_of(gantry_session session) const {
  const auto at = sessions_.find(session);
  return at == sessions_.end() ? GANTRY_NO_SHARD : at->second.shard;
}

std::shared_ptr<Exchange> Requests::send(const std::string& door, const Request& request,
                                         Ended ended) {
  if (!is_door(door)) throw std::logic_error("there is no door or instance named " + door);
  if (request.session == 0) throw std::logic_error("session 0 is the node itself");
  auto exchange = std::make_shared<Exchange>();
  exchange->request = request;
  open_session(request.session, door);
  Open open;
  open.exchange = exchange;
  open.ended = std::move(ended);
  open.session = request.session;
  open.one_way = request.one_way;
  open.place = Place::at_shard(shard_of(request.session));
  core_.loop.post(open.place, [this, door, open](const gantry_call&) {
    begin(door, open, std::make_shared<Frame>(open.exchange->request, 0, core_.buffers));
  });
  return exchange;
}

void Requests::begin(const std::string& door, Open open, std::shared_ptr<const Frame> frame) {
  if (open.session != 0 && !is_open(open.session)) {
    open.exchange->dropped = true;
    if (open.ended) open.ended(nullptr);
    return;
  }
  const Target target = route(door, frame->view().code);
  open.handler = target.instance;
  open.table = target.table;
  open.frame = std::move(frame);
  const int32_t code = open.frame->view().code;
  const gantry_token token = next_;
  next_ += 0x100000001;
  open_.emplace(token, std::move(open));
  if (!target.table)
    return refuse(token, not_supported, " request type " + std::to_string(code) + " not supported");
  run(token, GANTRY_FIRST);
}

void Requests::run(gantry_token token, uint32_t why) {
  Open& open = open_.at(token);
  if (open.timer) core_.loop.cancel(std::exchange(open.timer, 0));
  open.phase = Phase::running;
  const std::shared_ptr<const Frame> frame = open.frame;  // lives until handle() returns
  InstanceState& handler = *open.handler;
  const gantry_request_handler& table = *open.table;
  for (uint32_t i = 0; i < handler.module->offer_count; ++i)
    if (handler.module->offers[i]->table == &table) ++handler.figures[i].calls;
  core_.loop.run_at(open.place, [&](const gantry_call& call) {
    const gantry_status status = table.handle(handler.self, &call, &frame->view(), token, why);
    finish(token, status, *call.error);
  });
}

void Requests::finish(gantry_token token, gantry_status status, const gantry_error& error) {
  const auto at = open_.find(token);
  if (at == open_.end()) return;  // answered
  Open& open = at->second;
  if (!open.kept) open.frame = nullptr;
  if (status == GANTRY_PENDING) {
    if (open.phase == Phase::running) open.phase = Phase::pending;
    return;
  }
  if (status == GANTRY_OK && open.phase == Phase::waiting) return;
  if (status == GANTRY_OK) {
    core_.breach(open.handler->name + " returned OK without an answer");
    return refuse(token, system_error, "the request was not answered");
  }
  refuse(token, error.wire_code ? error.wire_code : system_error, error.text);
}

void Requests::refuse(gantry_token token, int32_t code, std::string text) {
  answer(token, {code, std::move(text), {}, {}});
}

void Requests::answer(gantry_token token, Answer answer) {
  auto node = open_.extract(token);
  const Open& open = node.mapped();
  if (open.timer) core_.loop.cancel(open.timer);
  if (open.deadline) core_.loop.cancel(open.deadline);
  if (open.exchange) {
    if (open.ended) open.ended(&answer);
    if (!open.one_way) open.exchange->answer = std::move(answer);
    return;
  }
  // In a turn of its own: the caller may be inside the call that answers.
  core_.promises.end_later(open.promise, answer);
}

Requests::Open* Requests::find(gantry_token token) {
  const auto at = open_.find(token);
  if (at != open_.end()) return &at->second;
  ++late_;
  return nullptr;
}

void Requests::release_body(const gantry_response& response) {
  for (uint32_t i = 0; i < response.body_count; ++i)
    if (response.body[i].buffer && !core_.buffers.release(response.body[i].buffer))
      core_.breach("an answer's body has a buffer that was released before");
}

gantry_status Requests::respond(gantry_token token, const gantry_response& response) {
  Answer copy = answer_of(response);
  release_body(response);
  const Open* open = find(token);
  if (!open) return GANTRY_GONE;
  if (open->phase == Phase::waiting) {
    ++late_;
    return GANTRY_GONE;
  }
  answer(token, std::move(copy));
  return GANTRY_OK;
}

gantry_status Requests::respond_after(gantry_token token, const gantry_response& response,
                                      int64_t log_end, uint32_t marks, uint32_t timeout_ms,
                                      const int32_t* late_codes, uint32_t late_code_count) {
  Answer copy = answer_of(response);
  release_body(response);
  Open* open = find(token);
  if (!open) return GANTRY_GONE;
  if (open->phase == Phase::waiting) {
    ++late_;
    return GANTRY_GONE;
  }
  if (open->timer) core_.loop.cancel(std::exchange(open->timer, 0));
  open->phase = Phase::waiting;
  open->answer = std::move(copy);
  open->log_end = log_end;
  open->marks = marks;
  for (uint32_t i = 0; i < late_code_count && i < GANTRY_MARK_COUNT; ++i)
    open->late_codes[i] = late_codes[i];
  open->timer = core_.loop.arm_ms(timeout_ms, open->place,
                                  [this, token](const gantry_call&) { late_mark(token); });
  settle();
  return GANTRY_OK;
}

// VISIBLE means for an answer: and the queue index has consumed so far.
int64_t Requests::reached(uint32_t mark) const {
  const int64_t at = core_.log.mark(mark);
  return mark == GANTRY_MARK_VISIBLE ? std::min(at, core_.dispatch.indexed()) : at;
}

bool Requests::passed(const Open& open) const {
  for (uint32_t mark = 0; mark < GANTRY_MARK_COUNT; ++mark)
    if ((open.marks >> mark & 1) && reached(mark) < open.log_end) return false;
  return true;
}

void Requests::late_mark(gantry_token token) {
  Open& open = open_.at(token);
  open.timer = 0;
  for (uint32_t mark = 0; mark < GANTRY_MARK_COUNT; ++mark) {
    if (!(open.marks >> mark & 1) || reached(mark) >= open.log_end) continue;
    open.answer.code = open.late_codes[mark] ? open.late_codes[mark] : system_error;
    break;
  }
  open.answer.remark = "the log's marks did not pass in time";
  answer(token, Answer(open.answer));
}

void Requests::cut(int64_t log_end) {
  for (auto& [token, open] : open_) open.cut_at = std::min(open.cut_at, log_end);
  settle();
}

void Requests::settle() {
  std::vector<gantry_token> waiting;
  for (const auto& [token, open] : open_)
    if (open.phase == Phase::waiting) waiting.push_back(token);
  for (const gantry_token token : waiting) {
    Open& open = open_.at(token);
    if (open.log_end > open.cut_at) {
      open.answer.code = system_error;
      open.answer.remark = "the log was cut below the record";
      answer(token, Answer(open.answer));
    } else if (passed(open)) {
      answer(token, Answer(open.answer));
    } else if (!core_.log.failure().empty()) {
      open.answer.code = system_error;
      open.answer.remark = core_.log.failure();
      answer(token, Answer(open.answer));
    }
  }
}

gantry_status Requests::keep(gantry_token token, const gantry_request** out) {
  Open* open = find(token);
  if (!open) return GANTRY_GONE;
  if (!open->kept) {
    if (open->phase != Phase::running || !open->frame) return GANTRY_INVALID;
    open->frame = std::make_shared<Frame>(*open->frame, core_.buffers);
    open->kept = true;
  }
  if (out) *out = &open->frame->view();
  return GANTRY_OK;
}

gantry_status Requests::park(gantry_token token, uint64_t timeout_ms) {
  const gantry_status kept = keep(token, nullptr);
  if (kept != GANTRY_OK) return kept;
  Open& open = open_.at(token);
  if (open.phase != Phase::running) return GANTRY_INVALID;
  open.phase = Phase::parked;
  open.timer = core_.loop.arm_ms(timeout_ms, open.place, [this, token](const gantry_call&) {
    open_.at(token).timer = 0;
    run(token, GANTRY_TIMED_OUT);
  });
  return GANTRY_OK;
}

gantry_status Requests::wake(gantry_token token) {
  const Open* open = find(token);
  if (!open) return GANTRY_GONE;
  core_.loop.post(open->place, [this, token](const gantry_call&) {
    const auto at = open_.find(token);
    if (at != open_.end() && at->second.phase == Phase::parked) run(token, GANTRY_WOKEN);
  });
  return GANTRY_OK;
}

gantry_status Requests::call(InstanceState& owner, const std::string& door,
                             const gantry_request& request, uint64_t timeout_ms,
                             gantry_completion then) {
  if (!is_door(door)) return GANTRY_GONE;
  const Place place = core_.loop.completion_place();
  Open open;
  open.promise = core_.promises.begin(owner, then, "requests.call", place);
  open.reply = place;
  open.place = place.kind == Place::Kind::shard ? place : Place::at_shard(0);
  open.one_way = (request.flags & GANTRY_REQUEST_ONE_WAY) != 0;
  const uint32_t flags = request.flags | GANTRY_REQUEST_IN_PROCESS;
  auto frame = std::make_shared<Frame>(request, 0, flags, core_.buffers);
  open.deadline =
      core_.loop.arm_ms(timeout_ms, place, [this, promise = open.promise](const gantry_call& call) {
        std::erase_if(open_, [&](const auto& entry) { return entry.second.promise == promise; });
        core_.promises.end(promise, call, GANTRY_BUSY, nullptr);
      });
  core_.loop.post(open.place,
                  [this, door, open, frame](const gantry_call&) { begin(door, open, frame); });
  return GANTRY_OK;
}

void Requests::close_session(gantry_session session) {
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) throw std::logic_error("no such session is open");
  const Session closed = at->second;
  sessions_.erase(at);
  for (auto entry = open_.begin(); entry != open_.end();) {
    const Open& open = entry->second;
    if (open.session != session) {
      ++entry;
      continue;
    }
    if (open.timer) core_.loop.cancel(open.timer);
    open.exchange->dropped = true;
    if (open.ended) open.ended(nullptr);
    entry = open_.erase(entry);
  }
  std::set<const gantry_instance*> told;
  for (const std::string& door : closed.doors)
    for (const Target& target : handlers(door))
      if (target.instance->running && told.insert(target.instance->self).second)
        core_.loop.post(Place::at_shard(closed.shard), [target, session](const gantry_call& call) {
          if (target.instance->running)
            target.table->session_closed(target.instance->self, &call, session);
        });
}

void Requests::hand_back_parked(const InstanceState& handler) {
  std::vector<gantry_token> parked;
  for (const auto& [token, open] : open_)
    if (open.handler == &handler && open.phase == Phase::parked) parked.push_back(token);
  for (const gantry_token token : parked) run(token, GANTRY_TIMED_OUT);
}

void Requests::refuse_open(const InstanceState& handler) {
  std::vector<gantry_token> open_ones;
  for (const auto& [token, open] : open_)
    if (open.handler == &handler) open_ones.push_back(token);
  for (const gantry_token token : open_ones) refuse(token, system_busy, "the module has stopped");
}

}  // namespace gantry::sdk::fake
