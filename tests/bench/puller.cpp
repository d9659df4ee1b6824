#include "puller.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/endian.hpp"
#include "wire/byte_sink.hpp"
#include "wire/encode.hpp"

namespace gantry::bench {
namespace {

constexpr int answer_ms_max = 30'000;
constexpr int32_t java_version = 513;
constexpr std::string_view group = "bench_consumer";

}  // namespace

int32_t Puller::request(int32_t code, const Fields& fields, std::string_view body) {
  std::vector<Field> views;
  views.reserve(fields.size());
  for (const auto& [key, value] : fields) views.push_back({Text(key), Text(value)});
  wire::Header header;
  header.code = code;
  header.version = java_version;
  header.opaque = ++number_;
  header.fields = views;
  header.has_fields = true;
  wire::ByteSink head;
  // These headers are small and of plain text: nothing can be wrong with them.
  static_cast<void>(wire::encode_head(wire::Serialize::json, header, body.size(), head));
  if (sent_ == out_.size()) {
    out_.clear();
    sent_ = 0;
  }
  out_.insert(out_.end(), head.bytes().begin(), head.bytes().end());
  out_.insert(out_.end(), body.begin(), body.end());
  return number_;
}

int32_t Puller::pull(const PullRequest& pull) {
  const std::string queue = std::to_string(pull.queue_id);
  const std::string offset = std::to_string(pull.offset);
  const std::string hold = std::to_string(pull.hold_ms);
  return request(11,
                 {{"consumerGroup", group},
                  {"topic", pull.topic},
                  {"queueId", queue},
                  {"queueOffset", offset},
                  {"maxMsgNums", "32"},
                  {"sysFlag", pull.hold_ms > 0 ? "6" : "4"},
                  {"commitOffset", "0"},
                  {"suspendTimeoutMillis", hold},
                  {"subscription", pull.expression},
                  {"subVersion", "0"},
                  {"expressionType", pull.type}},
                 {});
}

int32_t Puller::send(const SendRequest& send) {
  const std::string queue = std::to_string(send.queue_id);
  std::string body(std::max<uint32_t>(send.body_bytes, sizeof send.stamp), 'x');
  std::memcpy(body.data(), &send.stamp, sizeof send.stamp);
  return request(310,
                 {{"a", "bench_producer"},
                  {"b", send.topic},
                  {"c", "TBW102"},
                  {"d", "8"},
                  {"e", queue},
                  {"f", "0"},
                  {"g", "1732470000123"},
                  {"h", "0"},
                  {"i", send.properties},
                  {"j", "0"},
                  {"k", "false"},
                  {"m", "false"}},
                 body);
}

int32_t Puller::max_offset(std::string_view topic) {
  return request(30, {{"topic", topic}, {"queueId", "0"}}, {});
}

int32_t Puller::create_topic(std::string_view topic, int32_t queues) {
  const std::string count = std::to_string(queues);
  return request(17,
                 {{"topic", topic},
                  {"defaultTopic", "TBW102"},
                  {"readQueueNums", count},
                  {"writeQueueNums", count},
                  {"perm", "6"},
                  {"topicFilterType", "SINGLE_TAG"},
                  {"topicSysFlag", "0"},
                  {"order", "false"}},
                 {});
}

Outcome<void> Puller::write() {
  while (sent_ < out_.size()) {
    const ssize_t put =
        ::send(descriptor(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EAGAIN) break;
    if (put < 0) return fail(fmt::format("send: {}", std::strerror(errno)));
    sent_ += static_cast<size_t>(put);
  }
  return boost::system::in_place_value;
}

Outcome<void> Puller::read(const Each& each) {
  std::array<uint8_t, 256 << 10> chunk;
  const ssize_t got = ::recv(descriptor(), chunk.data(), chunk.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return boost::system::in_place_value;
  if (got <= 0) return fail("the server ended the connection");
  in_.insert(in_.end(), chunk.begin(), chunk.begin() + got);
  size_t taken = 0;
  Outcome<void> good = boost::system::in_place_value;
  while (good) {
    const wire::NextFrame next =
        wire::next_frame(Bytes(in_).subspan(taken), wire::frame_bytes_max_default);
    if (next.status == wire::FrameStatus::malformed) return fail(next.error.message());
    if (next.status == wire::FrameStatus::incomplete) break;
    wire::HeaderScratch scratch;
    wire::Header header;
    if (const ErrorCode error = wire::decode_header(next.frame, scratch, header)) {
      return fail(error.message());
    }
    taken += next.frame.size;
    if (!wire::is_response(header)) continue;  // a notice
    PullAnswer answer{header.opaque, header.code, 0, next.frame.body};
    if (const auto offset = wire::find(header.fields, "nextBeginOffset")) {
      const std::string_view digits = offset->view();
      std::from_chars(digits.data(), digits.data() + digits.size(), answer.next_offset);
    }
    good = each(answer);
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(taken));
  return good;
}

Outcome<void> Puller::wait(const Each& each) {
  pollfd ready{descriptor(), POLLIN, 0};
  if (blocked()) ready.events |= POLLOUT;
  if (::poll(&ready, 1, answer_ms_max) == 0) return fail("no answer within 30 s");
  if (auto written = write(); !written) return written;
  return (ready.revents & ~POLLOUT) != 0 ? read(each) : boost::system::in_place_value;
}

Outcome<void> Puller::settle(int32_t number, int32_t other_code) {
  bool done = false;
  while (!done) {
    const auto waited = wait([&](const PullAnswer& answer) -> Outcome<void> {
      if (answer.number != number) return boost::system::in_place_value;
      done = true;
      if (answer.code == 0 || answer.code == other_code) return boost::system::in_place_value;
      return fail(fmt::format("request {} was answered {}", number, answer.code));
    });
    if (!waited) return waited;
  }
  return boost::system::in_place_value;
}

// Records with IPv4 hosts, as a node on loopback writes them.
uint32_t each_stamp(Bytes records, const std::function<void(uint64_t stamp)>& each) {
  constexpr size_t body_at = 88;
  uint32_t count = 0;
  while (records.size() >= body_at + sizeof(uint64_t)) {
    uint64_t stamp = 0;
    std::memcpy(&stamp, records.data() + body_at, sizeof stamp);
    each(stamp);
    ++count;
    const auto size = load_be<uint32_t>(records.data());
    if (size < body_at || size > records.size()) break;
    records = records.subspan(size);
  }
  return count;
}

}  // namespace gantry::bench
