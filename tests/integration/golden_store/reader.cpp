// store_reader: a module that reads the node's log and indexes for a test, through the services and
// capabilities every module has. A request becomes a job on a worker, which may block, and is
// answered from there. Requests come one after another.
#include "reader.hpp"

#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cpp/capabilities.hpp"

namespace gantry::golden_store {
namespace {

using Fields = std::map<std::string, std::string, std::less<>>;

struct Answer {
  Fields fields;
  gantry_slice body{};
};

class Reader : public sdk::Module {
 public:
  explicit Reader(const gantry_host* host)
      : Module(host),
        timer_(host_.service<gantry_timer>(GANTRY_HOST_TIMER)),
        requests_(host_.service<gantry_requests>(GANTRY_HOST_REQUESTS)),
        capabilities_(host_.service<gantry_capabilities>(GANTRY_HOST_CAPABILITIES)),
        log_(host_.service<gantry_commitlog>(GANTRY_HOST_COMMITLOG)) {}

  gantry_status start(gantry_token) override {
    queue_index_ = bind(GANTRY_CAP_QUEUE_INDEX);
    key_index_ = bind(GANTRY_CAP_KEY_INDEX);
    return GANTRY_OK;
  }

  gantry_status handle(const gantry_call&, const gantry_request& request, gantry_token token,
                       uint32_t) {
    auto job = std::make_unique<Job>();
    job->reader = this;
    job->token = token;
    job->code = request.code;
    for (uint32_t i = 0; i < request.field_count; ++i) {
      const auto& [key, value] = request.fields[i];
      job->fields.emplace(sdk::view(key), sdk::view(value));
    }
    const gantry_status taken = timer_.work(host_.raw(), {&Job::run, job.get()});
    if (taken != GANTRY_OK) return taken;
    static_cast<void>(job.release());
    return GANTRY_PENDING;
  }
  void session_closed(const gantry_call&, gantry_session) {}

 private:
  struct Job {
    static void run(void* context, const gantry_call* call, gantry_status status, const void*) {
      const std::unique_ptr<Job> self(static_cast<Job*>(context));
      if (status == GANTRY_OK) self->reader->answer(*call, *self);
    }
    int64_t number(std::string_view name) const {
      const std::string& text = fields.find(name)->second;
      int64_t out = 0;
      std::from_chars(text.data(), text.data() + text.size(), out);
      return out;
    }
    gantry_str text(std::string_view name) const { return sdk::str(fields.find(name)->second); }
    int32_t queue() const { return static_cast<int32_t>(number("queue")); }

    Reader* reader;
    gantry_token token;
    int32_t code;
    Fields fields;
  };

  gantry_binding* bind(const char* id) {
    gantry_error error{};
    error.struct_size = sizeof error;
    gantry_binding* out = nullptr;
    if (capabilities_.bind(host_.raw(), id, sdk::str(""), &out, &error) != GANTRY_OK) {
      throw sdk::Refusal(error.code, error.text);
    }
    return out;
  }

  void answer(const gantry_call& call, const Job& job) {
    Answer answer;
    std::string remark;
    const gantry_status status = sdk::barrier(call.error, [&] {
      answer = look(call, job);
      return GANTRY_OK;
    });
    if (status != GANTRY_OK) remark = call.error->text;
    std::vector<gantry_property> fields;
    for (const auto& [key, value] : answer.fields) {
      fields.push_back({sdk::str(key), sdk::str(value)});
    }
    gantry_response response{};
    response.struct_size = sizeof response;
    response.code = status == GANTRY_OK ? 0 : 1;
    response.remark = sdk::str(remark);
    response.fields = fields.data();
    response.field_count = static_cast<uint32_t>(fields.size());
    response.body = &answer.body;
    response.body_count = answer.body.size > 0 ? 1 : 0;
    requests_.respond(host_.raw(), job.token, &response);
  }

  Answer look(const gantry_call& call, const Job& job) {
    switch (job.code) {
      case bounds_code: return bounds(call, job);
      case record_code: return record(call, job);
      case view_code: return {{}, read(job.number("offset"))};
      case find_code: return find(call, job);
      default: return at_time(call, job);
    }
  }

  static void require(gantry_status status, const char* what) {
    if (status == GANTRY_OK) return;
    throw sdk::Refusal(status, std::string(what) + ": status " + std::to_string(status));
  }

  Answer bounds(const gantry_call& call, const Job& job) {
    sdk::Lease<gantry_queue_index> index(capabilities_, queue_index_, &call);
    gantry_queue_bounds out{};
    require(index.end(index->bounds(index.self(), &call, job.text("topic"), job.queue(), &out)),
            "bounds");
    return {{{"min", std::to_string(out.min)}, {"max", std::to_string(out.max)}}, {}};
  }

