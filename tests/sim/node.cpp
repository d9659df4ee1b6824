#include "node.hpp"

#include <algorithm>

#include "store_index.hpp"
#include "workload.hpp"

namespace gantry::sim {
namespace {

using commitlog::Mark;
using commitlog::mark_bit;

constexpr uint8_t host[] = {127, 0, 0, 1, 0, 0, 0x2A, 0x9F};

commitlog::Options log_options(const NodeOptions& options, const Clock& clock,
                               commitlog::FileSystem& file_system) {
  commitlog::Options out;
  out.data_dir = "/data";
  out.segment_bytes = options.segment_bytes;
  out.flush = options.flush;
  out.warm_ahead_bytes = options.warm_ahead_bytes;
  out.visible_after = options.visible_after;
  out.clock = &clock;
  out.file_system = &file_system;
  return out;
}

// The checker's own reads: the disk fails none of them.
class Reliably {
 public:
  explicit Reliably(testing::LyingDisk& disk) : disk_(disk) { disk_.hide_read_faults(true); }
  Reliably(const Reliably&) = delete;
  Reliably& operator=(const Reliably&) = delete;
  ~Reliably() { disk_.hide_read_faults(false); }

 private:
  testing::LyingDisk& disk_;
};

}  // namespace

Node::Node(const NodeOptions& options, const Outside& outside)
    : options_(options),
      outside_(outside),
      clock_(options.now_ms),
      file_system_(outside.disk),
      index_(make_index()),
      delay_(&file_system_, "/data/delay"),
      runtime_({}, clock_) {}

std::unique_ptr<Index> Node::make_index() const {
  if (options_.store_file)
    return std::make_unique<StoreIndex>(outside_.disk, options_.faults.drops_spans);
  return std::make_unique<PlainIndex>(outside_.ledger);
}

Outcome<void> Node::stop() {
  persist();
  index_->stop();
  return log_->stop();
}

Outcome<void> Node::start() {
  auto opened = commitlog::CommitLog::open(log_options(options_, clock_, file_system_));
  if (!opened) return opened.error();
  log_ = std::move(*opened);
  {
    const Reliably reading(outside_.disk);
    outside_.ledger.check_after_start(*log_);
  }
  if (options_.replicated) log_->claim_replicated();
  log_->set_number_source({[](void* at, Text topic, int32_t queue_id, QueueOffset& next) {
                             auto& node = *static_cast<Node*>(at);
                             const QueueName queue(topic.view(), queue_id);
                             next = QueueOffset(node.index_->bounds(queue).second);
                             if (node.options_.faults.misnumbers_further && is_further(queue))
                               next = QueueOffset(next.value + 1);
                             return ErrorCode{};
                           },
                           this});
  if (auto started = index_->start(); !started) return started;
  if (auto loaded = delay_.load(); !loaded) return loaded;
  index_persisted_ = index_->position().value();
  dispatch::RecordDispatcher dispatcher(runtime_, *log_, *this, {});
  dispatcher.add(*index_);
  dispatcher.add(delay_);
  if (auto replayed = dispatcher.replay(); !replayed) return replayed;
  indexed_ = delayed_ = log_->mark(Mark::visible).value;
  check_consumers();
  return boost::system::in_place_value;
}

void Node::consumer_failed(const std::string& reason) {
  outside_.findings.note(&Findings::index_errors, "a consumer failed: {}", reason);
}

void Node::note_failure(const ErrorCode& error) {
  if (error == commitlog::Errc::store_failed ||
      (error == commitlog::Errc::gate_closed && !follows()))
    failed_ = true;
}

void Node::flush() {
  note_failure(log_->flush_now());
}
void Node::prepare() {
  note_failure(log_->prepare_now());
}

void Node::consume(Consumer& consumer, int64_t& position) {
  std::vector<commitlog::RecordView> views(16);
  while (position < log_->mark(Mark::visible).value && !outside_.disk.off()) {
    commitlog::RecordRun run;
    const uint64_t faults = outside_.disk.read_faults();
    if (ErrorCode error = log_->next_records(LogOffset(position), {}, views, run)) {
      failed_ = true;  // a node ends
      if (outside_.disk.read_faults() > faults) return;
      return outside_.findings.note(&Findings::lost, "the log cannot be read at {}: {}", position,
                                    error.message());
    }
    if (run.count == 0) return;
    arena_.reset();
    dispatch::CallError error;
    dispatch::Call call{0, clock_.now_ms(), clock_.now_ns(), 0, arena_, error};
    std::span<const commitlog::RecordView> rest(views.data(), run.count);
    while (!rest.empty()) {
      uint32_t consumed = 0;
      if (consumer.consume(call, rest, consumed) != dispatch::Status::ok)
        return outside_.findings.note(&Findings::index_errors, "{} cannot consume at {}: {}",
                                      consumer.name(), position, error.text);
      rest = rest.subspan(consumed);
    }
    position = run.next.value;
  }
}

void Node::drain() {
  consume(*index_, indexed_);
  consume(delay_, delayed_);
}

void Node::persist() {
  const Mark mark = options_.faults.persists_beyond_stable ? Mark::visible : Mark::stable;
  const int64_t stable = log_->mark(mark).value;
  for (dispatch::LogConsumer* consumer :
       {static_cast<Consumer*>(index_.get()), static_cast<Consumer*>(&delay_)}) {
    arena_.reset();
    dispatch::CallError error;
    dispatch::Call call{0, clock_.now_ms(), clock_.now_ns(), 0, arena_, error};
    int64_t persisted = 0;
    const auto status = consumer->persist(call, stable, persisted);
    if (status == dispatch::Status::ok && consumer == index_.get()) index_persisted_ = persisted;
    if (status == dispatch::Status::ok && persisted > stable)
      outside_.findings.note(&Findings::index_errors, "{} persisted {} beyond {}", consumer->name(),
                             persisted, stable);
  }
}

void Node::derive(size_t count) {
  testing::Rng rng(static_cast<uint64_t>(log_->mark(Mark::appended).value));
  delay_.derive(count, [&](int64_t cause) {
    const QueueName queue(derived_topic, static_cast<int32_t>(rng.below(2)));
    return !append({.queue = queue, .cause = cause}, rng);
  });
}

uint64_t Node::room() const {
  const auto end = static_cast<uint64_t>(log_->mark(Mark::appended).value);
  return options_.segment_bytes - end % options_.segment_bytes;
}

ErrorCode Node::append(const Send& send, testing::Rng& rng) {
  std::string properties = "K\x01v\x02";
  if (send.cause >= 0) properties += property(cause_property, send.cause);
  const bool batch = send.span > 1 || send.queue.first == batch_topic;
  if (batch) properties += property(span_property, send.span) + property("INNER_NUM", send.span);
  std::vector<Text> streams;
  std::string names;
  for (uint32_t i = 0; i < send.further; i++) {
    streams.emplace_back(further_queues[i]);
    names += fmt::format("{}{}", i == 0 ? "" : ",", further_queues[i]);
  }
  if (!names.empty()) properties += fmt::format("INNER_MULTI_DISPATCH\x01{}\x02", names);
  const uint64_t overhead = commitlog::record_bytes_min + (send.queue.first.size() > 127 ? 1 : 0) +
                            send.queue.first.size() + properties.size();
  std::vector<Written> written(send.count);
  std::vector<commitlog::RecordDraft> drafts(send.count);
  for (uint32_t i = 0; i < send.count; i++) {
    Written& record = written[i];
    record.serial = outside_.ledger.next_serial();
    record.queue = send.queue;
    record.span = send.span;
    record.numbered = !send.prepared;
    record.cause = send.cause;
    record.body = draw_body(rng, record.serial, overhead, room());
    if (send.body_bytes > 0) record.body.resize(send.body_bytes, '=');
    if (send.count > 1) record.body.resize(std::min<size_t>(record.body.size(), 8000));
    commitlog::RecordDraft& draft = drafts[i];
    draft.topic = std::string_view(send.queue.first);
    draft.queue_id = send.queue.second;
    draft.body = {reinterpret_cast<const uint8_t*>(record.body.data()), record.body.size()};
    draft.property_text = std::string_view(properties);
    draft.sys_flag =
        (send.prepared ? transaction_prepared : 0) | (batch ? commitlog::sys_flag_inner_batch : 0);
    draft.born_ms = clock_.now_ms();
    draft.born_host = draft.store_host = host;
  }
  std::vector<LogOffset> places(send.count);
  commitlog::PutResult result;
  result.log_offsets = places;
  commitlog::Put put;
  put.records = drafts;
  put.number = send.prepared ? commitlog::PutNumber::none : commitlog::PutNumber::dense;
  put.span = send.span;
  put.streams = streams;
  if (ErrorCode error = log_->append(put, result)) {
    note_failure(error);
    return error;
  }
  for (uint32_t i = 0; i < send.count; i++) {
    Written& record = written[i];
    record.begin = places[i].value;
    record.end = i + 1 < send.count ? places[i + 1].value : result.log_end.value;
    record.number = send.prepared ? 0 : result.first_queue_offset.value + i * send.span;
    record.stored_ms = result.stored_ms;
    for (uint32_t n = 0; n < send.further; n++) {
      const QueueName further(further_queues[n], 0);
      record.further.emplace_back(further, outside_.ledger.next_number(further));
    }
    wrote(std::move(record));
  }
  return {};
}

void Node::wrote(Written record) {
  acks_.push_back({this, record.begin, record.end});
  const LogOffset end(record.end);
  outside_.ledger.wrote(std::move(record));
  uint32_t marks = mark_bit(Mark::written) | mark_bit(Mark::durable);
  if (options_.replicated) marks |= mark_bit(Mark::replicated);
  log_->await(end, marks,
              {[](void* at, ErrorCode error) {
                 const auto& ack = *static_cast<Ack*>(at);
                 if (!error) ack.node->acknowledge(ack);
               },
               &acks_.back()});
}

// The client has its answer. What a machine without power answers reaches nobody.
void Node::acknowledge(const Ack& ack) {
  if (outside_.disk.off()) return;
  const Reliably reading(outside_.disk);
  outside_.ledger.promise(ack.begin, *log_);
  const auto size = static_cast<int64_t>(options_.segment_bytes);
  const std::string path = fmt::format("/data/commitlog/{:020}", ack.begin / size * size);
  const auto at = static_cast<uint64_t>(ack.begin % size);
  if (options_.look_at_device &&
      !outside_.disk.holds(path, at, static_cast<uint64_t>(ack.end - ack.begin)))
    outside_.findings.note(&Findings::lost, "record {} is acknowledged and not on the device",
                           ack.begin);
}

void Node::note_visible() {
  if (!outside_.disk.off()) outside_.ledger.visible(log_->mark(Mark::visible).value);
}

bool Node::idle() const {
  const LogOffset end = log_->mark(Mark::appended);
  return log_->mark(Mark::durable) == end && delay_.pending().empty() && indexed_ == delayed_ &&
         indexed_ == end.value;
}

void Node::check_consumers() {
  Findings& findings = outside_.findings;
  std::map<QueueName, std::vector<commitlog::IndexEntry>> expected;
  std::map<QueueName, int64_t> ends;
  for (const auto& [begin, record] : outside_.ledger.records()) {
    if (begin >= indexed_ || !record.numbered) continue;
    expected[record.queue].push_back({begin, 0, static_cast<int32_t>(record.end - begin)});
    ends[record.queue] = record.number + record.span;
    for (const auto& [queue, number] : record.further) {
      expected[queue].push_back({begin, 0, static_cast<int32_t>(record.end - begin)});
      ends[queue] = number + 1;
    }
  }
  for (const auto& [queue, entries] : expected) {
    std::vector<commitlog::IndexEntry> found;
    const uint64_t chance = outside_.disk.fail_calls(0);
    const uint64_t faults = outside_.disk.read_faults();
    std::string error = index_->read(queue, found);
    if (!error.empty() && outside_.disk.read_faults() > faults) {
      // It has said that it failed. Else what it said must be right.
      const Reliably reading(outside_.disk);
      error = index_->read(queue, found);
    }
    outside_.disk.fail_calls(chance);
    if (outside_.disk.off()) return;
    const int64_t trimmed_below = outside_.ledger.begin();
    std::erase_if(found, [&](const auto& entry) { return entry.log_offset < trimmed_below; });
    const auto bounds = index_->bounds(queue);
    const auto same = [](const auto& a, const auto& b) {
      return a.log_offset == b.log_offset && a.size == b.size;
    };
    if (!error.empty() || bounds.second != ends[queue] || !std::ranges::equal(entries, found, same))
      findings.note(&Findings::index_errors,
                    "queue {}/{}: {} entries up to {} in the index, {} up to {} in the log {}",
                    queue.first, queue.second, found.size(), bounds.second, entries.size(),
                    ends[queue], error);
  }
  const Reliably reading(outside_.disk);
  Delay replayed(nullptr, {});
  int64_t position = log_->begin().value;
  consume(replayed, position);
  if (delayed_ == position && replayed.pending() != delay_.pending())
    findings.note(&Findings::index_errors,
                  "the deriving consumer has {} causes pending, a replay {}",
                  delay_.pending().size(), replayed.pending().size());
}

void Node::check_derived() {
  std::map<int64_t, int> derived;
  for (const auto& [begin, record] : outside_.ledger.records())
    if (record.cause >= 0) derived[record.cause]++;
  for (const auto& [begin, record] : outside_.ledger.records()) {
    if (record.queue.first != delay_topic || !record.numbered) continue;
    const auto at = derived.find(begin);
    const int count = at == derived.end() ? 0 : at->second;
    if (count == 0)
      outside_.findings.note(&Findings::lost, "nothing was derived from record {}", begin);
    if (count > 1)
      outside_.findings.note(&Findings::index_errors, "{} records were derived from {}", count,
                             begin);
    if (at != derived.end()) derived.erase(at);
  }
  for (const auto& [cause, count] : derived)
    if (cause >= outside_.ledger.begin())
      outside_.findings.note(&Findings::index_errors,
                             "a record was derived from {}, which isn't one", cause);
}

}  // namespace gantry::sim