  Answer record(const gantry_call& call, const Job& job) {
    sdk::Lease<gantry_queue_index> index(capabilities_, queue_index_, &call);
    gantry_index_entry entry{};
    uint32_t count = 0;
    require(index.end(index->read(index.self(), &call, job.text("topic"), job.queue(), 1,
                                  job.number("offset"), &entry, 1, &count)),
            "read");
    if (count == 0) throw sdk::Refusal(GANTRY_GONE, "the queue ends before it");
    Answer out;
    uint32_t slices = 1;
    uint32_t covered = 0;
    require(log_.read_entries(host_.raw(), &entry, 1, 1, &out.body, &slices, &covered),
            "read_entries");
    return out;
  }

  // The record at a place of the log; a place inside of a record is none.
  gantry_slice read(int64_t offset) {
    gantry_slice head{};
    require(log_.read(host_.raw(), offset, 4, 1, &head), "read");
    uint32_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | head.data[i];
    release(head);
    gantry_slice out{};
    require(log_.read(host_.raw(), offset, size, 1, &out), "read");
    gantry_message message{};
    message.struct_size = sizeof message;
    const gantry_status status =
        log_.decode(host_.raw(), {out.data, out.size}, GANTRY_DECODE_CHECK, &message);
    if (status == GANTRY_OK && message.log_offset == offset) return out;
    release(out);
    throw sdk::Refusal(GANTRY_INVALID, "no record begins there");
  }

  void release(const gantry_slice& slice) {
    host_.service<gantry_buffers>(GANTRY_HOST_BUFFERS).release(host_.raw(), slice.buffer);
  }

  Answer find(const gantry_call& call, const Job& job) {
    sdk::Lease<gantry_key_index> index(capabilities_, key_index_, &call);
    const gantry_key_query query{sizeof query,         GANTRY_KEY_KEY,      job.text("topic"),
                                 job.text("key"),      job.number("begin"), job.number("end")};
    std::vector<int64_t> offsets(static_cast<size_t>(job.number("most")));
    gantry_key_hits hits{};
    hits.struct_size = sizeof hits;
    hits.capacity = static_cast<uint32_t>(offsets.size());
    hits.log_offsets = offsets.data();
    require(index.end(index->find(index.self(), &call, &query, &hits)), "find");
    std::string text;
    for (uint32_t i = 0; i < hits.count; ++i) text += std::to_string(offsets[i]) + " ";
    return {{{"offsets", text},
             {"newest", std::to_string(hits.newest_log_offset)},
             {"newest_ms", std::to_string(hits.newest_ms)}},
            {}};
  }

  Answer at_time(const gantry_call& call, const Job& job) {
    sdk::Lease<gantry_queue_index> index(capabilities_, queue_index_, &call);
    int64_t offset = 0;
    require(index.end(index->at_time(index.self(), &call, job.text("topic"), job.queue(),
                                     job.number("upper") != 0, job.number("ms"), &offset)),
            "at_time");
    return {{{"offset", std::to_string(offset)}}, {}};
  }

  const gantry_timer& timer_;
  const gantry_requests& requests_;
  const gantry_capabilities& capabilities_;
  const gantry_commitlog& log_;
  gantry_binding* queue_index_ = nullptr;
  gantry_binding* key_index_ = nullptr;
};

constexpr gantry_route bounds_route = sdk::route(bounds_code, GANTRY_ACCESS_NONE);
constexpr gantry_route record_route = sdk::route(record_code, GANTRY_ACCESS_NONE);
constexpr gantry_route view_route = sdk::route(view_code, GANTRY_ACCESS_NONE);
constexpr gantry_route find_route = sdk::route(find_code, GANTRY_ACCESS_NONE);
constexpr gantry_route time_route = sdk::route(time_code, GANTRY_ACCESS_NONE);
constexpr const gantry_route* routes[] = {&bounds_route, &record_route, &view_route, &find_route,
                                          &time_route};
constexpr gantry_request_handler handler = sdk::request_handler<Reader>(routes);
constexpr gantry_offer handler_offer = sdk::offer(GANTRY_CAP_REQUEST_HANDLER, "", &handler);
constexpr const gantry_offer* offers[] = {&handler_offer};

constexpr gantry_need needs_timer = sdk::need(GANTRY_HOST_TIMER);
constexpr gantry_need needs_requests = sdk::need(GANTRY_HOST_REQUESTS);
constexpr gantry_need needs_commitlog = sdk::need(GANTRY_HOST_COMMITLOG);
constexpr gantry_need needs_queue_index = sdk::need(GANTRY_CAP_QUEUE_INDEX);
constexpr gantry_need needs_key_index = sdk::need(GANTRY_CAP_KEY_INDEX);
constexpr const gantry_need* needs[] = {&needs_timer, &needs_requests, &needs_commitlog,
                                        &needs_queue_index, &needs_key_index};

constexpr gantry_module module =
    sdk::module<Reader>({.name = "store_reader", .offers = offers, .needs = needs});
constexpr const gantry_module* modules[] = {&module};

}  // namespace
}  // namespace gantry::golden_store

extern "C" const gantry_plugin gantry_plugin_v1 =
    gantry::sdk::plugin("org.gantry.store_reader", "0.1", gantry::golden_store::modules);
